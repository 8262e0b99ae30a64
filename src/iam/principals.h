#ifndef HASHRANGE_IAM_PRINCIPALS_H
#define HASHRANGE_IAM_PRINCIPALS_H

/*
 * Whom the policies of tables and streams name. They are kept with the unique ids of users and
 * roles in the place of their ARNs, and shown with ARNs again: so a policy goes on to mean whom it
 * meant when it was put, under whatever name, and nobody who is made later under the old one. The
 * id of who is gone is shown as it is (IAM user guide, "AWS JSON policy elements: Principal").
 *
 * The policies of roles are iam/trust.h's.
 *
 * Threads: any; quick, no I/O.
 */

#include "base/error.h"

struct iam_directory;

/* In both, *ret_policy lies in arena or is the policy itself. */

/* ret_is_known false: it names a user or role of this account that is not there, by an ARN which
 * stays. */
MUST_USE const struct error *iam_principals_keep(struct iam_directory *directory,
                                                 struct arena *arena, struct slice policy,
                                                 struct slice *ret_policy, bool *ret_is_known);
MUST_USE const struct error *iam_principals_show(struct iam_directory *directory,
                                                 struct arena *arena, struct slice policy,
                                                 struct slice *ret_policy);

/* Is it the ARN of a user or role of this account, whether there is one or not? Private to iam/. */
bool iam_is_own_principal(const struct iam_directory *directory, struct slice name);

#endif
