#ifndef HASHRANGE_IAM_POLICY_TASK_H
#define HASHRANGE_IAM_POLICY_TASK_H

/* What actions on managed policies begin with. Private to iam/. */

#include "iam/boundary.h"

extern const struct query_member iam_policy_arn_member; /* "PolicyArn" */

/* The policy of the task's ARN. INVALID_INPUT, NO_SUCH_ENTITY. */
MUST_USE const struct error *iam_policy_find(const struct iam_task *task,
                                             const struct iam_directory *directory,
                                             struct iam_entity **ret_policy);
/* One that is not AWS's: those cannot be changed. ACCESS_DENIED as well. */
MUST_USE const struct error *iam_policy_find_own(const struct iam_task *task,
                                                 const struct iam_directory *directory,
                                                 struct iam_entity **ret_policy);
/* Is the task's document a policy, and not too long? */
MUST_USE const struct error *iam_policy_check_document(const struct iam_task *task);

#endif
