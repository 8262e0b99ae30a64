#ifndef HASHRANGE_IAM_ENTITY_H
#define HASHRANGE_IAM_ENTITY_H

/*
 * One identity in memory: its record, and what follows from it: its ARN, its policies ready to be
 * asked. Immutable and counted, but for the few members that say so; a change puts a new entity in
 * the place of the old one.
 */

#include <stdatomic.h>

#include "auth/auth.h"
#include "auth/policy.h"
#include "db/identity.h"

enum {
    IAM_KEYS_PER_OWNER_MAX = 2, /* access keys of a user, of the root */
    IAM_ENTITY_BYTES_MAX = 16 * 1024 * 1024,
};

/* The last use of one access key. */
struct iam_use {
    int64_t ms; /* 0: never */
    char region[AUTH_REGION_BYTES_MAX];
    uint8_t region_size;
    char service[16];
    uint8_t service_size;
};

struct iam_entity {
    struct db_identity record; /* first */
    struct slice account;      /* "aws": one of the policies that AWS manages */
    struct slice arn;
    struct slice folded; /* the name in lower case: names differ in more than case */
    /* record.inline_count of them, named as the inline policies are */
    const struct auth_attachment *inline_policies;
    /* A role's trust policy; a managed policy's default version; else NULL. */
    const struct auth_policy *policy;

    /* Of managed policies, guarded by the directory's lock: how many have it attached, how many as
     * their boundary. */
    size_t attachments;
    size_t boundaries;
    /* Of record.keys, guarded by the directory's lock for uses. */
    struct iam_use uses[IAM_KEYS_PER_OWNER_MAX];

    atomic_size_t references;
    struct arena arena;
};

/* A copy of the record, with a reference. MALFORMED_POLICY_DOCUMENT: one of the documents is none.
 * Errors are made in arena. */
MUST_USE const struct error *iam_entity_make(struct arena *arena, struct slice account,
                                             const struct db_identity *record,
                                             struct iam_entity **ret_entity);
void iam_entity_retain(struct iam_entity *entity);
/* Accepts NULL. */
void iam_entity_release(struct iam_entity *entity);

/* path absent: "/"; absent when the arena is exhausted. */
struct slice iam_make_arn(struct arena *arena, struct slice account, enum db_identity_kind kind,
                          struct slice path, struct slice name);
/* The name in lower case as far as it is ASCII, which names are: name.size bytes. */
void iam_fold(uint8_t *out, struct slice name);

#endif
