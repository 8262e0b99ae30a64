#ifndef HASHRANGE_IAM_RESOURCE_H
#define HASHRANGE_IAM_RESOURCE_H

/* What actions are about: the functions that rows of actions.def name set call->resource, and where
 * there are some its tags and boundary, before the caller's policies are asked. Private to iam/. */

#include "iam/service.h"

/* Nothing in particular: "*". */
const struct error *iam_resource_any(struct iam_call *call);
/* arn:aws:sts::A:federated-user/NAME */
const struct error *iam_resource_federated_user(struct iam_call *call);

#endif
