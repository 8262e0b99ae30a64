#ifndef HASHRANGE_IAM_TRUST_H
#define HASHRANGE_IAM_TRUST_H

/*
 * Whom roles trust. A trust policy names users and roles by ARN but means the identity, not the
 * name: one that is made again under an old name is not trusted (IAM user guide, "AWS JSON policy
 * elements: Principal"). So the ARN in the policy follows the identity: to its new ARN when it is
 * renamed, to its unique id when it is gone. Private to iam/.
 */

#include "iam/kind.h"

/* MALFORMED_POLICY_DOCUMENT "Invalid principal in policy: ...": a user or role of this account that
 * is not there. Anything that is no policy passes: reading it as one tells. */
MUST_USE const struct error *iam_trust_check(const struct iam_task *task,
                                             const struct iam_directory *directory,
                                             struct slice document);
/* In the trust policies of all roles but `but` (or NULL) that name that ARN. */
MUST_USE const struct error *iam_trust_follow(struct iam_change *change,
                                              const struct iam_entity *but, struct slice from,
                                              struct slice to);

#endif
