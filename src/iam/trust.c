#include "iam/trust.h"

#include "json/json_reader.h"

enum { DOCUMENT_DEPTH_MAX = 64, DOCUMENT_BYTES_MAX = 1024 * 1024 };

/* --- the principals of a document --- */

/* value: one text under "AWS" of a Principal; written: as it stands in the document, between its
 * quotes. An error ends the walk. */
typedef const struct error *visit_principal(void *context, struct slice value,
                                            struct slice written);

struct walk {
    struct json_reader reader;
    visit_principal *visit;
    void *context;
    const struct error *error;
};

static void take_text(struct walk *walk)
{
    if (json_peek(&walk->reader) != JSON_STRING) {
        json_skip(&walk->reader);
        return;
    }
    const uint8_t *begin = walk->reader.at;
    struct slice value = json_read_string(&walk->reader);
    if (walk->error != NULL || !slice_present(value))
        return;
    begin = (const uint8_t *)memchr(begin, '"', (size_t)(walk->reader.at - begin)) + 1;
    struct slice written = slice_of(begin, (size_t)(walk->reader.at - begin - 1));
    walk->error = walk->visit(walk->context, value, written);
}

static void take_texts(struct walk *walk)
{
    if (json_peek(&walk->reader) != JSON_ARRAY) {
        take_text(walk);
        return;
    }
    json_enter_array(&walk->reader);
    while (json_next_element(&walk->reader))
        take_text(walk);
}

/* A member of that name is taken, others are passed over. */
static void take_member(struct walk *walk, struct slice wanted, void (*take)(struct walk *))
{
    struct slice name;
    if (json_peek(&walk->reader) != JSON_OBJECT) {
        json_skip(&walk->reader);
        return;
    }
    json_enter_object(&walk->reader);
    while (json_next_member(&walk->reader, &name)) {
        if (slice_equal(name, wanted))
            take(walk);
        else
            json_skip(&walk->reader);
    }
}

static void take_principal(struct walk *walk)
{
    take_member(walk, SLICE("AWS"), take_texts);
}

static void take_statement(struct walk *walk)
{
    take_member(walk, SLICE("Principal"), take_principal);
}

static void take_statements(struct walk *walk)
{
    if (json_peek(&walk->reader) != JSON_ARRAY) {
        take_statement(walk);
        return;
    }
    json_enter_array(&walk->reader);
    while (json_next_element(&walk->reader))
        take_statement(walk);
}

static const struct error *walk_principals(struct arena *arena, struct slice document,
                                           visit_principal *visit, void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    if (!json_check(document, DOCUMENT_DEPTH_MAX))
        return NULL;
    json_reader_init(&walk.reader, document, arena);
    take_member(&walk, SLICE("Statement"), take_statements);
    return walk.reader.exhausted ? error_exhausted() : walk.error;
}

/* --- are they there? --- */

struct checking {
    const struct iam_task *task;
    const struct iam_directory *directory;
};

/* Of this account, and a user or a role. */
static bool is_own(const struct iam_directory *directory, struct slice arn)
{
    static const struct slice head = SLICE_INIT("arn:aws:iam::");
    struct slice account = directory->options.account;
    if (!slice_starts_with(arn, head))
        return false;
    arn = slice_after(arn, head.size);
    if (!slice_starts_with(arn, account))
        return false;
    arn = slice_after(arn, account.size);
    return slice_starts_with(arn, SLICE(":user/")) || slice_starts_with(arn, SLICE(":role/"));
}

static const struct error *check_principal(void *context, struct slice value, struct slice written)
{
    (void)written;
    const struct checking *checking = context;
    if (!is_own(checking->directory, value) || iam_find_arn(checking->directory, value) != NULL)
        return NULL;
    return error_make(checking->task->call->arena, ERROR_MALFORMED_POLICY_DOCUMENT,
                      "Invalid principal in policy: \"AWS\":\"%.*s\"", SLICE_PRINT(value));
}

const struct error *iam_trust_check(const struct iam_task *task,
                                    const struct iam_directory *directory, struct slice document)
{
    struct checking checking = {task, directory};
    return walk_principals(task->call->arena, document, check_principal, &checking);
}

/* --- following --- */

struct replacing {
    struct slice document;
    struct slice from;
    struct slice to;
    struct buf out;
    size_t copied; /* of the document */
};

static const struct error *replace_principal(void *context, struct slice value,
                                             struct slice written)
{
    struct replacing *replacing = context;
    if (!slice_equal(value, replacing->from))
        return NULL;
    size_t offset = (size_t)(written.data - replacing->document.data);
    buf_append(&replacing->out,
               slice_of(replacing->document.data + replacing->copied, offset - replacing->copied));
    buf_append(&replacing->out, replacing->to);
    replacing->copied = offset + written.size;
    return NULL;
}

const struct error *iam_trust_follow(struct iam_change *change, const struct iam_entity *but,
                                     struct slice from, struct slice to)
{
    const struct iam_index *roles = &change->directory->by_name[DB_IDENTITY_ROLE];
    for (size_t i = 0; i < roles->count; i++) {
        const struct iam_entity *role = roles->entries[i].entity;
        struct slice trust = role->record.trust;
        if (role == but)
            continue;
        struct replacing replacing = {.document = trust, .from = from, .to = to};
        buf_init(&replacing.out, change->arena, DOCUMENT_BYTES_MAX);
        const struct error *error =
            walk_principals(change->arena, trust, replace_principal, &replacing);
        if (error != NULL)
            return error;
        if (replacing.copied == 0)
            continue;
        buf_append(&replacing.out, slice_after(trust, replacing.copied));
        if (replacing.out.failed)
            return error_exhausted();
        struct db_identity record = role->record;
        record.trust = buf_slice(&replacing.out);
        error = iam_change_put(change, &record, NULL);
        if (error != NULL)
            return error;
    }
    return NULL;
}
