#include "iam/entity.h"

#include <stdlib.h>

#include "base/check.h"

/* arn:aws:iam::ACCOUNT:user/PATH/NAME. "IAM identifiers" in the IAM user guide. */
static const char *const resource_types[DB_IDENTITY_KIND_MAX + 1] = {
    [DB_IDENTITY_USER] = "user",
    [DB_IDENTITY_GROUP] = "group",
    [DB_IDENTITY_ROLE] = "role",
    [DB_IDENTITY_POLICY] = "policy",
    [DB_IDENTITY_PROVIDER] = "oidc-provider",
    [DB_IDENTITY_PROFILE] = "instance-profile",
};

struct slice iam_make_arn(struct arena *arena, struct slice account, enum db_identity_kind kind,
                          struct slice path, struct slice name)
{
    struct buf arn;
    buf_init(&arn, arena, IAM_ENTITY_BYTES_MAX);
    buf_append_format(&arn, "arn:aws:iam::%.*s:", SLICE_PRINT(account));
    if (kind == DB_IDENTITY_ACCOUNT) {
        buf_append(&arn, SLICE("root"));
    } else {
        buf_append(&arn, slice_of_cstring(resource_types[kind]));
        buf_append(&arn, slice_present(path) ? path : SLICE("/"));
        buf_append(&arn, name);
    }
    return arn.failed ? SLICE_ABSENT : buf_slice(&arn);
}

void iam_fold(uint8_t *out, struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        out[i] = byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
    }
}

static struct slice make_folded(struct arena *arena, struct slice name)
{
    uint8_t *folded = arena_alloc_bytes(arena, name.size);
    if (folded == NULL)
        return SLICE_ABSENT;
    iam_fold(folded, name);
    return slice_of(folded, name.size);
}

static const struct error *read_inline_policies(struct iam_entity *entity)
{
    const struct db_identity *record = &entity->record;
    struct auth_attachment *policies =
        ARENA_NEW_ARRAY(&entity->arena, struct auth_attachment, record->inline_count);
    if (policies == NULL)
        return error_exhausted();
    for (size_t i = 0; i < record->inline_count; i++) {
        policies[i].name = record->inline_policies[i].name;
        const struct error *error =
            auth_policy_read(&entity->arena, AUTH_POLICY_IDENTITY,
                             record->inline_policies[i].document, &policies[i].policy);
        if (error != NULL)
            return error;
    }
    entity->inline_policies = policies;
    return NULL;
}

static const struct error *read_own_policy(struct iam_entity *entity)
{
    const struct db_identity *record = &entity->record;
    if (record->kind == DB_IDENTITY_ROLE)
        return auth_policy_read(&entity->arena, AUTH_POLICY_TRUST, record->trust, &entity->policy);
    for (size_t i = 0; i < record->version_count; i++) {
        if (record->versions[i].number == record->default_version)
            return auth_policy_read(&entity->arena, AUTH_POLICY_MANAGED,
                                    record->versions[i].document, &entity->policy);
    }
    return NULL;
}

/* Texts that are too long were not written by us, but do no harm cut off. */
static uint8_t copy_cut(char *out, size_t room, struct slice text)
{
    size_t size = text.size < room ? text.size : room;
    if (size > 0)
        memcpy(out, text.data, size);
    return (uint8_t)size;
}

static void take_uses(struct iam_entity *entity)
{
    for (size_t i = 0; i < entity->record.key_count; i++) {
        const struct db_identity_key *key = &entity->record.keys[i];
        struct iam_use *use = &entity->uses[i];
        use->ms = key->used_ms;
        use->region_size = copy_cut(use->region, sizeof(use->region), key->used_region);
        use->service_size = copy_cut(use->service, sizeof(use->service), key->used_service);
    }
}

/* Through its stored form: so nothing is shared, and what was made can be read again. */
static const struct error *copy_record(struct iam_entity *entity, const struct db_identity *record)
{
    struct buf body;
    buf_init(&body, NULL, IAM_ENTITY_BYTES_MAX);
    db_identity_record_write(&body, record);
    const struct error *error =
        body.failed ? error_exhausted()
                    : db_identity_record_read(&entity->arena, buf_slice(&body), &entity->record);
    buf_fini(&body);
    return error;
}

static const struct error *fill(struct iam_entity *entity, struct slice account,
                                const struct db_identity *record)
{
    const struct error *error = copy_record(entity, record);
    if (error != NULL)
        return error;
    if (entity->record.key_count > IAM_KEYS_PER_OWNER_MAX)
        return error_make(&entity->arena, ERROR_INTERNAL, "An identity has too many access keys");
    if (!arena_copy(&entity->arena, account, &entity->account))
        return error_exhausted();
    entity->arn = iam_make_arn(&entity->arena, account, entity->record.kind, entity->record.path,
                               entity->record.name);
    entity->folded = make_folded(&entity->arena, entity->record.name);
    if (!slice_present(entity->arn) || !slice_present(entity->folded))
        return error_exhausted();
    take_uses(entity);
    error = read_inline_policies(entity);
    return error != NULL ? error : read_own_policy(entity);
}

const struct error *iam_entity_make(struct arena *arena, struct slice account,
                                    const struct db_identity *record,
                                    struct iam_entity **ret_entity)
{
    struct iam_entity *entity = calloc(1, sizeof(*entity));
    if (entity == NULL)
        return error_exhausted();
    arena_init(&entity->arena, IAM_ENTITY_BYTES_MAX);
    atomic_init(&entity->references, 1);
    const struct error *error = fill(entity, account, record);
    if (error == NULL) {
        *ret_entity = entity;
        return NULL;
    }
    struct slice message; /* it was made in the entity's arena */
    error = arena_copy(arena, error->message, &message)
                ? error_make_slice(arena, error->kind, message)
                : error_exhausted();
    iam_entity_release(entity);
    return error;
}

void iam_entity_retain(struct iam_entity *entity)
{
    atomic_fetch_add_explicit(&entity->references, 1, memory_order_relaxed);
}

void iam_entity_release(struct iam_entity *entity)
{
    if (entity == NULL ||
        atomic_fetch_sub_explicit(&entity->references, 1, memory_order_acq_rel) != 1)
        return;
    arena_fini(&entity->arena);
    free(entity);
}
