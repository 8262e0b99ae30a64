#include "iam/input.h"

/* --- patterns of the service model that only IAM has --- */

static bool is_path(struct slice text)
{
    if (text.size == 0 || text.data[0] != '/' || text.data[text.size - 1] != '/' || text.size == 2)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x21 || text.data[i] > 0x7e)
            return false;
    }
    return true;
}

static bool is_name_character(uint8_t byte)
{
    uint8_t letter = byte | 0x20;
    return (byte >= '0' && byte <= '9') || (letter >= 'a' && letter <= 'z') ||
           (byte != 0 && strchr(".,+@=_-", byte) != NULL);
}

/* ((/[A-Za-z0-9\.,\+@=_-]+)*)/ */
static bool is_policy_path(struct slice text)
{
    if (text.size == 0 || text.data[0] != '/' || text.data[text.size - 1] != '/')
        return false;
    for (size_t i = 1; i < text.size; i++) {
        bool is_slash = text.data[i] == '/';
        if (is_slash ? text.data[i - 1] == '/' : !is_name_character(text.data[i]))
            return false;
    }
    return true;
}

static bool is_path_prefix(struct slice text)
{
    if (text.size == 0 || text.data[0] != '/')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x21 || text.data[i] > 0x7f)
            return false;
    }
    return true;
}

/* v[1-9][0-9]*(\.[A-Za-z0-9-]*)? */
static bool is_version(struct slice text)
{
    size_t at = 1;
    if (text.size < 2 || text.data[0] != 'v' || text.data[1] == '0')
        return false;
    while (at < text.size && text.data[at] >= '0' && text.data[at] <= '9')
        at++;
    if (at == 1)
        return false;
    if (at < text.size && text.data[at] != '.')
        return false;
    for (at++; at < text.size; at++) {
        uint8_t byte = text.data[at];
        uint8_t letter = byte | 0x20;
        if (!(byte >= '0' && byte <= '9') && !(letter >= 'a' && letter <= 'z') && byte != '-')
            return false;
    }
    return true;
}

static bool accepts_description(uint32_t character)
{
    return character == '\t' || character == '\n' || character == '\r' ||
           (character >= 0x20 && character <= 0x7e) || (character >= 0xa1 && character <= 0xff);
}

const struct query_pattern iam_pattern_path = {"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)", NULL,
                                               is_path};
const struct query_pattern iam_pattern_policy_path = {"((/[A-Za-z0-9\\.,\\+@=_-]+)*)/", NULL,
                                                      is_policy_path};
const struct query_pattern iam_pattern_path_prefix = {"\\u002F[\\u0021-\\u007F]*", NULL,
                                                      is_path_prefix};
const struct query_pattern iam_pattern_version = {"v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?", NULL,
                                                  is_version};
const struct query_pattern iam_pattern_description = {
    "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*", accepts_description, NULL};

/* --- reading --- */

static const struct query_member tag_members[] = {
    QUERY_TEXT_MEMBER(struct auth_tag, key, "Key", QUERY_REQUIRED, 1, 128, &query_pattern_tag),
    QUERY_TEXT_MEMBER(struct auth_tag, value, "Value", QUERY_REQUIRED, 0, 256, &query_pattern_tag),
};
static const struct query_member tag_key = QUERY_TEXT_MEMBER(
    struct iam_input, name, "TagKeys", QUERY_REQUIRED, 1, 128, &query_pattern_tag);
static const struct query_member client_id =
    QUERY_TEXT_MEMBER(struct iam_input, name, "ClientIDList", QUERY_REQUIRED, 1, 255, NULL);
static const struct query_member thumbprint =
    QUERY_TEXT_MEMBER(struct iam_input, name, "ThumbprintList", QUERY_REQUIRED, 40, 40, NULL);

enum { PROVIDER_TEXTS_READ_MAX = 200 }; /* more than the quotas: those have words of their own */

static void read_lists(struct query_reader *reader, unsigned takes, struct iam_input *input)
{
    if ((takes & IAM_TAKES_TAGS) != 0)
        input->tags =
            query_read_list(reader, QUERY_TOP, "Tags", IAM_TAGS_MAX, tag_members,
                            COUNT_OF(tag_members), sizeof(struct auth_tag), &input->tag_count);
    if ((takes & IAM_TAKES_TAG_KEYS) != 0)
        input->tag_keys =
            query_read_texts(reader, QUERY_TOP, &tag_key, IAM_TAGS_MAX, &input->tag_key_count);
    if ((takes & IAM_TAKES_CLIENT_IDS) != 0)
        input->client_ids = query_read_texts(reader, QUERY_TOP, &client_id, PROVIDER_TEXTS_READ_MAX,
                                             &input->client_id_count);
    if ((takes & IAM_TAKES_THUMBPRINTS) != 0)
        input->thumbprints = query_read_texts(reader, QUERY_TOP, &thumbprint,
                                              PROVIDER_TEXTS_READ_MAX, &input->thumbprint_count);
}

const struct error *iam_input_read(const struct iam_call *call, const struct query_member *members,
                                   size_t count, unsigned takes, struct iam_input *input)
{
    struct query_reader reader;
    *input = (struct iam_input){.max_items = IAM_MAX_ITEMS_DEFAULT};
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, count, input);
    read_lists(&reader, takes, input);
    return query_reader_end(&reader);
}
