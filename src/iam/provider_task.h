#ifndef HASHRANGE_IAM_PROVIDER_TASK_H
#define HASHRANGE_IAM_PROVIDER_TASK_H

/* What actions on OpenID Connect providers begin with. Private to iam/. */

#include "iam/kind.h"

extern const struct query_member iam_provider_arn_member; /* "OpenIDConnectProviderArn" */

/* The provider of the task's ARN. NO_SUCH_ENTITY. */
MUST_USE const struct error *iam_provider_find(const struct iam_task *task,
                                               const struct iam_directory *directory,
                                               struct iam_entity **ret_provider);

#endif
