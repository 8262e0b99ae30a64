#ifndef HASHRANGE_IAM_CREDENTIAL_H
#define HASHRANGE_IAM_CREDENTIAL_H

/*
 * One credential of the keyring and how it is put together from the directory. Private to iam/.
 */

#include "auth/credentials.h"
#include "iam/model.h"

enum {
    IAM_CREDENTIAL_BYTES_MAX = 2 * 1024 * 1024,
    IAM_CREDENTIAL_ENTITIES_MAX = 64, /* whose policies it refers to */
};

struct iam_credential {
    struct auth_credential credential; /* first */
    struct slice token;                /* of a temporary one, else absent */
    uint64_t generation;               /* of the directory it was made from */
    struct iam_entity *entities[IAM_CREDENTIAL_ENTITIES_MAX]; /* with a reference each */
    size_t entity_count;
    atomic_size_t references;
    struct arena arena;
    _Atomic int64_t noted_ms[AUTH_IAM + 1]; /* by service: when its use was last written down */
    /* in the keyring's table and its list by last use; guarded by its lock */
    struct iam_credential *next;
    struct iam_credential *newer;
    struct iam_credential *older;
};

/* Makes a credential, with one reference. The words of failures are made in arena: those of
 * UNRECOGNIZED_CLIENT are "The security token included in the request is invalid." */
MUST_USE const struct error *iam_credential_of_key(struct iam_directory *directory,
                                                   struct arena *arena, struct slice access_key_id,
                                                   struct iam_credential **ret_credential);
MUST_USE const struct error *iam_credential_of_session(struct iam_directory *directory,
                                                       struct arena *arena,
                                                       struct slice access_key_id,
                                                       struct slice session_token,
                                                       struct iam_credential **ret_credential);
/* Wipes the secret with the last reference. */
void iam_credential_release(struct iam_credential *credential);

/* --- the parts, for the two above --- */

MUST_USE const struct error *iam_unknown_client(struct arena *arena);
struct iam_credential *iam_credential_new(void);
/* The policies of a user with its groups, or of a role, and its boundary and tags. The lock is
 * held. INTERNAL: it is exhausted. */
MUST_USE const struct error *iam_credential_take_policies(struct iam_credential *credential,
                                                          const struct iam_directory *directory,
                                                          struct iam_entity *entity);
/* The attachment of a managed policy, which stays as long as the credential. */
MUST_USE const struct error *iam_credential_attach(struct iam_credential *credential,
                                                   struct iam_entity *policy,
                                                   struct auth_attachment *ret_attachment);
/* Copies the secret and prepares signing with it. */
MUST_USE const struct error *iam_credential_set_secret(struct iam_credential *credential,
                                                       struct slice access_key_id,
                                                       struct slice secret);

#endif
