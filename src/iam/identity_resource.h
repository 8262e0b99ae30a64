#ifndef HASHRANGE_IAM_IDENTITY_RESOURCE_H
#define HASHRANGE_IAM_IDENTITY_RESOURCE_H

/* What IAM's actions are about, as ARNs (Service Authorization Reference, "Resource types defined
 * by AWS Identity and Access Management"). The functions of the rows in actions.def are declared
 * there. Private to iam/. */

#include "iam/kind.h"

/* The ARN that one of that kind, path (absent: "/") and name has or would have, in the call's
 * arena; absent when it is exhausted. */
struct slice iam_arn_of(const struct iam_call *call, const struct iam_kind *kind, struct slice path,
                        struct slice name);

#endif
