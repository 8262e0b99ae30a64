#ifndef HASHRANGE_IAM_CALLER_H
#define HASHRANGE_IAM_CALLER_H

/* Actions without a UserName are about whoever calls (IAM API reference: "If you do not specify a
 * user name, IAM determines the user name implicitly"). Private to iam/. */

#include "iam/kind.h"

/* The user that the task names; without a name the user that calls, or the account when root does,
 * or in development mode. NO_SUCH_ENTITY; QUERY_VALIDATION when a role calls. */
MUST_USE const struct error *iam_find_caller_or(const struct iam_task *task,
                                                const struct iam_directory *directory,
                                                struct iam_entity **ret_user);

#endif
