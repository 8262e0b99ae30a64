#include "auth/auth.h"

#include "auth/claim.h"
#include "auth/moment.h"
#include "auth/scheme.h"
#include "base/buf.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 * 1024 }; /* bounded by the request it is about */

const struct error *auth_check_not_early(const struct auth_attempt *attempt, int64_t signed_at_ms)
{
    if (signed_at_ms <= attempt->now_ms + AUTH_SKEW_MS)
        return NULL;
    char signed_at[AUTH_MOMENT_BYTES];
    char latest[AUTH_MOMENT_BYTES];
    char now[AUTH_MOMENT_BYTES];
    auth_moment_format(signed_at_ms, signed_at);
    auth_moment_format(attempt->now_ms + AUTH_SKEW_MS, latest);
    auth_moment_format(attempt->now_ms, now);
    return error_make(attempt->arena, ERROR_INVALID_SIGNATURE,
                      "Signature not yet current: %.*s is still later than %.*s (%.*s + 15 min.)",
                      AUTH_MOMENT_BYTES, signed_at, AUTH_MOMENT_BYTES, latest, AUTH_MOMENT_BYTES,
                      now);
}

const struct error *auth_check_not_late(const struct auth_attempt *attempt, int64_t signed_at_ms,
                                        int64_t valid_ms, const char *lifetime)
{
    if (attempt->now_ms <= signed_at_ms + valid_ms)
        return NULL;
    char signed_at[AUTH_MOMENT_BYTES];
    char earliest[AUTH_MOMENT_BYTES];
    char now[AUTH_MOMENT_BYTES];
    auth_moment_format(signed_at_ms, signed_at);
    auth_moment_format(attempt->now_ms - valid_ms, earliest);
    auth_moment_format(attempt->now_ms, now);
    return error_make(attempt->arena, ERROR_INVALID_SIGNATURE,
                      "Signature expired: %.*s is now earlier than %.*s (%.*s - %s)",
                      AUTH_MOMENT_BYTES, signed_at, AUTH_MOMENT_BYTES, earliest, AUTH_MOMENT_BYTES,
                      now, lifetime);
}

const struct error *auth_check_skew(const struct auth_attempt *attempt, int64_t signed_at_ms)
{
    const struct error *error = auth_check_not_late(attempt, signed_at_ms, AUTH_SKEW_MS, "15 min.");
    return error != NULL ? error : auth_check_not_early(attempt, signed_at_ms);
}

const struct error *auth_prove(const struct auth_attempt *attempt, struct slice access_key_id,
                               struct slice session_token, auth_check_signature *check,
                               void *context, const struct auth_credential **ret_credential)
{
    const struct auth_keyring *keyring = attempt->options->keyring;
    const struct auth_credential *credential = NULL;
    const struct error *error = keyring->acquire(keyring->context, attempt->arena, access_key_id,
                                                 session_token, attempt->now_ms, &credential);
    if (error != NULL)
        return error;
    error = check(context, credential);
    if (error == NULL && credential->expires_ms != 0 && attempt->now_ms >= credential->expires_ms)
        error = error_make(attempt->arena, ERROR_EXPIRED_TOKEN,
                           "The security token included in the request is expired");
    if (error != NULL) {
        keyring->release(keyring->context, credential);
        return error;
    }
    *ret_credential = credential;
    return NULL;
}

const struct error *auth_mismatch(const struct auth_attempt *attempt,
                                  struct slice canonical_request, struct slice string_to_sign)
{
    struct buf message;
    struct slice text;
    buf_init(&message, attempt->arena, MESSAGE_BYTES_MAX);
    buf_append(&message, SLICE("The request signature we calculated does not match the signature "
                               "you provided. Check your AWS Secret Access Key and signing method. "
                               "Consult the service documentation for details."));
    if (slice_present(canonical_request)) {
        buf_append(&message,
                   SLICE("\n\nThe Canonical String for this request should have been\n'"));
        buf_append(&message, canonical_request);
        buf_append(&message, SLICE("'\n\nThe String-to-Sign should have been\n'"));
        buf_append(&message, string_to_sign);
        buf_append(&message, SLICE("'\n"));
    }
    if (message.failed || !auth_copy_ascii(attempt->arena, buf_slice(&message), &text))
        return error_exhausted();
    return error_make_slice(attempt->arena, ERROR_INVALID_SIGNATURE, text);
}

bool auth_is_region(struct slice name)
{
    bool valid = name.size > 0 && name.size <= AUTH_REGION_BYTES_MAX;
    for (size_t i = 0; valid && i < name.size; i++) {
        uint8_t byte = name.data[i];
        uint8_t letter = byte | 0x20;
        valid = (byte >= '0' && byte <= '9') || byte == '-' || (letter >= 'a' && letter <= 'z');
    }
    return valid;
}

static void add_host(struct auth_hosts *hosts, struct slice name)
{
    for (size_t i = 0; i < hosts->count; i++) {
        if (slice_equal(hosts->names[i], name))
            return;
    }
    hosts->names[hosts->count++] = name;
}

const struct error *auth_hosts_of(const struct auth_attempt *attempt, struct slice own_name,
                                  struct auth_hosts *ret_hosts)
{
    struct auth_hosts hosts = {.count = 0};
    struct slice sent = auth_trim(http_request_header(attempt->request, SLICE("Host")));
    struct slice host;
    if (!auth_copy_lower(attempt->arena, sent, &host))
        return error_exhausted();
    struct slice name = host;
    size_t digits = 0;
    while (digits < host.size && host.data[host.size - 1 - digits] >= '0' &&
           host.data[host.size - 1 - digits] <= '9')
        digits++;
    if (digits > 0 && digits < host.size && host.data[host.size - 1 - digits] == ':')
        name.size = host.size - 1 - digits;
    add_host(&hosts, host);
    add_host(&hosts, name);
    if (slice_present(own_name))
        add_host(&hosts, own_name);
    *ret_hosts = hosts;
    return NULL;
}

/* Which kind of claim a request makes. What makes none is refused as Signature Version 4 refuses
 * it. */
static const struct error *identify(const struct auth_attempt *attempt,
                                    struct auth_identity *ret_identity)
{
    if (!auth_claim_is_made(attempt->request)) {
        bool is_v2 = false;
        if (attempt->service == AUTH_DYNAMODB && auth_aws3_is_claimed(attempt))
            return auth_aws3_identify(attempt, ret_identity);
        const struct error *error =
            attempt->service == AUTH_DYNAMODB ? NULL : auth_v2_is_claimed(attempt, &is_v2);
        if (error != NULL)
            return error;
        if (is_v2)
            return auth_v2_identify(attempt, ret_identity);
    }
    return auth_v4_identify(attempt, ret_identity);
}

const struct error *auth_identify(const struct auth_options *options, struct arena *arena,
                                  const struct http_request *request, enum auth_service service,
                                  int64_t now_ms, struct auth_identity *ret_identity)
{
    const struct auth_attempt attempt = {
        .options = options,
        .arena = arena,
        .request = request,
        .service = service,
        .now_ms = now_ms,
    };
    const struct error *error = identify(&attempt, ret_identity);
    const struct auth_keyring *keyring = options->keyring;
    if (error == NULL && ret_identity->credential != NULL && keyring->used != NULL)
        keyring->used(keyring->context, ret_identity->credential, service, ret_identity->region,
                      now_ms);
    return error;
}

void auth_identity_release(const struct auth_options *options, const struct auth_identity *identity)
{
    if (identity->credential != NULL)
        options->keyring->release(options->keyring->context, identity->credential);
}
