#ifndef HASHRANGE_IAM_ASSUME_H
#define HASHRANGE_IAM_ASSUME_H

/*
 * Assuming a role: what AssumeRole, AssumeRoleWithWebIdentity and Roles Anywhere have in common.
 * Private to iam/.
 */

#include "iam/directory.h"
#include "iam/session_request.h"

/* Who wants to assume it, besides call->principal. */
struct iam_assumption {
    struct slice role_arn;
    struct slice session_name;
    struct iam_session_request request;
    const char *action;     /* "sts:AssumeRole", ... */
    struct slice federated; /* of web identities: the provider, or absent */
    struct slice service;   /* rolesanywhere.amazonaws.com, or absent */
    /* For the conditions of the trust policy: keys that iam_look_up does not know, first match.
     * NULL: none. Its context is extra_context. */
    auth_context *extra;
    void *extra_context;
};

/*
 * Finds the role, asks its trust policy and the policies of call->principal (and for tags and
 * source identity once more) and makes the session.
 *   ACCESS_DENIED     there is no such role or it does not trust: one answer, so that nobody learns
 *                     which roles there are
 *   QUERY_VALIDATION  longer than the role allows
 * In development mode every role can be assumed, also one that is not there.
 */
MUST_USE const struct error *iam_assume(struct iam_call *call,
                                        const struct iam_assumption *assumption,
                                        struct iam_role *ret_role, struct iam_session *session);

/* <AssumedRoleUser> */
MUST_USE const struct error *iam_assumed_write(const struct iam_call *call,
                                               const struct iam_role *role,
                                               const struct iam_session *session);
/* arn:aws:sts::A:assumed-role/ROLE/SESSION and AROA...:SESSION; false: memory is exhausted. */
MUST_USE bool iam_assumed_names(const struct iam_call *call, const struct iam_role *role,
                                const struct iam_session *session, struct slice *ret_arn,
                                struct slice *ret_id);

#endif
