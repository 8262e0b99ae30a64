#ifndef HASHRANGE_IAM_TRUSTED_H
#define HASHRANGE_IAM_TRUSTED_H

/*
 * Whose word about others counts: issuers of OpenID Connect, and the trust anchors and profiles of
 * Roles Anywhere. Both come from files, which may be read again while requests are under way: a
 * request takes what counts when it begins and gives it back when it ends.
 *
 * Threads: any may take, release and replace. What has been taken does not change.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "iam/oidc.h"
#include "iam/roles_anywhere.h"

struct iam_trusted {
    struct arena arena;            /* of all that is in it */
    struct iam_oidc *oidc;         /* NULL: no issuer is trusted */
    struct iam_anywhere *anywhere; /* NULL: no trust anchor is there */
    atomic_size_t references;
};

/* What counts now. */
struct iam_trusted_slot {
    pthread_mutex_t lock;
    struct iam_trusted *current; /* with a reference; NULL: nobody is trusted */
};

/* Empty, with one reference; the maker fills it. NULL: there is no memory. */
struct iam_trusted *iam_trusted_new(size_t limit_bytes);
/* Accepts NULL. */
void iam_trusted_release(struct iam_trusted *trusted);

/* Empty. */
void iam_trusted_slot_init(struct iam_trusted_slot *slot);
void iam_trusted_slot_fini(struct iam_trusted_slot *slot);
/* With a reference; NULL: nobody is trusted. slot may be NULL. */
struct iam_trusted *iam_trusted_take(struct iam_trusted_slot *slot);
/* Takes over the reference; NULL: from now on nobody is trusted. */
void iam_trusted_replace(struct iam_trusted_slot *slot, struct iam_trusted *trusted);

#endif
