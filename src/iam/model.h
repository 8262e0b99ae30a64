#ifndef HASHRANGE_IAM_MODEL_H
#define HASHRANGE_IAM_MODEL_H

/*
 * The directory from the inside, for the files of iam/ that read and change it: the entities, and
 * ways to find them. Whoever looks at anything here holds the lock for reading, or is the one who
 * changes (iam/change.h).
 */

#include <pthread.h>

#include "iam/directory.h"
#include "iam/entity.h"

/* Entities sorted by a text that lies in them. */
struct iam_index_entry {
    struct slice text;
    struct iam_entity *entity;
};
struct iam_index {
    struct iam_index_entry *entries;
    size_t count;
    size_t capacity;
};

struct iam_keyring;

struct iam_directory {
    struct iam_directory_options options;
    pthread_mutex_t writer; /* held by whoever changes, also while waiting for the store */
    pthread_rwlock_t lock;  /* guards the indexes; held for writing only to swap entities */
    pthread_mutex_t uses;   /* guards the uses in entities */
    struct iam_index by_name[DB_IDENTITY_KIND_MAX + 1]; /* folded; each holds a reference */
    struct iam_index managed; /* policies of AWS by ARN; each holds a reference */
    struct iam_index by_id;
    struct iam_index by_arn;     /* policies of AWS as well */
    struct iam_index by_key;     /* owners by the ids of their access keys */
    _Atomic uint64_t generation; /* grows with every change, under the lock */
    struct iam_keyring *keyring;
};

/* --- indexes --- */

/* The position of the first entry that is not before the text. */
size_t iam_index_position(const struct iam_index *index, struct slice text);
struct iam_entity *iam_index_find(const struct iam_index *index, struct slice text);
/* Room for so many more, so that adding cannot fail. false: memory is exhausted. */
MUST_USE bool iam_index_reserve(struct iam_index *index, size_t more);
void iam_index_add(struct iam_index *index, struct slice text, struct iam_entity *entity);
void iam_index_remove(struct iam_index *index, struct slice text);

/* --- finding; NULL: there is none --- */

struct iam_entity *iam_find_name(const struct iam_directory *directory, enum db_identity_kind kind,
                                 struct slice name);
struct iam_entity *iam_find_id(const struct iam_directory *directory, struct slice id);
struct iam_entity *iam_find_arn(const struct iam_directory *directory, struct slice arn);
/* A managed policy, customer's or AWS's. */
struct iam_entity *iam_find_policy(const struct iam_directory *directory, struct slice arn);
/* The user or account that has the access key, and the key. */
struct iam_entity *iam_find_key_owner(const struct iam_directory *directory, struct slice key_id,
                                      size_t *ret_key);

/* Among the entity's own; their count when there is none. */
size_t iam_find_inline(const struct db_identity *record, struct slice name);
size_t iam_find_text(const struct db_identity_text *texts, size_t count, struct slice text);

/* --- for open, change and close --- */

/* Puts and takes what the indexes say of an entity; counts of attached policies follow. Adding
 * takes over the reference, removing gives it back to the caller. */
void iam_directory_add(struct iam_directory *directory, struct iam_entity *entity);
void iam_directory_remove(struct iam_directory *directory, struct iam_entity *entity);
MUST_USE bool iam_directory_reserve(struct iam_directory *directory, enum db_identity_kind kind,
                                    size_t entities);

/* Counts anew how often policies are attached: at the start they come after those who have them. */
void iam_directory_count_policies(struct iam_directory *directory);

/* When a member of record.keys was last used, as far as is known now. */
struct iam_use iam_last_use(struct iam_directory *directory, const struct iam_entity *owner,
                            size_t key);

#endif
