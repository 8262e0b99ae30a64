#ifndef HASHRANGE_IAM_SESSION_H
#define HASHRANGE_IAM_SESSION_H

/*
 * Temporary credentials. All that is known of a session lies in its token, sealed: the server
 * remembers none, so they survive restarts, and many servers with one key file accept each other's.
 *
 * What a session may do is not in it: the policies of its user or role are asked anew each time
 * (found by subject_id, so that nobody who is made again under an old name inherits a session).
 * That is how sessions end early: delete the user or role, or deny what was issued before a moment
 * (aws:TokenIssueTime).
 *
 * Threads: all functions may be called by many at once.
 */

#include "auth/principal.h"
#include "auth/seal.h"
#include "base/error.h"

enum {
    IAM_SESSION_ACCESS_KEY_BYTES = 20, /* ASIA and 16 of base32 */
    IAM_SESSION_SECRET_BYTES = 40,
    /* Of what a caller adds to a session: policies, ARNs, tags. It bounds the token, which goes in
     * a header of every request. */
    IAM_SESSION_PACKED_BYTES_MAX = 4096,
};

/* Stored in tokens, never reused. */
enum iam_session_kind {
    IAM_SESSION_ROLE = 1,      /* AssumeRole and its kin */
    IAM_SESSION_USER = 2,      /* GetSessionToken of a user */
    IAM_SESSION_FEDERATED = 3, /* GetFederationToken of a user */
    IAM_SESSION_ROOT = 4,      /* GetSessionToken of root */
    IAM_SESSION_ROOT_FEDERATED = 5,
};
enum { IAM_SESSION_KIND_MAX = IAM_SESSION_ROOT_FEDERATED };

struct iam_session_text {
    struct slice text;
};

struct iam_session {
    enum iam_session_kind kind;
    struct slice access_key_id;
    struct slice secret;
    int64_t issued_ms;
    int64_t expires_ms;
    struct slice account;
    struct slice subject_id; /* AIDA... of the user, AROA... of the role, the account of root */
    struct slice name;       /* of a role's session, of a federated user; else absent */
    struct slice policy;     /* a session policy: the document, or absent */
    struct iam_session_text *policy_arns; /* managed policies as session policies */
    size_t policy_arn_count;
    struct auth_tag *tags; /* session tags; before those of the role, after those inherited */
    size_t tag_count;
    struct iam_session_text *transitive_keys; /* of tags that a chained session inherits */
    size_t transitive_count;
    struct slice source_identity;    /* or absent */
    struct slice federated_provider; /* ARN or host of who vouched for a web identity, or absent */
    bool is_chained;                 /* assumed with a role's credentials */
};

/* Makes access key id and secret, and sets when it was issued and expires. What arena holds will be
 * wiped. */
MUST_USE const struct error *iam_session_begin(struct arena *arena, int64_t now_ms, int64_t seconds,
                                               struct iam_session *session);

/* How much of what is allowed policies, ARNs and tags take, in percent, rounded up; may be over
 * 100. */
int64_t iam_session_packed_percent(const struct iam_session *session);

/* The token: base64. PACKED_POLICY_TOO_LARGE when it does not fit. */
MUST_USE const struct error *iam_session_seal(struct arena *arena, const struct auth_seal_key *key,
                                              const struct iam_session *session,
                                              struct slice *ret_token);

/* Any bytes. *ret_valid false: no token that was made with this key; whether it has expired is not
 * looked at. All of the session is in arena, which wipes what it holds. */
MUST_USE const struct error *iam_session_unseal(struct arena *arena,
                                                const struct auth_seal_key *key, struct slice token,
                                                struct iam_session *ret_session, bool *ret_valid);

#endif
