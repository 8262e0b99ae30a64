#include "iam/directory.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/catalog.h"
#include "iam/change.h"
#include "iam/keyring.h"
#include "iam/managed_policies.h"

enum {
    SCAN_BYTES_MAX = 64 * 1024 * 1024,
};

/* Sealed in the account's record, to tell the key file that fits from one that does not. */
static const struct slice known_words = SLICE_INIT("hashrange identities");

/* --- opening --- */

struct loading {
    struct iam_directory *directory;
    struct arena *arena;
};

static bool is_taken(const struct iam_directory *directory, const struct iam_entity *entity)
{
    const struct db_identity *record = &entity->record;
    bool taken = iam_find_id(directory, record->id) != NULL ||
                 iam_find_arn(directory, entity->arn) != NULL ||
                 iam_index_find(&directory->by_name[record->kind], entity->folded) != NULL;
    for (size_t i = 0; i < record->key_count; i++)
        taken = taken || iam_index_find(&directory->by_key, record->keys[i].id) != NULL;
    return taken;
}

static const struct error *load(void *context, const struct db_identity *record)
{
    struct loading *loading = context;
    struct iam_directory *directory = loading->directory;
    struct iam_entity *entity;
    const struct error *error =
        iam_entity_make(loading->arena, directory->options.account, record, &entity);
    if (error != NULL)
        return error_make(loading->arena, ERROR_INTERNAL, "The identity %.*s cannot be read: %.*s",
                          SLICE_PRINT(record->id), SLICE_PRINT(error->message));
    if (is_taken(directory, entity))
        error = error_make(loading->arena, ERROR_INTERNAL, "The identity %.*s is there twice",
                           SLICE_PRINT(record->id));
    else if (!iam_directory_reserve(directory, record->kind, 1))
        error = error_exhausted();
    if (error != NULL)
        iam_entity_release(entity);
    else
        iam_directory_add(directory, entity);
    return error;
}

static const struct error *load_managed(struct iam_directory *directory, struct arena *arena)
{
    if (!iam_index_reserve(&directory->managed, iam_managed_policy_count) ||
        !iam_index_reserve(&directory->by_arn, iam_managed_policy_count))
        return error_exhausted();
    for (size_t i = 0; i < iam_managed_policy_count; i++) {
        const struct iam_managed_policy *policy = &iam_managed_policies[i];
        struct db_identity_version version = {policy->version, policy->document,
                                              policy->updated_ms};
        struct db_identity record = {
            .kind = DB_IDENTITY_POLICY,
            .id = policy->id,
            .name = policy->name,
            .path = policy->path,
            .created_ms = policy->created_ms,
            .updated_ms = policy->updated_ms,
            .description = policy->description,
            .versions = &version,
            .version_count = 1,
            .default_version = policy->version,
            .newest_version = policy->version,
        };
        struct iam_entity *entity;
        const struct error *error = iam_entity_make(arena, SLICE("aws"), &record, &entity);
        if (error != NULL)
            return error;
        iam_index_add(&directory->managed, entity->arn, entity);
        iam_index_add(&directory->by_arn, entity->arn, entity);
    }
    return NULL;
}

static const struct error *wrong_key(const struct iam_directory *directory, struct arena *arena)
{
    struct slice name = directory->options.key_name;
    return error_make(arena, ERROR_INTERNAL,
                      "The key file%s%.*s is not the one that this data was written with",
                      slice_present(name) ? " " : "", SLICE_PRINT(name));
}

/* The account has a record from the first opening on. */
static const struct error *make_account(void *context, struct iam_change *change)
{
    (void)context;
    const struct iam_directory_options *options = &change->directory->options;
    struct db_identity record = {
        .kind = DB_IDENTITY_ACCOUNT,
        .id = options->account,
        .name = options->account,
        .created_ms = clock_now_ms(),
    };
    const struct error *error = auth_seal(change->arena, options->key, AUTH_SEAL_SECRET,
                                          options->account, known_words, &record.sealed_words);
    return error != NULL ? error : iam_change_put(change, &record, NULL);
}

static const struct error *check_key(struct iam_directory *directory, struct arena *arena)
{
    const struct iam_directory_options *options = &directory->options;
    const struct iam_entity *account = iam_find_id(directory, options->account);
    if (account == NULL)
        return iam_directory_change(directory, arena, make_account, NULL);
    struct slice words;
    bool is_valid;
    const struct error *error = auth_unseal(arena, options->key, AUTH_SEAL_SECRET, options->account,
                                            account->record.sealed_words, &words, &is_valid);
    if (error != NULL)
        return error;
    return is_valid && slice_equal(words, known_words) ? NULL : wrong_key(directory, arena);
}

static const struct error *load_all(struct iam_directory *directory, struct arena *arena)
{
    struct loading loading = {directory, arena};
    struct arena scratch;
    arena_init(&scratch, SCAN_BYTES_MAX);
    const struct error *error = load_managed(directory, arena);
    if (error == NULL)
        error = db_identity_scan(db_store(directory->options.db), &scratch,
                                 directory->options.account, load, &loading);
    struct slice message;
    if (error != NULL) /* it may have been made in scratch */
        error = arena_copy(arena, error->message, &message)
                    ? error_make_slice(arena, error->kind, message)
                    : error_exhausted();
    arena_fini(&scratch);
    if (error == NULL)
        iam_directory_count_policies(directory);
    return error;
}

const struct error *iam_directory_open(struct arena *arena,
                                       const struct iam_directory_options *options,
                                       struct iam_directory **ret_directory)
{
    struct iam_directory *directory = calloc(1, sizeof(*directory));
    if (directory == NULL)
        return error_exhausted();
    directory->options = *options;
    pthread_mutex_init(&directory->writer, NULL);
    pthread_rwlock_init(&directory->lock, NULL);
    pthread_mutex_init(&directory->uses, NULL);
    atomic_init(&directory->generation, 1);
    const struct error *error = load_all(directory, arena);
    if (error == NULL)
        error = check_key(directory, arena);
    if (error == NULL)
        error = iam_keyring_open(arena, directory, &directory->keyring);
    if (error != NULL) {
        iam_directory_close(directory);
        return error;
    }
    *ret_directory = directory;
    return NULL;
}

/* --- closing --- */

static bool has_news(struct iam_directory *directory, const struct iam_entity *entity)
{
    for (size_t i = 0; i < entity->record.key_count; i++) {
        if (iam_last_use(directory, entity, i).ms != entity->record.keys[i].used_ms)
            return true;
    }
    return false;
}

/* Putting an owner anew writes down the uses of its keys. */
static const struct error *renew_owner(void *context, struct iam_change *change)
{
    return iam_change_put(change, context, NULL);
}

static const struct error *write_uses(struct iam_directory *directory, struct arena *arena)
{
    for (size_t i = 0; i < directory->by_key.count; i++) {
        struct iam_entity *owner = directory->by_key.entries[i].entity;
        if (!has_news(directory, owner))
            continue;
        struct db_identity record = owner->record;
        iam_entity_retain(owner); /* the record's texts are its own */
        const struct error *error = iam_directory_change(directory, arena, renew_owner, &record);
        iam_entity_release(owner);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static void release_all(struct iam_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        iam_entity_release(index->entries[i].entity);
    free(index->entries);
}

void iam_directory_close(struct iam_directory *directory)
{
    if (directory == NULL)
        return;
    if (directory->keyring != NULL) { /* else it was never open */
        struct arena arena;
        arena_init(&arena, SCAN_BYTES_MAX);
        const struct error *error = write_uses(directory, &arena);
        if (error != NULL)
            log_write(LOG_WARNING, "When access keys were last used was not written down: %.*s",
                      SLICE_PRINT(error->message));
        arena_fini(&arena);
    }
    iam_keyring_close(directory->keyring);
    for (size_t kind = 0; kind <= DB_IDENTITY_KIND_MAX; kind++)
        release_all(&directory->by_name[kind]);
    release_all(&directory->managed);
    free(directory->by_id.entries);
    free(directory->by_arn.entries);
    free(directory->by_key.entries);
    pthread_mutex_destroy(&directory->uses);
    pthread_rwlock_destroy(&directory->lock);
    pthread_mutex_destroy(&directory->writer);
    free(directory);
}

/* --- the root's access key --- */

struct root_key {
    bool renew;
    int64_t now_ms;
    bool created;
    struct slice id;
    struct slice secret;
};

static const struct error *decide_root_key(void *context, struct iam_change *change)
{
    struct root_key *root = context;
    const struct iam_directory_options *options = &change->directory->options;
    struct db_identity record = iam_find_id(change->directory, options->account)->record;
    /* Who has deleted the root's keys, as is advised, does not get another one by a restart. */
    root->created = root->renew || record.newest_version == 0;
    if (!root->created && record.key_count == 0)
        return NULL;
    if (!root->created)
        return arena_copy(change->arena, record.keys[0].id, &root->id) ? NULL : error_exhausted();
    struct db_identity_key key = {
        .id = iam_make_id(change->arena, "AKIA", IAM_ACCESS_KEY_ID_BYTES),
        .created_ms = root->now_ms,
    };
    root->id = key.id;
    root->secret = iam_make_secret(change->arena);
    if (!slice_present(root->id) || !slice_present(root->secret))
        return error_exhausted();
    const struct error *error =
        auth_seal(change->arena, options->key, AUTH_SEAL_SECRET, key.id, root->secret, &key.sealed);
    if (error != NULL)
        return error;
    record.keys = &key;
    record.key_count = 1;
    record.newest_version++;
    return iam_change_put(change, &record, NULL);
}

const struct error *iam_directory_root_key(struct iam_directory *directory, struct arena *arena,
                                           bool renew, int64_t now_ms, bool *ret_created,
                                           struct slice *ret_id, struct slice *ret_secret)
{
    struct root_key root = {.renew = renew, .now_ms = now_ms};
    const struct error *error = iam_directory_change(directory, arena, decide_root_key, &root);
    if (error != NULL)
        return error;
    *ret_created = root.created;
    *ret_id = root.id;
    *ret_secret = root.secret;
    return NULL;
}

/* --- uses --- */

static uint8_t copy_text(char *out, size_t room, struct slice text)
{
    size_t size = text.size < room ? text.size : room;
    if (size > 0)
        memcpy(out, text.data, size);
    return (uint8_t)size;
}

static void note(struct iam_use *use, struct slice service, struct slice region, int64_t now_ms)
{
    use->ms = now_ms;
    use->service_size = copy_text(use->service, sizeof(use->service), service);
    use->region_size = copy_text(use->region, sizeof(use->region), region);
}

void iam_directory_note_use(struct iam_directory *directory, struct slice access_key_id,
                            struct slice service, struct slice region, int64_t now_ms)
{
    size_t key;
    pthread_rwlock_rdlock(&directory->lock);
    struct iam_entity *owner = iam_find_key_owner(directory, access_key_id, &key);
    if (owner != NULL) {
        pthread_mutex_lock(&directory->uses);
        note(&owner->uses[key], service, region, now_ms);
        pthread_mutex_unlock(&directory->uses);
    }
    pthread_rwlock_unlock(&directory->lock);
}

bool iam_directory_knows_key(struct iam_directory *directory, struct slice access_key_id)
{
    size_t key;
    pthread_rwlock_rdlock(&directory->lock);
    bool is_known = iam_find_key_owner(directory, access_key_id, &key) != NULL;
    pthread_rwlock_unlock(&directory->lock);
    return is_known;
}
