#include "auth/x509_claim.h"

#include <openssl/err.h>

#include "auth/certificate.h"
#include "auth/v4_candidate.h"

enum { SIGNATURE_BYTES_MAX = 4096 };

/* Algorithms, and the kinds of key they are for. */
static const struct {
    struct slice name;
    int key_kind;
} algorithms[] = {
    {SLICE_INIT("AWS4-X509-RSA-SHA256"), EVP_PKEY_RSA},
    {SLICE_INIT("AWS4-X509-ECDSA-SHA256"), EVP_PKEY_EC},
};

struct certificates {
    X509 *leaf;
    STACK_OF(X509) * chain;
};

bool auth_x509_is_claimed(const struct http_request *request)
{
    struct slice header = auth_trim(http_request_header(request, SLICE("Authorization")));
    return slice_starts_with(header, SLICE("AWS4-X509-"));
}

static const struct error *check_certificate_signed(struct auth_v4_candidate *candidate)
{
    const struct error *error = auth_v4_check_signed(candidate, SLICE("X-Amz-X509"));
    return error != NULL ? error : auth_v4_check_signed(candidate, SLICE("X-Amz-X509-Chain"));
}

static auth_v4_check *const checks[] = {
    auth_v4_check_date,       auth_v4_check_skew,      auth_v4_check_host_signed,
    check_certificate_signed, auth_v4_check_algorithm, auth_v4_check_scope_shape,
    auth_v4_check_scope,
};

static const struct error *insufficient(struct arena *arena)
{
    return error_make(arena, ERROR_ACCESS_DENIED,
                      "Untrusted certificate. Insufficient certificate");
}

/* Whatever is read is the caller's to free, also after an error. */
static const struct error *read_certificates(struct arena *arena,
                                             const struct http_request *request,
                                             struct certificates *certificates)
{
    struct slice leaf = http_request_header(request, SLICE("X-Amz-X509"));
    struct slice chain = http_request_header(request, SLICE("X-Amz-X509-Chain"));
    if (!slice_present(leaf))
        return insufficient(arena);
    certificates->leaf = auth_certificate_read(arena, auth_trim(leaf));
    certificates->chain = auth_certificate_chain_read(arena, auth_trim(chain));
    if (certificates->leaf == NULL || certificates->chain == NULL ||
        !auth_certificate_is_end_entity(certificates->leaf))
        return insufficient(arena);
    return NULL;
}

static const struct error *find_anchor(const struct auth_v4_candidate *candidate,
                                       const struct certificates *certificates,
                                       const struct auth_trust_anchor *anchors, size_t count,
                                       size_t *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        if (!auth_certificate_leads_to(certificates->leaf, certificates->chain, &anchors[i],
                                       candidate->attempt->now_ms))
            continue;
        *ret_index = i;
        return NULL;
    }
    return error_make(candidate->attempt->arena, ERROR_ACCESS_DENIED,
                      "Untrusted signing certificate");
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool read_hex(struct slice text, uint8_t bytes[SIGNATURE_BYTES_MAX], size_t *ret_size)
{
    if (text.size % 2 != 0 || text.size > 2 * SIGNATURE_BYTES_MAX)
        return false;
    for (size_t i = 0; i < text.size; i += 2) {
        int high = hex_digit(text.data[i]);
        int low = hex_digit(text.data[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (uint8_t)(high * 16 + low);
    }
    *ret_size = text.size / 2;
    return true;
}

/* The key is the certificate's; the scope's key id is its serial number. */
static const struct error *check_signature(const struct auth_v4_candidate *candidate, X509 *leaf,
                                           int key_kind)
{
    struct arena *arena = candidate->attempt->arena;
    struct auth_v4_stages stages = {.payload_holds = false};
    struct slice serial = auth_certificate_serial(arena, leaf);
    const struct error *error = auth_v4_string_to_sign(candidate, &stages);
    if (error != NULL)
        return error;
    if (!slice_present(serial))
        return error_exhausted();
    uint8_t bytes[SIGNATURE_BYTES_MAX];
    size_t size = 0;
    if (slice_equal(serial, candidate->scope[AUTH_SCOPE_KEY_ID]) && stages.payload_holds &&
        read_hex(candidate->claim.signature, bytes, &size) &&
        auth_certificate_signed(leaf, key_kind, stages.string_to_sign, slice_of(bytes, size)))
        return NULL;
    return auth_mismatch(candidate->attempt, stages.canonical_request, stages.string_to_sign);
}

/* The chain comes first: keys of strangers are not worth a calculation. */
static const struct error *verify(const struct auth_v4_candidate *candidate,
                                  struct certificates *certificates, int key_kind,
                                  const struct auth_trust_anchor *anchors, size_t anchor_count,
                                  struct auth_x509_identity *ret_identity)
{
    struct arena *arena = candidate->attempt->arena;
    struct auth_x509_identity identity = {.region = candidate->scope[AUTH_SCOPE_REGION]};
    const struct error *error = read_certificates(arena, candidate->attempt->request, certificates);
    if (error == NULL)
        error = find_anchor(candidate, certificates, anchors, anchor_count, &identity.anchor);
    if (error == NULL)
        error = check_signature(candidate, certificates->leaf, key_kind);
    if (error == NULL)
        error = auth_certificate_describe(arena, certificates->leaf, &identity);
    if (error == NULL)
        *ret_identity = identity;
    return error;
}

const struct error *auth_x509_verify(struct arena *arena, const struct http_request *request,
                                     const struct auth_trust_anchor *anchors, size_t anchor_count,
                                     int64_t now_ms, struct auth_x509_identity *ret_identity)
{
    const struct auth_attempt attempt = {.arena = arena, .request = request, .now_ms = now_ms};
    struct auth_v4_candidate candidate = {.attempt = &attempt, .service = SLICE("rolesanywhere")};
    if (!auth_x509_is_claimed(request))
        return error_make(arena, ERROR_MISSING_AUTHENTICATION_TOKEN,
                          "Request is missing Authentication Token");
    const struct error *error = auth_claim_read(arena, request, &candidate.claim);
    size_t algorithm = 0;
    while (algorithm + 1 < COUNT_OF(algorithms) &&
           !slice_equal(candidate.claim.algorithm, algorithms[algorithm].name))
        algorithm++;
    candidate.algorithm = algorithms[algorithm].name;
    for (size_t i = 0; error == NULL && i < COUNT_OF(checks); i++)
        error = checks[i](&candidate);
    if (error != NULL)
        return error;
    struct certificates certificates = {NULL, NULL};
    error = verify(&candidate, &certificates, algorithms[algorithm].key_kind, anchors, anchor_count,
                   ret_identity);
    X509_free(certificates.leaf);
    auth_certificate_chain_free(certificates.chain);
    ERR_clear_error(); /* what others look at must not be about strangers' certificates */
    return error;
}
