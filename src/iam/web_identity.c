#include "iam/web_identity.h"

#include <inttypes.h>
#include <stdlib.h>

#include "iam/trusted.h"
#include "json/json_reader.h"

enum {
    AUDIENCES_MAX = 100,
    TAGS_MAX = 50,
    SOURCE_IDENTITY_BYTES_MAX = 64,
    EARLY_SECONDS_MAX = 300, /* an issuer's clock may be ahead by so much */
};

struct claims {
    struct slice issuer;
    struct slice subject;
    struct slice audiences[AUDIENCES_MAX];
    size_t audience_count;
    int64_t expires;     /* epoch seconds; 0: not there */
    int64_t not_before;  /* the same */
    int64_t issued;      /* the same */
    bool has_wrong_tags; /* that cannot be session tags: too many, or no texts */
};

static const struct error *invalid(const struct iam_call *call, const char *words)
{
    return error_make(call->arena, ERROR_INVALID_IDENTITY_TOKEN, "%s", words);
}

/* --- reading --- */

static void read_text(struct json_reader *reader, struct slice *ret_text)
{
    if (json_peek(reader) == JSON_STRING)
        *ret_text = json_read_string(reader);
    else
        json_skip(reader);
}

/* Seconds; a fraction is cut off, what is no plain number stays 0. */
static void read_seconds(struct json_reader *reader, int64_t *ret_seconds)
{
    if (json_peek(reader) != JSON_NUMBER) {
        json_skip(reader);
        return;
    }
    struct slice text = json_read_number(reader);
    int64_t seconds = 0;
    for (size_t i = 0; i < text.size && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        if (seconds < INT64_C(1) << 40)
            seconds = seconds * 10 + (text.data[i] - '0');
    }
    *ret_seconds = seconds;
}

/* One text or a list of them; what is too much is passed over. */
static void read_texts(struct json_reader *reader, struct slice *texts, size_t texts_max,
                       size_t *count)
{
    if (json_peek(reader) != JSON_ARRAY) {
        struct slice text = SLICE_ABSENT;
        read_text(reader, &text);
        if (slice_present(text) && *count < texts_max)
            texts[(*count)++] = text;
        return;
    }
    json_enter_array(reader);
    while (json_next_element(reader)) {
        struct slice text = SLICE_ABSENT;
        read_text(reader, &text);
        if (slice_present(text) && *count < texts_max)
            texts[(*count)++] = text;
    }
}

/* {"key": ["value"], ...} */
static void read_principal_tags(struct json_reader *reader, struct claims *claims,
                                struct iam_web_identity *identity)
{
    struct slice key;
    json_enter_object(reader);
    while (json_next_member(reader, &key)) {
        struct slice value = SLICE_ABSENT;
        size_t count = 0;
        read_texts(reader, &value, 1, &count);
        if (count > 0 && identity->tag_count < TAGS_MAX)
            identity->tags[identity->tag_count++] = (struct auth_tag){key, value};
        else
            claims->has_wrong_tags = true;
    }
}

/* {"principal_tags": {...}, "transitive_tag_keys": [...]} (IAM user guide, "Passing session tags
 * using AssumeRoleWithWebIdentity") */
static void read_tags(struct json_reader *reader, struct claims *claims,
                      struct iam_web_identity *identity)
{
    struct slice name;
    if (json_peek(reader) != JSON_OBJECT) {
        claims->has_wrong_tags = true;
        json_skip(reader);
        return;
    }
    json_enter_object(reader);
    while (json_next_member(reader, &name)) {
        if (slice_equal(name, SLICE("principal_tags")) && json_peek(reader) == JSON_OBJECT)
            read_principal_tags(reader, claims, identity);
        else if (slice_equal(name, SLICE("transitive_tag_keys")))
            read_texts(reader, identity->transitive_keys, TAGS_MAX, &identity->transitive_count);
        else
            json_skip(reader);
    }
}

static void read_claim(struct json_reader *reader, struct slice name, struct claims *claims,
                       struct iam_web_identity *identity, struct slice *methods)
{
    if (slice_equal(name, SLICE("iss")))
        read_text(reader, &claims->issuer);
    else if (slice_equal(name, SLICE("sub")))
        read_text(reader, &claims->subject);
    else if (slice_equal(name, SLICE("aud")))
        read_texts(reader, claims->audiences, AUDIENCES_MAX, &claims->audience_count);
    else if (slice_equal(name, SLICE("exp")))
        read_seconds(reader, &claims->expires);
    else if (slice_equal(name, SLICE("nbf")))
        read_seconds(reader, &claims->not_before);
    else if (slice_equal(name, SLICE("iat")))
        read_seconds(reader, &claims->issued);
    else if (slice_equal(name, SLICE("amr")))
        read_texts(reader, methods, AUDIENCES_MAX, &identity->method_count);
    else if (slice_equal(name, SLICE("https://aws.amazon.com/source_identity")))
        read_text(reader, &identity->source_identity);
    else if (slice_equal(name, SLICE("https://aws.amazon.com/tags")))
        read_tags(reader, claims, identity);
    else
        json_skip(reader);
}

static const struct error *read_claims(const struct iam_call *call, struct slice json,
                                       struct claims *claims, struct iam_web_identity *identity)
{
    struct json_reader reader;
    struct slice name;
    struct slice *methods = ARENA_NEW_ARRAY(call->arena, struct slice, AUDIENCES_MAX);
    identity->tags = ARENA_NEW_ARRAY(call->arena, struct auth_tag, TAGS_MAX);
    identity->transitive_keys = ARENA_NEW_ARRAY(call->arena, struct slice, TAGS_MAX);
    identity->methods = methods;
    if (methods == NULL || identity->tags == NULL || identity->transitive_keys == NULL)
        return error_exhausted();
    json_reader_init(&reader, json, call->arena);
    json_enter_object(&reader);
    while (json_next_member(&reader, &name))
        read_claim(&reader, name, claims, identity, methods);
    return reader.failed ? error_exhausted() : NULL; /* it was checked: nothing else can fail */
}

/* --- checking --- */

static const struct error *check_keys(const struct iam_call *call, const struct auth_jwt *jwt,
                                      struct slice issuer)
{
    struct iam_trusted *trusted = iam_trusted_take(call->iam->trusted);
    const struct auth_jwk_set *keys = trusted == NULL ? NULL : iam_oidc_keys(trusted->oidc, issuer);
    bool has_keys = keys != NULL;
    bool is_verified = has_keys && auth_jwt_verify(jwt, keys);
    iam_trusted_release(trusted);
    if (!has_keys)
        return invalid(call, "Couldn't retrieve verification key from your identity provider,  "
                             "please reference AssumeRoleWithWebIdentity documentation for "
                             "requirements");
    if (!is_verified)
        return invalid(call, "The web identity token that was passed could not be validated by "
                             "AWS.");
    return NULL;
}

/* Nothing of the token holds yet: all that the issuer does is to say which keys to try. */
static const struct error *check_signature(const struct iam_call *call, const struct auth_jwt *jwt,
                                           const struct claims *claims,
                                           struct iam_provider *ret_provider)
{
    bool found = false;
    if (!slice_present(claims->issuer))
        return invalid(call, "Missing a required claim: iss");
    const struct error *error = iam_directory_provider(call->iam->directory, call->arena,
                                                       claims->issuer, ret_provider, &found);
    if (error != NULL)
        return error;
    if (!found || !slice_starts_with(claims->issuer, SLICE("https://")))
        return error_make(call->arena, ERROR_INVALID_IDENTITY_TOKEN,
                          "No OpenIDConnect provider found in your account for %.*s",
                          SLICE_PRINT(claims->issuer));
    return check_keys(call, jwt, claims->issuer);
}

static const struct error *check_moment(const struct iam_call *call, const struct claims *claims)
{
    int64_t now = call->now_ms / 1000;
    if (claims->expires == 0)
        return invalid(call, "Missing a required claim: exp");
    if (claims->issued == 0)
        return invalid(call, "Missing a required claim: iat");
    if (now >= claims->expires)
        return error_make(call->arena, ERROR_EXPIRED_WEB_IDENTITY,
                          "Token expired: current date/time %" PRId64
                          " must be before the expiration date/time %" PRId64,
                          now, claims->expires);
    if (claims->not_before > now + EARLY_SECONDS_MAX || claims->issued > now + EARLY_SECONDS_MAX)
        return error_make(call->arena, ERROR_IDP_REJECTED_CLAIM,
                          "Token is not yet valid: current date/time %" PRId64, now);
    return NULL;
}

static const struct error *check_audience(const struct iam_call *call, const struct claims *claims,
                                          struct iam_web_identity *identity)
{
    const struct iam_provider *provider = &identity->provider;
    for (size_t i = 0; i < claims->audience_count; i++) {
        for (size_t j = 0; j < provider->client_id_count; j++) {
            if (slice_equal(claims->audiences[i], provider->client_ids[j])) {
                identity->audience = claims->audiences[i];
                return NULL;
            }
        }
    }
    return invalid(call, "Incorrect token audience");
}

const struct error *iam_web_identity_verify(const struct iam_call *call, struct slice token,
                                            struct iam_web_identity *ret_identity)
{
    struct auth_jwt jwt;
    bool valid = false;
    struct claims claims = {.expires = 0};
    struct iam_web_identity identity = {.tag_count = 0};
    const struct error *error = auth_jwt_read(call->arena, token, &jwt, &valid);
    if (error == NULL && !valid)
        error = invalid(call, "The ID Token provided is not a valid JWT. (You may see this error "
                              "if you sent an Access Token)");
    if (error == NULL)
        error = read_claims(call, jwt.claims, &claims, &identity);
    if (error == NULL)
        error = check_signature(call, &jwt, &claims, &identity.provider);
    if (error == NULL)
        error = check_moment(call, &claims);
    if (error == NULL)
        error = check_audience(call, &claims, &identity);
    if (error == NULL && claims.subject.size == 0)
        error = invalid(call, "Missing a required claim: sub");
    if (error == NULL && claims.has_wrong_tags)
        error = invalid(call, "The tags of the token cannot be session tags");
    if (error == NULL && identity.source_identity.size > SOURCE_IDENTITY_BYTES_MAX)
        error = invalid(call, "The source identity of the token is too long");
    if (error != NULL)
        return error;
    identity.subject = claims.subject;
    *ret_identity = identity;
    return NULL;
}

/* --- conditions --- */

static bool is_key(struct slice key, struct slice host, struct slice name)
{
    return key.size == host.size + name.size &&
           http_name_equal(slice_of(key.data, host.size), host) &&
           http_name_equal(slice_after(key, host.size), name);
}

const struct error *iam_web_identity_look_up(void *context, struct arena *arena, struct slice key,
                                             struct auth_values *ret_values, bool *ret_present)
{
    (void)arena; /* all values are there already */
    const struct iam_web_identity *identity = context;
    struct slice host = identity->provider.url;
    const struct slice *value = NULL;
    if (is_key(key, host, SLICE(":sub")))
        value = &identity->subject;
    else if (is_key(key, host, SLICE(":aud")))
        value = &identity->audience;
    else if (http_name_equal(key, SLICE("aws:FederatedProvider")))
        value = &identity->provider.arn;
    size_t count = value != NULL;
    if (is_key(key, host, SLICE(":amr"))) {
        value = identity->methods;
        count = identity->method_count;
    }
    *ret_present = count > 0;
    if (count > 0)
        *ret_values = (struct auth_values){value, count};
    return NULL;
}
