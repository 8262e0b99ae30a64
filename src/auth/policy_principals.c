#include "auth/policy_principals.h"

#include "json/json_reader.h"
#include "json/json_writer.h"

enum { DOCUMENT_DEPTH_MAX = 64, DOCUMENT_BYTES_MAX = 1024 * 1024 };

struct renaming {
    struct json_reader reader;
    auth_rename_principal *rename;
    void *context;
    const struct error *error;
    struct slice json;
    struct buf out;
    size_t copied; /* of json */
};

/* The string that begins at or behind `begin` and ends where the reader is becomes the name. */
static void put_name(struct renaming *renaming, const uint8_t *begin, struct slice name)
{
    struct json_writer writer;
    begin = memchr(begin, '"', (size_t)(renaming->reader.at - begin));
    size_t offset = (size_t)(begin - renaming->json.data);
    buf_append(&renaming->out,
               slice_of(renaming->json.data + renaming->copied, offset - renaming->copied));
    json_writer_init(&writer, &renaming->out);
    json_string(&writer, name);
    renaming->copied = (size_t)(renaming->reader.at - renaming->json.data);
}

static void take_text(struct renaming *renaming)
{
    if (json_peek(&renaming->reader) != JSON_STRING) {
        json_skip(&renaming->reader);
        return;
    }
    const uint8_t *begin = renaming->reader.at;
    struct slice written = json_read_string(&renaming->reader);
    if (renaming->error != NULL || !slice_present(written))
        return;
    struct slice name = written;
    renaming->error = renaming->rename(renaming->context, &name);
    if (renaming->error == NULL && !slice_equal(name, written))
        put_name(renaming, begin, name);
}

/* One, or an array of them. */
static void take_each(struct renaming *renaming, void (*take)(struct renaming *))
{
    if (json_peek(&renaming->reader) != JSON_ARRAY) {
        take(renaming);
        return;
    }
    json_enter_array(&renaming->reader);
    while (json_next_element(&renaming->reader))
        take(renaming);
}

static void take_texts(struct renaming *renaming)
{
    take_each(renaming, take_text);
}

/* Members of either name are taken, others are passed over. */
static void take_members(struct renaming *renaming, struct slice one, struct slice other,
                         void (*take)(struct renaming *))
{
    struct slice name;
    if (json_peek(&renaming->reader) != JSON_OBJECT) {
        json_skip(&renaming->reader);
        return;
    }
    json_enter_object(&renaming->reader);
    while (json_next_member(&renaming->reader, &name)) {
        if (slice_equal(name, one) || slice_equal(name, other))
            take(renaming);
        else
            json_skip(&renaming->reader);
    }
}

static void take_principal(struct renaming *renaming)
{
    take_members(renaming, SLICE("AWS"), SLICE("AWS"), take_texts);
}

static void take_statement(struct renaming *renaming)
{
    take_members(renaming, SLICE("Principal"), SLICE("NotPrincipal"), take_principal);
}

static void take_statements(struct renaming *renaming)
{
    take_each(renaming, take_statement);
}

const struct error *auth_policy_rename(struct arena *arena, struct slice json,
                                       auth_rename_principal *rename, void *context,
                                       struct slice *ret_json)
{
    struct renaming renaming = {.rename = rename, .context = context, .json = json};
    bool is_json = json_check(json, DOCUMENT_DEPTH_MAX);
    if (is_json) {
        buf_init(&renaming.out, arena, DOCUMENT_BYTES_MAX);
        json_reader_init(&renaming.reader, json, arena);
        take_members(&renaming, SLICE("Statement"), SLICE("Statement"), take_statements);
    }
    if (renaming.error != NULL)
        return renaming.error;
    bool is_renamed = renaming.copied > 0;
    if (is_renamed)
        buf_append(&renaming.out, slice_after(json, renaming.copied));
    if (is_json && (renaming.reader.exhausted || renaming.out.failed))
        return error_exhausted();
    *ret_json = is_renamed ? buf_slice(&renaming.out) : json;
    return NULL;
}
