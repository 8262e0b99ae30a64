#ifndef HASHRANGE_IAM_ROLES_ANYWHERE_H
#define HASHRANGE_IAM_ROLES_ANYWHERE_H

/*
 * Trust anchors and profiles of IAM Roles Anywhere, from a local file. Its members are called as in
 * the service's API (Roles Anywhere API reference, TrustAnchorDetail and ProfileDetail):
 *
 *   {"trustAnchors": [{"trustAnchorArn":
 * "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/..", "certificates": "ca.pem",
 * "enabled": true}], "profiles": [{"profileArn":
 * "arn:aws:rolesanywhere:us-east-1:000000000000:profile/..", "roleArns":
 * ["arn:aws:iam::000000000000:role/.."], "durationSeconds": 3600, "sessionPolicy": {..},
 * "managedPolicyArns": [..], "acceptRoleSessionName": false, "enabled": true}]}
 *
 * "certificates" names a PEM file, relative to the folder of this one. Only the two ARNs,
 * certificates and roleArns must be there.
 *
 * Threads: what is open is immutable; any thread may ask.
 */

#include "base/error.h"

struct iam_anchor {
    struct slice arn;
    struct slice certificates; /* PEM */
    bool disabled;
};

struct iam_profile {
    struct slice arn;
    const struct slice *role_arns;
    size_t role_arn_count;
    int64_t seconds;
    struct slice session_policy; /* or absent */
    const struct slice *policy_arns;
    size_t policy_arn_count;
    bool accepts_session_name;
    bool disabled;
};

struct iam_anywhere;

/* Where PEM files come from: the text of the file, in arena. */
typedef const struct error *iam_read_file(void *context, struct arena *arena, struct slice name,
                                          struct slice *ret_text);

/* Reads the text of the file; everything is in arena. VALIDATION: what is wrong with it. */
MUST_USE const struct error *iam_anywhere_open(struct arena *arena, struct slice json,
                                               iam_read_file *read_file, void *context,
                                               struct iam_anywhere **ret_anywhere);

/* NULL: there is none. anywhere may be NULL. */
const struct iam_anchor *iam_anywhere_anchor(const struct iam_anywhere *anywhere, struct slice arn);
const struct iam_profile *iam_anywhere_profile(const struct iam_anywhere *anywhere,
                                               struct slice arn);

#endif
