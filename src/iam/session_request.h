#ifndef HASHRANGE_IAM_SESSION_REQUEST_H
#define HASHRANGE_IAM_SESSION_REQUEST_H

/*
 * What callers may ask of the sessions that STS makes, whichever action makes them: policies to
 * narrow them, tags, a source identity, how long they last. Private to iam/.
 */

#include "iam/service.h"
#include "iam/session.h"
#include "query/parameters.h"

/* Which of these an action takes. */
enum iam_session_members {
    IAM_SESSION_POLICIES = 1,
    IAM_SESSION_TAGS = 2,
    IAM_SESSION_TRANSITIVE_TAGS = 4,
    IAM_SESSION_SOURCE_IDENTITY = 8,
};

enum {
    IAM_SESSION_SECONDS_MIN = 900,
    IAM_ROLE_SECONDS_MAX = 43200,
    IAM_ROLE_SECONDS_DEFAULT = 3600,
    IAM_CHAINED_SECONDS_MAX = 3600,
    IAM_TOKEN_SECONDS_MAX = 129600,
    IAM_TOKEN_SECONDS_DEFAULT = 43200,
    IAM_ROOT_SECONDS_MAX = 3600,
};

struct iam_session_request {
    int64_t seconds; /* as it was before when the request does not say */
    struct slice policy;
    struct iam_session_text *policy_arns;
    size_t policy_arn_count;
    struct auth_tag *tags;
    size_t tag_count;
    const struct slice *transitive_keys;
    size_t transitive_count;
    struct slice source_identity;
};

/* Of the members, an enum iam_session_members. */
void iam_session_request_read(struct query_reader *reader, unsigned members, int64_t seconds_max,
                              struct iam_session_request *request);

/* What no table of constraints says, and the session gets it: tags that it has already, inherited
 * from the session of the caller, stay.
 *   MALFORMED_POLICY_DOCUMENT, QUERY_VALIDATION */
MUST_USE const struct error *iam_session_request_apply(const struct iam_call *call,
                                                       const struct iam_session_request *request,
                                                       struct iam_session *session);

/* Whose session it is, when it is the caller's own: the kind is IAM_SESSION_USER or
 * IAM_SESSION_FEDERATED, and becomes root's where root calls; root's last an hour at most. */
void iam_session_set_owner(const struct iam_call *call, struct iam_session *session,
                           struct iam_session_request *request);

/* ACCESS_DENIED when a code of a device is sent: no user has any. */
MUST_USE const struct error *iam_check_mfa(const struct iam_call *call, struct slice serial_number,
                                           struct slice token_code);

/* <Credentials>, with the token; and how full it is, when something was asked for. */
MUST_USE const struct error *iam_session_write(const struct iam_call *call,
                                               const struct iam_session *session);

#endif
