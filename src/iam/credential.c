#include "iam/credential.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

const struct error *iam_unknown_client(struct arena *arena)
{
    return error_make(arena, ERROR_UNRECOGNIZED_CLIENT,
                      "The security token included in the request is invalid.");
}

struct iam_credential *iam_credential_new(void)
{
    struct iam_credential *credential = calloc(1, sizeof(*credential));
    if (credential == NULL)
        return NULL;
    arena_init(&credential->arena, IAM_CREDENTIAL_BYTES_MAX);
    atomic_init(&credential->references, 1);
    return credential;
}

void iam_credential_release(struct iam_credential *credential)
{
    if (atomic_fetch_sub_explicit(&credential->references, 1, memory_order_acq_rel) != 1)
        return;
    struct slice secret = credential->credential.secret;
    if (slice_present(secret)) /* the arena's memory, which is ours to write */
        explicit_bzero((void *)(uintptr_t)secret.data, secret.size);
    auth_signing_keys_close(credential->credential.signing);
    for (size_t i = 0; i < credential->entity_count; i++)
        iam_entity_release(credential->entities[i]);
    arena_fini(&credential->arena);
    free(credential);
}

const struct error *iam_credential_set_secret(struct iam_credential *credential,
                                              struct slice access_key_id, struct slice secret)
{
    struct auth_credential *public = &credential->credential;
    if (!arena_copy(&credential->arena, access_key_id, &public->access_key_id) ||
        !arena_copy(&credential->arena, secret, &public->secret))
        return error_exhausted();
    public->signing = auth_signing_keys_open(public->secret);
    return public->signing == NULL ? error_exhausted() : NULL;
}

/* --- policies --- */

/* What the credential points to stays as long as it does. */
static bool keep(struct iam_credential *credential, struct iam_entity *entity)
{
    for (size_t i = 0; i < credential->entity_count; i++) {
        if (credential->entities[i] == entity)
            return true;
    }
    if (credential->entity_count == IAM_CREDENTIAL_ENTITIES_MAX)
        return false;
    iam_entity_retain(entity);
    credential->entities[credential->entity_count++] = entity;
    return true;
}

const struct error *iam_credential_attach(struct iam_credential *credential,
                                          struct iam_entity *policy,
                                          struct auth_attachment *ret_attachment)
{
    if (!keep(credential, policy))
        return error_exhausted();
    *ret_attachment = (struct auth_attachment){policy->arn, policy->policy};
    return NULL;
}

/* Of one user, group or role; there is room in attachments. A policy that is attached but gone
 * allows nothing and denies nothing: it cannot be deleted while it is attached. */
static const struct error *take_policies_of(struct iam_credential *credential,
                                            const struct iam_directory *directory,
                                            struct iam_entity *entity,
                                            struct auth_attachment *attachments, size_t *count)
{
    const struct db_identity *record = &entity->record;
    if (!keep(credential, entity))
        return error_exhausted();
    for (size_t i = 0; i < record->inline_count; i++)
        attachments[(*count)++] = entity->inline_policies[i];
    for (size_t i = 0; i < record->attached_count; i++) {
        struct iam_entity *policy = iam_find_policy(directory, record->attached[i].text);
        if (policy == NULL)
            continue;
        const struct error *error = iam_credential_attach(credential, policy, &attachments[*count]);
        if (error != NULL)
            return error;
        (*count)++;
    }
    return NULL;
}

static size_t policy_count(const struct iam_entity *entity)
{
    return entity->record.inline_count + entity->record.attached_count;
}

static const struct error *take_boundary(struct iam_credential *credential,
                                         const struct iam_directory *directory,
                                         const struct iam_entity *entity)
{
    if (!slice_present(entity->record.boundary))
        return NULL;
    struct auth_principal *principal = &credential->credential.principal;
    struct iam_entity *policy = iam_find_policy(directory, entity->record.boundary);
    struct auth_attachment boundary;
    if (policy == NULL) /* it is gone: nothing is within it */
        return auth_policy_read(&credential->arena, AUTH_POLICY_IDENTITY,
                                SLICE("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
                                      "\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}"),
                                &principal->boundary);
    const struct error *error = iam_credential_attach(credential, policy, &boundary);
    if (error == NULL) {
        principal->boundary = boundary.policy;
        principal->boundary_name = boundary.name;
    }
    return error;
}

static const struct error *take_tags(struct iam_credential *credential,
                                     const struct iam_entity *entity)
{
    struct auth_principal *principal = &credential->credential.principal;
    struct auth_tag *tags =
        ARENA_NEW_ARRAY(&credential->arena, struct auth_tag, entity->record.tag_count);
    if (tags == NULL)
        return error_exhausted();
    for (size_t i = 0; i < entity->record.tag_count; i++)
        tags[i] = (struct auth_tag){entity->record.tags[i].key, entity->record.tags[i].value};
    principal->tags = tags;
    principal->tag_count = entity->record.tag_count;
    return NULL;
}

const struct error *iam_credential_take_policies(struct iam_credential *credential,
                                                 const struct iam_directory *directory,
                                                 struct iam_entity *entity)
{
    const struct db_identity *record = &entity->record;
    size_t room = policy_count(entity);
    for (size_t i = 0; i < record->group_count; i++) {
        const struct iam_entity *group = iam_find_id(directory, record->groups[i].text);
        room += group == NULL ? 0 : policy_count(group);
    }
    struct auth_attachment *attachments =
        ARENA_NEW_ARRAY(&credential->arena, struct auth_attachment, room);
    if (attachments == NULL)
        return error_exhausted();
    size_t count = 0;
    const struct error *error =
        take_policies_of(credential, directory, entity, attachments, &count);
    for (size_t i = 0; error == NULL && i < record->group_count; i++) {
        struct iam_entity *group = iam_find_id(directory, record->groups[i].text);
        if (group != NULL)
            error = take_policies_of(credential, directory, group, attachments, &count);
    }
    CHECK(count <= room);
    credential->credential.principal.identity = (struct auth_attachments){attachments, count};
    if (error == NULL)
        error = take_boundary(credential, directory, entity);
    return error != NULL ? error : take_tags(credential, entity);
}

/* --- long-lived keys --- */

static const struct error *take_owner(struct iam_credential *credential,
                                      const struct iam_directory *directory,
                                      struct iam_entity *owner)
{
    bool is_root = owner->record.kind == DB_IDENTITY_ACCOUNT;
    struct auth_principal *principal = &credential->credential.principal;
    principal->kind = is_root ? AUTH_ROOT : AUTH_USER;
    principal->account = directory->options.account;
    principal->arn = owner->arn;
    principal->user_id = owner->record.id;
    principal->user_name = is_root ? SLICE_ABSENT : owner->record.name;
    return iam_credential_take_policies(credential, directory, owner);
}

/* The lock is held. */
static const struct error *take_key(struct iam_credential *credential,
                                    const struct iam_directory *directory, struct arena *arena,
                                    struct slice access_key_id, struct slice *ret_sealed)
{
    size_t at;
    struct iam_entity *owner = iam_find_key_owner(directory, access_key_id, &at);
    if (owner == NULL || owner->record.keys[at].inactive)
        return iam_unknown_client(arena);
    credential->generation = directory->generation;
    *ret_sealed = owner->record.keys[at].sealed; /* the credential keeps the owner */
    return take_owner(credential, directory, owner);
}

static const struct error *open_secret(struct iam_credential *credential,
                                       const struct iam_directory *directory, struct arena *arena,
                                       struct slice access_key_id, struct slice sealed)
{
    struct slice secret;
    bool is_valid;
    const struct error *error = auth_unseal(arena, directory->options.key, AUTH_SEAL_SECRET,
                                            access_key_id, sealed, &secret, &is_valid);
    if (error != NULL)
        return error;
    if (!is_valid)
        return error_make(arena, ERROR_INTERNAL, "The secret of an access key cannot be opened");
    error = iam_credential_set_secret(credential, access_key_id, secret);
    explicit_bzero((void *)(uintptr_t)secret.data, secret.size);
    return error;
}

const struct error *iam_credential_of_key(struct iam_directory *directory, struct arena *arena,
                                          struct slice access_key_id,
                                          struct iam_credential **ret_credential)
{
    struct iam_credential *credential = iam_credential_new();
    if (credential == NULL)
        return error_exhausted();
    struct slice sealed;
    pthread_rwlock_rdlock(&directory->lock);
    const struct error *error = take_key(credential, directory, arena, access_key_id, &sealed);
    pthread_rwlock_unlock(&directory->lock);
    if (error == NULL)
        error = open_secret(credential, directory, arena, access_key_id, sealed);
    if (error != NULL) {
        iam_credential_release(credential);
        return error;
    }
    *ret_credential = credential;
    return NULL;
}
