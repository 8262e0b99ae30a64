#ifndef HASHRANGE_AUTH_DECIDE_H
#define HASHRANGE_AUTH_DECIDE_H

/*
 * May this principal do this to that (IAM user guide, "Policy evaluation logic")?
 *
 *   1. an explicit Deny in any policy                                         no
 *   2. the resource's policy allows the principal (same account; what that means for boundaries and
 *      session policies depends on how the principal is named there)          yes
 *   3. identity policies allow, boundary allows, session policies allow       yes
 *   4. else                                                                   no
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
    AUTH_NO_RESOURCE_POLICY, /* nothing but the resource's policy could allow: trust of roles */
    AUTH_DENIED_BY_IDENTITY_POLICY,
    AUTH_DENIED_BY_BOUNDARY,
    AUTH_DENIED_BY_SESSION_POLICY,
    AUTH_DENIED_BY_RESOURCE_POLICY,
};

struct auth_decision {
    enum auth_reason reason;
    struct slice policy; /* the name of the attachment that decided, for the audit log, or absent */
};

/* An error is none of the question (a look-up that failed, memory): the answer is then no. */
MUST_USE const struct error *auth_decide(const struct auth_question *question, struct arena *arena,
                                         struct auth_decision *ret_decision);

/*
 * May whoever asks assume the role with this trust policy? Only the trust policy is asked; the
 * right of the caller to sts:AssumeRole is a question of its own. principal NULL: nobody of this
 * account's (AssumeRoleWithWebIdentity); then `federated` and `service` say what can match.
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
MUST_USE const struct error *auth_decide_trust(const struct auth_trust_question *question,
                                               struct arena *arena, bool *ret_trusted);

/* ACCESS_DENIED: "User: ... is not authorized to perform: ... on resource: ... because no
 * identity-based policy allows the ... action". decision is not AUTH_ALLOWED. */
MUST_USE const struct error *auth_denial(struct arena *arena, const struct auth_question *question,
                                         const struct auth_decision *decision);

#endif
