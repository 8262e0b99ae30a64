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
    AUTH_POLICY_IDENTITY, /* inline: no Principal */
    AUTH_POLICY_RESOURCE, /* of a table or stream: Principal and Resource */
    AUTH_POLICY_TRUST,    /* of a role: Principal, no Resource */
    AUTH_POLICY_MANAGED,  /* managed, boundary, session: no Principal, and of Version 2012-10-17 */
};

/* What is longer is no policy. The quotas are much shorter and whoever stores policies has them:
 * managed ones 6,144 characters, inline ones a sum of each identity's, trust 2,048, session 2,048,
 * a resource's 20 KB. */
enum {
    AUTH_POLICY_BYTES_MAX = 128 * 1024,
    AUTH_POLICY_CHARACTERS_MAX = 20 * 1024,
};

struct auth_policy;

/*
 * Nothing in the policy points into json afterwards.
 * Errors: MALFORMED_POLICY_DOCUMENT, with the words of IAM; callers that speak for another service
 * make their own of it.
 */
MUST_USE const struct error *auth_policy_read(struct arena *arena, enum auth_policy_kind kind,
                                              struct slice json,
                                              const struct auth_policy **ret_policy);

/* Each Action and NotAction of a document that auth_policy_read has accepted: as it is spelled, and
 * whether one of the names, each with its service ("dynamodb:GetItem"), is meant by it. A name that
 * means nothing is no error to IAM, but to services that know their own. */
typedef void auth_visit_action(void *context, struct slice spelled, bool is_known);
MUST_USE const struct error *auth_policy_visit_actions(struct arena *arena, struct slice json,
                                                       const struct slice *names, size_t count,
                                                       auth_visit_action *visit, void *context);

/* How long a policy is to IAM's quotas: white space does not count. */
size_t auth_policy_characters(struct slice json);

/* Does a condition or variable of the policy ask for a key that begins so ("dynamodb:")? Keys are
 * compared without regard to case. What nobody asks for need not be found out. */
bool auth_policy_asks_for(const struct auth_policy *policy, struct slice key_prefix);

#endif
