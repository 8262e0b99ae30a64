#ifndef HASHRANGE_AUTH_POLICY_CHECK_H
#define HASHRANGE_AUTH_POLICY_CHECK_H

/* What must be true of a policy document before it becomes a policy, with IAM's words for what is
 * not. Private to the reading of policies. */

#include "auth/policy_document.h"

/* Of a document that could not be taken apart. */
MUST_USE const struct error *policy_problem_error(struct arena *arena, enum auth_policy_kind kind,
                                                  enum policy_document_problem problem);

/* Errors: MALFORMED_POLICY_DOCUMENT; of several faults the one that IAM tells first. */
MUST_USE const struct error *policy_check(struct arena *arena, enum auth_policy_kind kind,
                                          const struct policy_document *document);

#endif
