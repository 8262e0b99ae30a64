#ifndef HASHRANGE_AUTH_POLICY_H
#define HASHRANGE_AUTH_POLICY_H

/*
 * Policy documents (IAM user guide, "IAM JSON policy reference"): read and checked once, then asked
 * many times.
 *
 * A policy is immutable and lies in the arena it was read into; it does not refer to the JSON it
 * came from. Any thread may ask it.
 */

#include "base/error.h"

enum auth_policy_kind {
    AUTH_POLICY_IDENTITY, /* managed, inline, boundary, session: no Principal */
    AUTH_POLICY_RESOURCE, /* of a table or stream: Principal and Resource */
    AUTH_POLICY_TRUST,    /* of a role: Principal, no Resource */
};

struct auth_policy;

/*
 * Errors: MALFORMED_POLICY_DOCUMENT, with the words of IAM; callers that speak for another service
 * make their own of it.
 */
MUST_USE const struct error *auth_policy_read(struct arena *arena, enum auth_policy_kind kind,
                                              struct slice json,
                                              const struct auth_policy **ret_policy);

/* Does a condition or variable of the policy ask for a key that begins so ("dynamodb:")? Keys are
 * compared without regard to case. What nobody asks for need not be found out. */
bool auth_policy_asks_for(const struct auth_policy *policy, struct slice key_prefix);

#endif
