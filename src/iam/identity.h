#ifndef HASHRANGE_IAM_IDENTITY_H
#define HASHRANGE_IAM_IDENTITY_H

/* What is done alike with identities of several kinds. Private to iam/. */

#include "iam/kind.h"

/* Makes one with what the task has: name, path, tags, boundary; and writes it. Of user, group and
 * instance profile. ENTITY_ALREADY_EXISTS, IDENTITY_LIMIT_EXCEEDED, NO_SUCH_ENTITY. */
iam_decide iam_create_identity;

/* DELETE_CONFLICT, unless why is NULL. */
MUST_USE const struct error *iam_delete_conflict(const struct iam_task *task, const char *why);

#endif
