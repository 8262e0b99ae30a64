#ifndef HASHRANGE_AUTH_PRINCIPAL_H
#define HASHRANGE_AUTH_PRINCIPAL_H

/*
 * Who a request comes from, once that is proven, and the policies that say what they may do (IAM
 * user guide, "How Amazon Web Services works with IAM: principals").
 *
 * A principal is made by whoever keeps the identities (iam/), is never changed afterwards, and
 * lives as long as the credential that it is part of (auth/credentials.h).
 */

#include "base/slice.h"

struct auth_policy; /* auth/policy.h */

enum auth_principal_kind {
    AUTH_ROOT = 1,       /* the account itself: no policy of its own holds it back */
    AUTH_USER,           /* an IAM user, with a long-lived key or with GetSessionToken's */
    AUTH_ROLE_SESSION,   /* who assumed a role */
    AUTH_FEDERATED_USER, /* GetFederationToken */
};

struct auth_tag {
    struct slice key;
    struct slice value;
};

struct auth_attachment {
    struct slice name; /* the ARN of a managed policy, the name of an inline one: for audit logs */
    const struct auth_policy *policy;
};

struct auth_attachments {
    const struct auth_attachment *items;
    size_t count;
};

struct auth_principal {
    enum auth_principal_kind kind;
    struct slice account;
    /* arn:aws:iam::A:root, arn:aws:iam::A:user/PATH/NAME, arn:aws:sts::A:assumed-role/ROLE/SESSION,
     * arn:aws:sts::A:federated-user/NAME: what messages and GetCallerIdentity show. */
    struct slice arn;
    struct slice user_id;   /* aws:userid: AIDA..., AROA...:SESSION, A for root, A:NAME */
    struct slice user_name; /* aws:username: of users only, else absent */
    struct slice role_arn;  /* AUTH_ROLE_SESSION: arn:aws:iam::A:role/PATH/ROLE, else absent */
    struct slice user_arn; /* AUTH_FEDERATED_USER: of the user who asked for the token, or absent */
    struct slice source_identity;    /* aws:SourceIdentity, or absent */
    struct slice federated_provider; /* aws:FederatedProvider, or absent */
    const struct auth_tag *tags; /* aws:PrincipalTag/...: of the user or role, and of the session */
    size_t tag_count;

    struct auth_attachments identity; /* of user, its groups, or role */
    /* NULL: none. A boundary that is named but gone is a policy without statements. */
    const struct auth_policy *boundary;
    struct slice boundary_name; /* its ARN, or absent */
    bool has_session_policies;  /* then only what one of these allows as well is allowed */
    struct auth_attachments session;

    int64_t token_issued_ms; /* aws:TokenIssueTime; 0: the key is a long-lived one */
};

#endif
