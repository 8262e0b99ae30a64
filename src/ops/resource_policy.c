#include "ops/resource_policy.h"

#include "ops/stream_name.h"
#include "ops/validation_error.h"

#define WORDS_INVALID "One or more parameter values were invalid: "
#define WORDS_NOT_FOUND "Resource-based policy not found for the provided ResourceArn: "

enum { REVISION_BYTES_MAX = 32 };

/* --- resources --- */

/* Takes what stands before the colon. */
static struct slice take_field(struct slice *at)
{
    const uint8_t *end = memchr(at->data, ':', at->size);
    struct slice field = end == NULL ? *at : slice_of(at->data, (size_t)(end - at->data));
    *at = slice_after(*at, end == NULL ? at->size : field.size + 1);
    return field;
}

/* What follows the name of the table: a stream, or something that has no policy of its own. */
static const struct error *read_below(const struct op_call *call, struct slice arn,
                                      struct slice below, struct slice *ret_label)
{
    if (slice_starts_with(below, SLICE("stream/"))) {
        *ret_label = slice_after(below, 7);
        return NULL;
    }
    if (slice_starts_with(below, SLICE("index/")))
        return op_validation_error(call,
                                   WORDS_INVALID "Invalid resource arn provided, only table or "
                                                 "stream is accepted. Provided resource arn: %.*s",
                                   SLICE_PRINT(arn));
    return op_validation_error(
        call, WORDS_INVALID "Provided Arn is not a DynamoDB resource arn: %.*s", SLICE_PRINT(arn));
}

const struct error *op_policy_resource_read(const struct op_call *call, struct slice arn,
                                            struct op_policy_resource *ret_resource)
{
    if (!slice_starts_with(arn, SLICE("arn:")))
        return op_validation_error(call, WORDS_INVALID "ARNs must start with 'arn:': %.*s",
                                   SLICE_PRINT(arn));
    struct slice rest = slice_after(arn, 4);
    struct slice partition = take_field(&rest);
    struct slice service = take_field(&rest);
    struct slice region = take_field(&rest);
    struct slice account = take_field(&rest);
    if (!slice_equal(service, SLICE("dynamodb")) || !slice_starts_with(rest, SLICE("table/")))
        return op_validation_error(
            call, WORDS_INVALID "Provided Arn is not a DynamoDB resource arn: %.*s",
            SLICE_PRINT(arn));
    if (!slice_equal(account, call->environment->account))
        return op_validation_error(call, "This action is only supported by accounts that match "
                                         "the resource owner\xe2\x80\x99s account.");
    if (!slice_equal(partition, SLICE("aws")) || !slice_equal(region, call->region))
        return op_validation_error(call, WORDS_INVALID "Invalid resource Arn: %.*s",
                                   SLICE_PRINT(arn));
    struct slice name = slice_after(rest, 6);
    struct op_policy_resource resource = {.table = {arn, account, region, name},
                                          .stream_label = SLICE_ABSENT};
    const uint8_t *slash = memchr(name.data, '/', name.size);
    const struct error *error = NULL;
    if (slash != NULL) {
        resource.table.name.size = (size_t)(slash - name.data);
        error = read_below(call, arn, slice_after(name, resource.table.name.size + 1),
                           &resource.stream_label);
    }
    if (error == NULL)
        *ret_resource = resource;
    return error;
}

static const struct error *find_stream(const struct op_call *call,
                                       const struct op_policy_resource *resource)
{
    struct db_stream *stream = NULL;
    if (resource->stream_label.size == DB_STREAM_LABEL_BYTES)
        stream =
            db_stream_acquire(call->environment->db, resource->table.account,
                              resource->table.region, resource->table.name, resource->stream_label);
    if (stream == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                          "Requested resource not found: Stream: %.*s not found for Table: %.*s",
                          SLICE_PRINT(resource->stream_label), SLICE_PRINT(resource->table.name));
    db_stream_release(stream);
    return NULL;
}

static const struct error *table_not_found(const struct op_call *call, struct slice name)
{
    return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                      "Requested resource not found: Table: %.*s not found", SLICE_PRINT(name));
}

/* A table that is being created is not there yet, and a stream outlives its table (observed). */
const struct error *op_policy_resource_find(const struct op_call *call,
                                            const struct op_policy_resource *resource,
                                            const struct db_table **ret_table)
{
    const struct op_table_name *name = &resource->table;
    bool is_stream = slice_present(resource->stream_label);
    if (is_stream) {
        const struct error *error = find_stream(call, resource);
        if (error != NULL)
            return error;
    }
    const struct db_table *table = db_table_acquire(call->environment->db, name->account,
                                                    name->region, name->name, call->now_ms);
    bool is_usable = table != NULL && table->status != DB_STATUS_CREATING;
    bool is_newest =
        !is_stream || (is_usable && slice_equal(table->stream_label, resource->stream_label));
    if (table != NULL && (!is_usable || !is_newest)) {
        op_table_release(call, table);
        table = NULL;
    }
    if (table == NULL && !is_stream)
        return table_not_found(call, name->name);
    *ret_table = table;
    return NULL;
}

/* --- policies --- */

struct op_policy op_policy_of(const struct db_table *table,
                              const struct op_policy_resource *resource)
{
    if (slice_present(resource->stream_label))
        return (struct op_policy){table->stream_policy, table->stream_policy_revision_ms};
    return (struct op_policy){table->policy, table->policy_revision_ms};
}

void op_policy_set(struct db_table *table, const struct op_policy_resource *resource,
                   struct op_policy policy)
{
    if (slice_present(resource->stream_label)) {
        table->stream_policy = policy.text;
        table->stream_policy_revision_ms = policy.revision_ms;
    } else {
        table->policy = policy.text;
        table->policy_revision_ms = policy.revision_ms;
    }
}

/* Without the white space between tokens. text is JSON. */
static bool minify(struct arena *arena, struct slice text, struct slice *ret_text)
{
    uint8_t *out = arena_alloc_bytes(arena, text.size);
    if (out == NULL)
        return false;
    size_t size = 0;
    bool inside = false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        bool blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
        if (blank && !inside)
            continue;
        out[size++] = byte;
        if (inside && byte == '\\' && i + 1 < text.size)
            out[size++] = text.data[++i];
        else if (byte == '"')
            inside = !inside;
    }
    *ret_text = slice_of(out, size);
    return true;
}

const struct error *op_policy_make(struct op_call *call, struct slice arn, struct slice text,
                                   bool confirmed, struct slice *ret_text)
{
    if (text.size > OP_POLICY_BYTES_MAX)
        return op_validation_error(call, WORDS_INVALID "Maximum policy size of %d bytes exceeded",
                                   OP_POLICY_BYTES_MAX);
    struct slice kept;
    const struct error *error = call->check_policy(call, arn, text, confirmed, &kept);
    if (error != NULL && error->kind == ERROR_MALFORMED_POLICY_DOCUMENT)
        return op_validation_error(call, WORDS_INVALID "Invalid policy document: %.*s",
                                   SLICE_PRINT(error->message));
    if (error == NULL && !minify(call->arena, kept, ret_text))
        error = error_exhausted();
    return error;
}

struct slice op_policy_revision(struct arena *arena, int64_t revision_ms)
{
    struct buf text;
    buf_init(&text, arena, REVISION_BYTES_MAX);
    buf_append_format(&text, "%lld", (long long)revision_ms);
    return text.failed ? SLICE_ABSENT : buf_slice(&text);
}

const struct error *op_policy_check_revision(struct arena *arena,
                                             const struct op_policy_resource *resource,
                                             struct op_policy policy, struct slice expected)
{
    struct slice name = resource->table.name;
    bool expects_none = slice_equal(expected, SLICE("NO_POLICY"));
    if (!slice_present(expected) || (expects_none && !slice_present(policy.text)))
        return NULL;
    if (!slice_present(policy.text))
        return error_make(arena, ERROR_POLICY_NOT_FOUND,
                          WORDS_NOT_FOUND "Requested update for policy with revision id %.*s, but "
                                          "no policy is associated to target table %.*s.",
                          SLICE_PRINT(expected), SLICE_PRINT(name));
    struct slice revision = op_policy_revision(arena, policy.revision_ms);
    if (!slice_present(revision))
        return error_exhausted();
    if (slice_equal(revision, expected))
        return NULL;
    if (expects_none)
        return error_make(arena, ERROR_POLICY_NOT_FOUND,
                          WORDS_NOT_FOUND "Requested policy update expecting none to be present "
                                          "for table %.*s, but a policy exists with revision id "
                                          "%.*s.",
                          SLICE_PRINT(name), SLICE_PRINT(revision));
    return error_make(arena, ERROR_POLICY_NOT_FOUND,
                      WORDS_NOT_FOUND "Requested update for policy with revision id %.*s, but the "
                                      "policy associated to target table %.*s has revision id "
                                      "%.*s.",
                      SLICE_PRINT(expected), SLICE_PRINT(name), SLICE_PRINT(revision));
}

const struct error *op_policy_not_found(const struct op_call *call, struct slice arn)
{
    return error_make(call->arena, ERROR_POLICY_NOT_FOUND, WORDS_NOT_FOUND "%.*s",
                      SLICE_PRINT(arn));
}
