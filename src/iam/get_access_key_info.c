/*
 * sts:GetAccessKeyInfo: whose is an access key? The service reads the account out of the id; ids
 * here hold none, so it is told of the keys that the directory has.
 */

#include "iam/action.h"
#include "iam/directory.h"
#include "query/parameters.h"

struct input {
    struct slice access_key_id;
};

static const struct query_member members[] = {
    QUERY_TEXT_MEMBER(struct input, access_key_id, "AccessKeyId", QUERY_REQUIRED, 16, 128,
                      &query_pattern_word),
};

const struct error *iam_get_access_key_info(struct iam_call *call)
{
    struct input input = {.access_key_id = SLICE_ABSENT};
    struct query_reader reader;
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), &input);
    const struct error *error = query_reader_end(&reader);
    if (error != NULL)
        return error;
    if (!iam_directory_knows_key(call->iam->directory, input.access_key_id))
        return error_make(call->arena, ERROR_QUERY_VALIDATION, "Invalid Access Key ID: %.*s",
                          SLICE_PRINT(input.access_key_id));
    xml_text(call->out, "Account", call->iam->account);
    return NULL;
}
