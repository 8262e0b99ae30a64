#include "db/identity.h"

#include "base/check.h"
#include "db/keyspace.h"
#include "db/record_shape.h"
#include "db/transact_wait.h"

enum { RECORD_BYTES_MAX = 4 * 1024 * 1024 };

/* clang-format off */
#define OWNER struct db_identity_text
static const struct field text_fields[] = {
    {1, TEXT, AT(text)},
};
SHAPE(text, struct db_identity_text);
#undef OWNER

#define OWNER struct db_identity_tag
static const struct field tag_fields[] = {
    {1, TEXT, AT(key)},
    {2, TEXT, AT(value)},
};
SHAPE(tag, struct db_identity_tag);
#undef OWNER

#define OWNER struct db_identity_document
static const struct field document_fields[] = {
    {1, TEXT, AT(name)},
    {2, TEXT, AT(document)},
};
SHAPE(document, struct db_identity_document);
#undef OWNER

#define OWNER struct db_identity_key
static const struct field key_fields[] = {
    {1, TEXT,   AT(id)},
    {2, TEXT,   AT(sealed)},
    {3, SIGNED, AT(created_ms)},
    {4, FLAG,   AT(inactive)},
    {5, SIGNED, AT(used_ms)},
    {6, TEXT,   AT(used_region)},
    {7, TEXT,   AT(used_service)},
};
SHAPE(key, struct db_identity_key);
#undef OWNER

#define OWNER struct db_identity_version
static const struct field version_fields[] = {
    {1, UNSIGNED, AT(number)},
    {2, TEXT,     AT(document)},
    {3, SIGNED,   AT(created_ms)},
};
SHAPE(version, struct db_identity_version);
#undef OWNER

#define OWNER struct db_identity
static const struct field identity_fields[] = {
    {1,  ENUM,     AT(kind), .max = DB_IDENTITY_KIND_MAX},
    {2,  TEXT,     AT(id)},
    {3,  TEXT,     AT(name)},
    {4,  TEXT,     AT(path)},
    {5,  SIGNED,   AT(created_ms)},
    {6,  TEXT,     AT(description)},
    {7,  LIST,     AT(tags), COUNT_AT(tag_count), .shape = &tag_shape},
    {8,  LIST,     AT(inline_policies), COUNT_AT(inline_count), .shape = &document_shape},
    {9,  LIST,     AT(attached), COUNT_AT(attached_count), .shape = &text_shape},
    {10, TEXT,     AT(boundary)},
    {11, LIST,     AT(keys), COUNT_AT(key_count), .shape = &key_shape},
    {12, LIST,     AT(groups), COUNT_AT(group_count), .shape = &text_shape},
    {13, TEXT,     AT(trust)},
    {14, UNSIGNED, AT(max_session_seconds)},
    {15, LIST,     AT(versions), COUNT_AT(version_count), .shape = &version_shape},
    {16, UNSIGNED, AT(default_version)},
    {17, UNSIGNED, AT(newest_version)},
    {18, SIGNED,   AT(updated_ms)},
    {19, LIST,     AT(client_ids), COUNT_AT(client_id_count), .shape = &text_shape},
    {20, LIST,     AT(thumbprints), COUNT_AT(thumbprint_count), .shape = &text_shape},
    {21, LIST,     AT(roles), COUNT_AT(role_count), .shape = &text_shape},
    {22, TEXT,     AT(sealed_words)},
};
SHAPE(identity, struct db_identity);
#undef OWNER
/* clang-format on */

/* --- records --- */

void db_identity_record_write(struct buf *out, const struct db_identity *identity)
{
    shape_write(out, &identity_shape, identity);
}

static bool texts_are_there(const struct db_identity_text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!slice_present(texts[i].text))
            return false;
    }
    return true;
}

static bool keys_are_whole(const struct db_identity *identity)
{
    for (size_t i = 0; i < identity->key_count; i++) {
        if (!slice_present(identity->keys[i].id) || !slice_present(identity->keys[i].sealed))
            return false;
    }
    return true;
}

static bool versions_are_whole(const struct db_identity *identity)
{
    uint64_t last = 0;
    bool has_default = false;
    for (size_t i = 0; i < identity->version_count; i++) {
        const struct db_identity_version *version = &identity->versions[i];
        if (version->number <= last || !slice_present(version->document))
            return false;
        last = version->number;
        has_default = has_default || version->number == identity->default_version;
    }
    return identity->kind != DB_IDENTITY_POLICY ||
           (has_default && last <= identity->newest_version);
}

/* What whoever works with identities takes for granted. */
static bool is_plausible(const struct db_identity *identity)
{
    if (identity->kind == 0 || identity->id.size == 0 || !slice_present(identity->name))
        return false;
    for (size_t i = 0; i < identity->tag_count; i++) {
        if (!slice_present(identity->tags[i].key) || !slice_present(identity->tags[i].value))
            return false;
    }
    for (size_t i = 0; i < identity->inline_count; i++) {
        if (!slice_present(identity->inline_policies[i].name) ||
            !slice_present(identity->inline_policies[i].document))
            return false;
    }
    return texts_are_there(identity->attached, identity->attached_count) &&
           texts_are_there(identity->groups, identity->group_count) &&
           texts_are_there(identity->client_ids, identity->client_id_count) &&
           texts_are_there(identity->thumbprints, identity->thumbprint_count) &&
           texts_are_there(identity->roles, identity->role_count) && keys_are_whole(identity) &&
           versions_are_whole(identity) &&
           (identity->kind != DB_IDENTITY_ROLE || slice_present(identity->trust)) &&
           (identity->kind != DB_IDENTITY_ACCOUNT || slice_present(identity->sealed_words));
}

const struct error *db_identity_record_read(struct arena *arena, struct slice body,
                                            struct db_identity *ret_identity)
{
    struct db_identity identity = {0};
    enum shape_status status = shape_read(arena, body, &identity_shape, &identity);
    if (status == SHAPE_EXHAUSTED)
        return error_exhausted();
    if (status != SHAPE_READ || !is_plausible(&identity))
        return error_make(arena, ERROR_INTERNAL,
                          "The record of an identity is corrupt or of a newer format");
    *ret_identity = identity;
    return NULL;
}

/* --- writing --- */

struct writing {
    const struct db_identity_change *changes;
    const struct slice *keys;
    const struct slice *values; /* absent: the record goes */
    size_t count;
};

static enum store_decision decide(void *context, const struct slice *old_values,
                                  struct store_batch *batch)
{
    (void)old_values;
    const struct writing *writing = context;
    for (size_t i = 0; i < writing->count; i++) {
        if (slice_present(writing->values[i]))
            store_batch_put(batch, STORE_ATOMIC, writing->keys[i], writing->values[i]);
        else
            store_batch_delete(batch, STORE_ATOMIC, writing->keys[i]);
    }
    return STORE_COMMIT;
}

/* The value of the record; absent when the arena is exhausted. */
static struct slice record_of(struct arena *arena, const struct db_identity *identity)
{
    struct buf body;
    buf_init(&body, arena, RECORD_BYTES_MAX);
    db_identity_record_write(&body, identity);
    return body.failed ? SLICE_ABSENT : db_record_make(arena, DB_FAMILY_IDENTITY, buf_slice(&body));
}

const struct error *db_identity_write(struct store *store, struct arena *arena,
                                      struct slice account,
                                      const struct db_identity_change *changes, size_t count)
{
    CHECK(count > 0 && count <= DB_IDENTITY_CHANGES_MAX);
    struct slice *keys = ARENA_NEW_ARRAY(arena, struct slice, count);
    struct slice *values = ARENA_NEW_ARRAY(arena, struct slice, count);
    if (keys == NULL || values == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        keys[i] = db_key_of_identity(arena, account, (uint8_t)changes[i].kind, changes[i].id);
        if (!slice_present(keys[i]))
            return error_exhausted();
        if (changes[i].identity == NULL)
            continue;
        values[i] = record_of(arena, changes[i].identity);
        if (!slice_present(values[i]))
            return error_exhausted();
    }
    struct writing writing = {changes, keys, values, count};
    return db_transact_wait(store, arena, keys, count, decide, &writing);
}

/* --- scanning --- */

struct scanning {
    struct arena *arena;
    db_identity_visit *visit;
    void *context;
    const struct error *error;
};

static bool visit_record(void *context, struct slice key, struct slice value)
{
    (void)key;
    struct scanning *scanning = context;
    struct slice body;
    struct db_identity identity;
    struct arena_mark mark = arena_mark(scanning->arena);
    if (!db_record_open(DB_FAMILY_IDENTITY, value, &body))
        scanning->error =
            error_make(scanning->arena, ERROR_INTERNAL,
                       "The record of an identity is of a format version that is not known");
    else
        scanning->error = db_identity_record_read(scanning->arena, body, &identity);
    if (scanning->error == NULL)
        scanning->error = scanning->visit(scanning->context, &identity);
    if (scanning->error == NULL)
        arena_rewind(scanning->arena, mark);
    return scanning->error == NULL;
}

const struct error *db_identity_scan(struct store *store, struct arena *arena, struct slice account,
                                     db_identity_visit *visit, void *context)
{
    struct scanning scanning = {.arena = arena, .visit = visit, .context = context};
    struct store_range range = {.first = db_key_of_identities(arena, account)};
    if (!slice_present(range.first))
        return error_exhausted();
    range.end = db_key_behind_prefix(arena, range.first);
    if (!slice_present(range.end))
        return error_exhausted();
    const struct error *error =
        store_scan(store, arena, range, STORE_FORWARD, visit_record, &scanning);
    return error != NULL ? error : scanning.error;
}
