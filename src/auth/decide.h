#ifndef HASHRANGE_AUTH_DECIDE_H
#define HASHRANGE_AUTH_DECIDE_H

/*
 * May this principal do this to that (IAM user guide, "Policy evaluation logic")?
 *
 *   1. an explicit Deny in any policy                                         no
 *   2. the resource's policy allows, and names in its Principal
 *        the user, the session, the federated user, or everyone               yes
 *        the session's role, the federated user's user                        yes, if boundary and
 *                                                                             session policies
 * allow the account                                                          goes on with 3
 *   3. identity policies allow, boundary allows, session policies allow       yes
 *   4. else                                                                   no
 *
 * There is one account: a resource's policy that names another one names nobody. Where the resource
 * is a role, its policy is the trust policy, and step 3 needs it to allow the account at least.
 *
 * Root needs no allow, but a resource's policy can deny it something.
 */

#include "auth/policy.h"
#include "auth/principal.h"

/* The values of one condition key of a request. */
struct auth_values {
    const struct slice *items;
    size_t count;
};

/*
 * What is known of a request besides who sends it; found out when a condition asks for it. Global
 * keys that follow from the principal (aws:username, aws:PrincipalTag/...) are not asked for here.
 * key is as the policy spells it; compare without regard to case. The values live in arena.
 * *ret_present false: the request has no such key. Numbers are decimal text, booleans "true" and
 * "false", dates as 2026-01-31T12:00:00Z or epoch seconds.
 */
typedef const struct error *auth_context(void *context, struct arena *arena, struct slice key,
                                         struct auth_values *ret_values, bool *ret_present);

struct auth_question {
    const struct auth_principal *principal;
    struct slice action;                       /* "dynamodb:GetItem" */
    struct slice resource;                     /* an ARN; "*" where there is none */
    const struct auth_policy *resource_policy; /* NULL: it has none */
    auth_context *look_up;                     /* NULL: nothing else is known */
    void *context;
};

/* Why not; their words are in auth_denial. */
enum auth_reason {
    AUTH_ALLOWED,
    AUTH_NO_IDENTITY_POLICY,
    AUTH_NO_BOUNDARY,
    AUTH_NO_SESSION_POLICY,
    AUTH_NO_RESOURCE_POLICY, /* a trust policy, without which there is no way */
    AUTH_DENIED_BY_IDENTITY_POLICY,
    AUTH_DENIED_BY_BOUNDARY,
    AUTH_DENIED_BY_SESSION_POLICY,
    AUTH_DENIED_BY_RESOURCE_POLICY,
};

struct auth_decision {
    enum auth_reason reason;
    /* The name of the attachment that decided, for the audit log; absent: none did, or the
     * resource's policy. */
    struct slice policy;
};

/* Without a condition or variable that asks, nothing is allocated.
 * An error is none of the question (a look-up that failed, memory): the answer is then no. */
MUST_USE const struct error *auth_decide(const struct auth_question *question, struct arena *arena,
                                         struct auth_decision *ret_decision);

/*
 * Does the role with this trust policy trust whoever asks? principal NULL: nobody of this account's
 * (AssumeRoleWithWebIdentity); then `federated` and `service` say what can match. For principals of
 * this account auth_decide, with the trust policy as resource_policy, answers the whole question.
 */
struct auth_trust_question {
    const struct auth_policy *trust;
    struct slice action; /* "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity" */
    const struct auth_principal *principal;
    struct slice federated; /* an identity provider's ARN or host, or absent */
    struct slice service;   /* rolesanywhere.amazonaws.com, or absent */
    auth_context *look_up;
    void *context;
};

enum auth_trust {
    AUTH_TRUST_NONE,
    AUTH_TRUST_DENIED,       /* explicitly */
    AUTH_TRUST_OF_ACCOUNT,   /* the caller's own policies must allow it as well */
    AUTH_TRUST_OF_PRINCIPAL, /* by name, as a provider, as a service, as everyone */
};

MUST_USE const struct error *auth_decide_trust(const struct auth_trust_question *question,
                                               struct arena *arena, enum auth_trust *ret_trust);

/* ACCESS_DENIED: "User: ... is not authorized to perform: ... on resource: ... because no
 * identity-based policy allows the ... action". decision is not AUTH_ALLOWED. A resource that is
 * absent is not named. */
MUST_USE const struct error *auth_denial(struct arena *arena, const struct auth_question *question,
                                         const struct auth_decision *decision);

#endif
