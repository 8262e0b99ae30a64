#include "iam/model.h"

#include <stdlib.h>

#include "base/check.h"

enum { CAPACITY_MIN = 16 };

/* --- indexes --- */

size_t iam_index_position(const struct iam_index *index, struct slice text)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(index->entries[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct iam_index *index, size_t at, struct slice text)
{
    return at < index->count && slice_equal(index->entries[at].text, text);
}

struct iam_entity *iam_index_find(const struct iam_index *index, struct slice text)
{
    size_t at = iam_index_position(index, text);
    return is_at(index, at, text) ? index->entries[at].entity : NULL;
}

bool iam_index_reserve(struct iam_index *index, size_t more)
{
    if (index->count + more <= index->capacity)
        return true;
    size_t capacity = index->capacity < CAPACITY_MIN ? CAPACITY_MIN : 2 * index->capacity;
    while (capacity < index->count + more)
        capacity *= 2;
    struct iam_index_entry *entries = realloc(index->entries, capacity * sizeof(*entries));
    if (entries == NULL)
        return false;
    index->entries = entries;
    index->capacity = capacity;
    return true;
}

void iam_index_add(struct iam_index *index, struct slice text, struct iam_entity *entity)
{
    size_t at = iam_index_position(index, text);
    CHECK(!is_at(index, at, text) && index->count < index->capacity);
    memmove(index->entries + at + 1, index->entries + at,
            (index->count - at) * sizeof(*index->entries));
    index->entries[at] = (struct iam_index_entry){text, entity};
    index->count++;
}

void iam_index_remove(struct iam_index *index, struct slice text)
{
    size_t at = iam_index_position(index, text);
    CHECK(is_at(index, at, text));
    index->count--;
    memmove(index->entries + at, index->entries + at + 1,
            (index->count - at) * sizeof(*index->entries));
}

/* --- finding --- */

struct iam_entity *iam_find_name(const struct iam_directory *directory, enum db_identity_kind kind,
                                 struct slice name)
{
    uint8_t folded[256];
    if (name.size > sizeof(folded))
        return NULL;
    iam_fold(folded, name);
    return iam_index_find(&directory->by_name[kind], slice_of(folded, name.size));
}

struct iam_entity *iam_find_id(const struct iam_directory *directory, struct slice id)
{
    return iam_index_find(&directory->by_id, id);
}

struct iam_entity *iam_find_arn(const struct iam_directory *directory, struct slice arn)
{
    return iam_index_find(&directory->by_arn, arn);
}

struct iam_entity *iam_find_policy(const struct iam_directory *directory, struct slice arn)
{
    struct iam_entity *entity = iam_find_arn(directory, arn);
    return entity != NULL && entity->record.kind == DB_IDENTITY_POLICY ? entity : NULL;
}

struct iam_entity *iam_find_key_owner(const struct iam_directory *directory, struct slice key_id,
                                      size_t *ret_key)
{
    struct iam_entity *owner = iam_index_find(&directory->by_key, key_id);
    for (size_t i = 0; owner != NULL && i < owner->record.key_count; i++) {
        if (slice_equal(owner->record.keys[i].id, key_id)) {
            *ret_key = i;
            return owner;
        }
    }
    return NULL;
}

size_t iam_find_inline(const struct db_identity *record, struct slice name)
{
    size_t at = 0;
    while (at < record->inline_count && !slice_equal(record->inline_policies[at].name, name))
        at++;
    return at;
}

size_t iam_find_text(const struct db_identity_text *texts, size_t count, struct slice text)
{
    size_t at = 0;
    while (at < count && !slice_equal(texts[at].text, text))
        at++;
    return at;
}

/* --- putting and taking --- */

/* One more or one less. Policies that are gone are not counted. */
static void count_policies(struct iam_directory *directory, const struct iam_entity *entity,
                           bool is_more)
{
    const struct db_identity *record = &entity->record;
    for (size_t i = 0; i < record->attached_count; i++) {
        struct iam_entity *policy = iam_find_policy(directory, record->attached[i].text);
        if (policy != NULL)
            policy->attachments += is_more ? 1 : (size_t)-1;
    }
    if (slice_present(record->boundary)) {
        struct iam_entity *policy = iam_find_policy(directory, record->boundary);
        if (policy != NULL)
            policy->boundaries += is_more ? 1 : (size_t)-1;
    }
}

void iam_directory_count_policies(struct iam_directory *directory)
{
    for (size_t i = 0; i < directory->by_arn.count; i++) {
        directory->by_arn.entries[i].entity->attachments = 0;
        directory->by_arn.entries[i].entity->boundaries = 0;
    }
    for (size_t i = 0; i < directory->by_id.count; i++)
        count_policies(directory, directory->by_id.entries[i].entity, true);
}

bool iam_directory_reserve(struct iam_directory *directory, enum db_identity_kind kind,
                           size_t entities)
{
    return iam_index_reserve(&directory->by_name[kind], entities) &&
           iam_index_reserve(&directory->by_id, entities) &&
           iam_index_reserve(&directory->by_arn, entities) &&
           iam_index_reserve(&directory->by_key, IAM_KEYS_PER_OWNER_MAX * entities);
}

void iam_directory_add(struct iam_directory *directory, struct iam_entity *entity)
{
    const struct db_identity *record = &entity->record;
    iam_index_add(&directory->by_name[record->kind], entity->folded, entity);
    iam_index_add(&directory->by_id, record->id, entity);
    iam_index_add(&directory->by_arn, entity->arn, entity);
    for (size_t i = 0; i < record->key_count; i++)
        iam_index_add(&directory->by_key, record->keys[i].id, entity);
    count_policies(directory, entity, true);
}

void iam_directory_remove(struct iam_directory *directory, struct iam_entity *entity)
{
    const struct db_identity *record = &entity->record;
    count_policies(directory, entity, false);
    for (size_t i = 0; i < record->key_count; i++)
        iam_index_remove(&directory->by_key, record->keys[i].id);
    iam_index_remove(&directory->by_arn, entity->arn);
    iam_index_remove(&directory->by_id, record->id);
    iam_index_remove(&directory->by_name[record->kind], entity->folded);
}

struct iam_use iam_last_use(struct iam_directory *directory, const struct iam_entity *owner,
                            size_t key)
{
    CHECK(key < owner->record.key_count);
    pthread_mutex_lock(&directory->uses);
    struct iam_use use = owner->uses[key];
    pthread_mutex_unlock(&directory->uses);
    return use;
}
