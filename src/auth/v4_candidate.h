#ifndef HASHRANGE_AUTH_V4_CANDIDATE_H
#define HASHRANGE_AUTH_V4_CANDIDATE_H

/*
 * What the signatures that begin with AWS4- have in common: a claim whose parts are checked one
 * after the other, and a string to sign. They differ in who holds the key: signature_v4.c,
 * x509_claim.c.
 */

#include "auth/claim.h"
#include "auth/digest.h"
#include "auth/moment.h"
#include "auth/scheme.h"

/* What the checks look at and fill in. */
struct auth_v4_candidate {
    const struct auth_attempt *attempt;
    struct slice algorithm; /* the one that is asked for */
    struct slice service;   /* its name in scopes */
    struct auth_claim claim;
    int64_t signed_at_ms;
    char signed_at[AUTH_MOMENT_BYTES]; /* in the basic format, whatever was sent */
    struct slice scope[AUTH_SCOPE_PARTS];
};

enum {
    AUTH_SCOPE_KEY_ID,
    AUTH_SCOPE_DATE,
    AUTH_SCOPE_REGION,
    AUTH_SCOPE_SERVICE,
    AUTH_SCOPE_TERMINATOR
};

/* In the order in which a service makes its checks, with the words of DynamoDB. */
typedef const struct error *auth_v4_check(struct auth_v4_candidate *candidate);
auth_v4_check auth_v4_check_date;
auth_v4_check auth_v4_check_skew;
auth_v4_check auth_v4_check_host_signed;
auth_v4_check auth_v4_check_algorithm;
auth_v4_check auth_v4_check_scope_shape;
auth_v4_check auth_v4_check_scope; /* all that is wrong in it, in one message */
auth_v4_check auth_v4_check_region;

/* A header that was sent must be signed. */
MUST_USE const struct error *auth_v4_check_signed(struct auth_v4_candidate *candidate,
                                                  struct slice name);

struct auth_v4_stages {
    struct slice canonical_request;
    struct slice string_to_sign;
    /* false: the request says another hash of its body than the body has, which is wrong whatever
     * was signed. */
    bool payload_holds;
};
/* After the checks. */
MUST_USE const struct error *auth_v4_string_to_sign(const struct auth_v4_candidate *candidate,
                                                    struct auth_v4_stages *ret_stages);

#endif
