#ifndef HASHRANGE_IAM_CHANGE_H
#define HASHRANGE_IAM_CHANGE_H

/*
 * Reading and changing the directory. One change at a time: it is decided on what is there, written
 * as a whole, waited for, and then seen by everybody at once.
 *
 * Threads: any; a change waits for the one before it and for the store, so never on a thread that
 * serves short requests.
 */

#include "iam/model.h"

enum { IAM_CHANGE_ENTITIES_MAX = DB_IDENTITY_CHANGES_MAX };

struct iam_change {
    struct iam_directory *directory;
    struct arena *arena;
    struct iam_entity *old[IAM_CHANGE_ENTITIES_MAX]; /* NULL: it is new */
    struct iam_entity *new[IAM_CHANGE_ENTITIES_MAX]; /* NULL: it goes */
    size_t count;
};

/* Looks at the directory and says what is to be changed, with the functions below. An error gives
 * the change up; it is none when there is nothing to change. */
typedef const struct error *iam_decide(void *context, struct iam_change *change);
MUST_USE const struct error *iam_directory_change(struct iam_directory *directory,
                                                  struct arena *arena, iam_decide *decide,
                                                  void *context);
/* The record as it is to be; each at most once in a change. It is copied; when the entity was used
 * meanwhile its access keys say so. ret_entity, if not NULL, is what it will be: valid as long as
 * the decision. MALFORMED_POLICY_DOCUMENT: one of its documents is none; IDENTITY_LIMIT_EXCEEDED:
 * more than IAM_CHANGE_ENTITIES_MAX would change. */
MUST_USE const struct error *iam_change_put(struct iam_change *change,
                                            const struct db_identity *record,
                                            struct iam_entity **ret_entity);
MUST_USE const struct error *iam_change_remove(struct iam_change *change,
                                               struct iam_entity *entity);

/* Looks at the directory while nothing changes in it; quick, no I/O. */
typedef const struct error *iam_look(void *context, struct iam_directory *directory);
MUST_USE const struct error *iam_directory_look(struct iam_directory *directory, iam_look *look,
                                                void *context);

/* A new unique id with that prefix ("AIDA"), or access key id ("AKIA"), in arena; absent when it is
 * exhausted. */
struct slice iam_make_id(struct arena *arena, const char *prefix, size_t size);
/* A new secret access key; what arena holds will be wiped. */
struct slice iam_make_secret(struct arena *arena);

#endif
