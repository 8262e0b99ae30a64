/*
 * sts:DecodeAuthorizationMessage: what a service has said about a refusal in encoded form. Only
 * certain actions of certain services say it so (STS API reference, "DecodeAuthorizationMessage");
 * those of DynamoDB, IAM and STS say it in words. So no message can be one of ours: who may ask is
 * told that, as for every message that the service did not encode itself.
 */

#include "iam/action.h"
#include "query/parameters.h"

struct input {
    struct slice encoded_message;
};

static const struct query_member members[] = {
    QUERY_TEXT_MEMBER(struct input, encoded_message, "EncodedMessage", QUERY_REQUIRED, 1, 10240,
                      NULL),
};

const struct error *iam_decode_authorization_message(struct iam_call *call)
{
    struct input input = {.encoded_message = SLICE_ABSENT};
    struct query_reader reader;
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), &input);
    const struct error *error = query_reader_end(&reader);
    /* The words are not settled. */
    return error != NULL ? error
                         : error_make(call->arena, ERROR_INVALID_AUTHORIZATION_MESSAGE,
                                      "Message is not valid");
}
