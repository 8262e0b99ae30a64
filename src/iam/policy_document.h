#ifndef HASHRANGE_IAM_POLICY_DOCUMENT_H
#define HASHRANGE_IAM_POLICY_DOCUMENT_H

/* Documents of managed policies. Private to iam/. */

#include "iam/kind.h"

/* Is the task's document a policy, and not too long? */
MUST_USE const struct error *iam_policy_check_document(const struct iam_task *task);

#endif
