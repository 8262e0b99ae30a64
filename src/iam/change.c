#include "iam/change.h"

#include "base/check.h"
#include "base/rand.h"
#include "db/catalog.h"

/* --- random names --- */

/* RFC 4648, section 6: 32 characters, so that five bits of a random byte choose one fairly. */
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct slice make_random(struct arena *arena, struct slice prefix, size_t size,
                                const char *alphabet, uint8_t mask)
{
    CHECK(prefix.size <= size);
    uint8_t *text = arena_alloc_bytes(arena, size);
    if (text == NULL)
        return SLICE_ABSENT;
    rand_bytes(text, size);
    for (size_t i = 0; i < size; i++)
        text[i] = (uint8_t)alphabet[text[i] & mask];
    if (prefix.size > 0)
        memcpy(text, prefix.data, prefix.size);
    return slice_of(text, size);
}

struct slice iam_make_id(struct arena *arena, const char *prefix, size_t size)
{
    return make_random(arena, slice_of_cstring(prefix), size, base32, 31);
}

struct slice iam_make_secret(struct arena *arena)
{
    arena_hold_secret(arena);
    return make_random(arena, SLICE(""), IAM_SECRET_BYTES, base64, 63);
}

/* --- what is to change --- */

/* Takes over the reference of the new one. */
static const struct error *stage(struct iam_change *change, struct iam_entity *old,
                                 struct iam_entity *new)
{
    for (size_t i = 0; i < change->count; i++)
        CHECK(old == NULL || change->old[i] != old);
    if (change->count == IAM_CHANGE_ENTITIES_MAX) {
        iam_entity_release(new);
        return error_make(change->arena, ERROR_IDENTITY_LIMIT_EXCEEDED,
                          "Cannot change more than %d identities at once", IAM_CHANGE_ENTITIES_MAX);
    }
    change->old[change->count] = old;
    change->new[change->count++] = new;
    return NULL;
}

/* With the last uses of its keys as they are known now. */
static const struct error *with_uses(struct iam_change *change, const struct iam_entity *old,
                                     struct db_identity *record)
{
    struct db_identity_key *keys =
        ARENA_NEW_ARRAY(change->arena, struct db_identity_key, record->key_count);
    if (keys == NULL)
        return error_exhausted();
    for (size_t i = 0; i < record->key_count; i++) {
        size_t at = 0;
        keys[i] = record->keys[i];
        while (at < old->record.key_count && !slice_equal(old->record.keys[at].id, keys[i].id))
            at++;
        if (at == old->record.key_count)
            continue;
        struct iam_use use = iam_last_use(change->directory, old, at);
        if (use.ms == 0)
            continue;
        keys[i].used_ms = use.ms;
        if (!arena_copy(change->arena, slice_of(use.region, use.region_size),
                        &keys[i].used_region) ||
            !arena_copy(change->arena, slice_of(use.service, use.service_size),
                        &keys[i].used_service))
            return error_exhausted();
    }
    record->keys = keys;
    return NULL;
}

const struct error *iam_change_put(struct iam_change *change, const struct db_identity *record,
                                   struct iam_entity **ret_entity)
{
    struct iam_directory *directory = change->directory;
    struct iam_entity *old = iam_find_id(directory, record->id);
    struct iam_entity *same_name = iam_find_name(directory, record->kind, record->name);
    CHECK(same_name == NULL || same_name == old);
    struct db_identity newest = *record;
    const struct error *error = old == NULL ? NULL : with_uses(change, old, &newest);
    struct iam_entity *entity;
    if (error == NULL)
        error = iam_entity_make(change->arena, directory->options.account, &newest, &entity);
    if (error != NULL)
        return error;
    if (ret_entity != NULL)
        *ret_entity = entity;
    return stage(change, old, entity);
}

const struct error *iam_change_remove(struct iam_change *change, struct iam_entity *entity)
{
    return stage(change, entity, NULL);
}

/* --- making it so --- */

static const struct error *write_down(const struct iam_change *change)
{
    struct db_identity_change records[IAM_CHANGE_ENTITIES_MAX];
    for (size_t i = 0; i < change->count; i++) {
        const struct iam_entity *entity = change->new[i] != NULL ? change->new[i] : change->old[i];
        records[i] = (struct db_identity_change){
            .kind = entity->record.kind,
            .id = entity->record.id,
            .identity = change->new[i] == NULL ? NULL : &entity->record,
        };
    }
    return db_identity_write(db_store(change->directory->options.db), change->arena,
                             change->directory->options.account, records, change->count);
}

/* Uses that were noted after the record was made. */
static void keep_uses(struct iam_directory *directory, const struct iam_entity *old,
                      struct iam_entity *new)
{
    pthread_mutex_lock(&directory->uses);
    for (size_t i = 0; i < new->record.key_count; i++) {
        for (size_t j = 0; j < old->record.key_count; j++) {
            if (slice_equal(new->record.keys[i].id, old->record.keys[j].id))
                new->uses[i] = old->uses[j];
        }
    }
    pthread_mutex_unlock(&directory->uses);
}

static void swap(struct iam_change *change)
{
    struct iam_directory *directory = change->directory;
    pthread_rwlock_wrlock(&directory->lock);
    for (size_t i = 0; i < change->count; i++) {
        struct iam_entity *old = change->old[i], *new = change->new[i];
        if (old != NULL && new != NULL) {
            keep_uses(directory, old, new);
            new->attachments = old->attachments;
            new->boundaries = old->boundaries;
        }
        if (old != NULL)
            iam_directory_remove(directory, old);
        if (new != NULL)
            iam_directory_add(directory, new);
    }
    directory->generation++;
    pthread_rwlock_unlock(&directory->lock);
    for (size_t i = 0; i < change->count; i++)
        iam_entity_release(change->old[i]);
}

/* Everything that can fail is done before the change is written. */
static const struct error *commit(struct iam_change *change)
{
    struct iam_directory *directory = change->directory;
    pthread_rwlock_wrlock(&directory->lock); /* room may move the indexes */
    bool has_room = true;
    for (size_t i = 0; i < change->count; i++) {
        if (change->new[i] != NULL)
            has_room = has_room &&
                       iam_directory_reserve(directory, change->new[i]->record.kind, change->count);
    }
    pthread_rwlock_unlock(&directory->lock);
    const struct error *error = has_room ? write_down(change) : error_exhausted();
    if (error == NULL)
        swap(change);
    return error;
}

const struct error *iam_directory_change(struct iam_directory *directory, struct arena *arena,
                                         iam_decide *decide, void *context)
{
    struct iam_change change = {.directory = directory, .arena = arena};
    pthread_mutex_lock(&directory->writer);
    const struct error *error = decide(context, &change);
    if (error == NULL && change.count > 0)
        error = commit(&change);
    pthread_mutex_unlock(&directory->writer);
    for (size_t i = 0; error != NULL && i < change.count; i++)
        iam_entity_release(change.new[i]);
    return error;
}

const struct error *iam_directory_look(struct iam_directory *directory, iam_look *look,
                                       void *context)
{
    pthread_rwlock_rdlock(&directory->lock);
    const struct error *error = look(context, directory);
    pthread_rwlock_unlock(&directory->lock);
    return error;
}
