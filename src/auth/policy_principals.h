#ifndef HASHRANGE_AUTH_POLICY_PRINCIPALS_H
#define HASHRANGE_AUTH_POLICY_PRINCIPALS_H

/*
 * The users, roles and accounts that a policy document names, in its text. A document names them by
 * ARN but means the identity, not the name (IAM user guide, "AWS JSON policy elements: Principal"):
 * so whoever keeps documents has them renamed, and the rest of the text stays as it was written.
 */

#include "base/error.h"

/* One text under "AWS" of a Principal or NotPrincipal; what *name is set to takes its place, and
 * need only last until the next call. An error ends the renaming. */
typedef const struct error *auth_rename_principal(void *context, struct slice *name);

/* Any bytes: of what is no JSON nothing is renamed, and what is no policy is passed over.
 * *ret_json lies in arena, or is json itself when no name has changed. Errors: those of rename. */
MUST_USE const struct error *auth_policy_rename(struct arena *arena, struct slice json,
                                                auth_rename_principal *rename, void *context,
                                                struct slice *ret_json);

#endif
