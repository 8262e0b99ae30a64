/*
 * Signature Version 4 (IAM user guide, "AWS Signature Version 4 for API requests").
 *
 * The order of the checks, and their words, are those observed of DynamoDB.
 */

#include "auth/v4_candidate.h"

static const struct slice service_names[] = {
    [AUTH_DYNAMODB] = SLICE_INIT("dynamodb"),
    [AUTH_STS] = SLICE_INIT("sts"),
    [AUTH_IAM] = SLICE_INIT("iam"),
};

/* X-Amz-* headers are to be signed ("Create a canonical request"). Of those only the target makes
 * another request of a signed body; the words are those for Host. */
static const struct error *check_target_signed(struct auth_v4_candidate *candidate)
{
    return auth_v4_check_signed(candidate, SLICE("X-Amz-Target"));
}

/* In the service's order. */
static auth_v4_check *const checks[] = {
    auth_v4_check_date,  auth_v4_check_skew,      auth_v4_check_host_signed,
    check_target_signed, auth_v4_check_algorithm, auth_v4_check_scope_shape,
    auth_v4_check_scope,
};
/* Those that hold a request against neither clock nor keys: development mode. */
static auth_v4_check *const checks_of_form[] = {auth_v4_check_date, auth_v4_check_algorithm,
                                                auth_v4_check_scope_shape, auth_v4_check_region};

static const struct error *check_signature(void *context, const struct auth_credential *credential)
{
    const struct auth_v4_candidate *candidate = context;
    const struct slice *scope = candidate->scope;
    struct auth_v4_stages stages = {.payload_holds = false};
    const struct error *error = auth_v4_string_to_sign(candidate, &stages);
    if (error != NULL)
        return error;
    uint8_t digest[AUTH_DIGEST_BYTES];
    char hex[AUTH_HEX_DIGEST_BYTES];
    if (!auth_signing_keys_sign(credential->signing, scope[AUTH_SCOPE_DATE],
                                scope[AUTH_SCOPE_REGION], scope[AUTH_SCOPE_SERVICE],
                                stages.string_to_sign, digest))
        return error_exhausted();
    auth_hex(digest, hex);
    if (auth_equal_secretly(slice_of(hex, sizeof(hex)), candidate->claim.signature) &&
        stages.payload_holds)
        return NULL;
    return auth_mismatch(candidate->attempt, stages.canonical_request, stages.string_to_sign);
}

const struct error *auth_v4_identify(const struct auth_attempt *attempt,
                                     struct auth_identity *ret_identity)
{
    bool proves = attempt->options->keyring != NULL;
    auth_v4_check *const *list = proves ? checks : checks_of_form;
    size_t count = proves ? COUNT_OF(checks) : COUNT_OF(checks_of_form);
    struct auth_v4_candidate candidate = {
        .attempt = attempt,
        .algorithm = SLICE("AWS4-HMAC-SHA256"),
        .service = service_names[attempt->service],
    };
    const struct error *error = auth_claim_read(attempt->arena, attempt->request, &candidate.claim);
    for (size_t i = 0; error == NULL && i < count; i++)
        error = list[i](&candidate);
    struct auth_identity identity = {
        .access_key_id = candidate.scope[AUTH_SCOPE_KEY_ID],
        .session_token = candidate.claim.session_token,
        .region = candidate.scope[AUTH_SCOPE_REGION],
    };
    if (error == NULL && proves)
        error = auth_prove(attempt, identity.access_key_id, identity.session_token, check_signature,
                           &candidate, &identity.credential);
    if (error != NULL)
        return error;
    *ret_identity = identity;
    return NULL;
}
