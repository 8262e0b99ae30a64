#ifndef HASHRANGE_IAM_BOUNDARY_H
#define HASHRANGE_IAM_BOUNDARY_H

/* Managed policies by ARN: as permissions boundaries, and to attach. Private to iam/. */

#include "iam/kind.h"

/* The boundary that the task names, if any. NO_SUCH_ENTITY. */
iam_edit iam_boundary_set;
/* INVALID_INPUT: it is no ARN of a policy. */
MUST_USE const struct error *iam_check_policy_arn(struct arena *arena, struct slice arn);

#endif
