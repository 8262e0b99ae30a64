/* fuzz: hr_auth hr_http */
/* about: auth/auth.c auth/aws3.c auth/canonical_request.c auth/certificate.c auth/claim.c
 * auth/digest.c auth/moment.c auth/signature_*.c auth/v4_candidate.c auth/x509_claim.c */

/*
 * Who sends a request, on any request. The first byte chooses service, TLS, moment and how the rest
 * is read: as text that can say anything, or as bytes of a connection. What must hold: nothing is
 * read or written out of bounds, every reference that was taken is given back, who is let in has a
 * credential and a region, an error has words that are ASCII, and a canonical path is one.
 */

#include "auth/auth.h"
#include "auth/canonical_request.h"
#include "auth/x509_claim.h"
#include "base/check.h"
#include "http/request_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* When the requests of the corpus were signed. */
static const int64_t moments_ms[] = {
    1440938160000, /* 2015-08-30T12:36:00Z */
    1795906510000, /* 2026-11-28T22:55:10Z */
    1782907200000, /* 2026-07-01T12:00:00Z */
    0,
};

#define SECRET SLICE("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
#define TOKEN SLICE("IQoJb3JpZ2luX2Vj//////////wEaDGV4YW1wbGUtcmVnaW9u+token==")

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static struct auth_credential credential = {.access_key_id = SLICE_INIT("AKIDEXAMPLE")};
static size_t references;
static int64_t now_ms;

static const struct error *acquire(void *context, struct arena *arena, struct slice access_key_id,
                                   struct slice session_token, int64_t at_ms,
                                   const struct auth_credential **ret_credential)
{
    (void)context;
    CHECK(at_ms == now_ms);
    bool is_known = slice_equal(access_key_id, credential.access_key_id) &&
                    (!slice_present(session_token) || slice_equal(session_token, TOKEN));
    if (!is_known)
        return error_make(arena, ERROR_UNRECOGNIZED_CLIENT, "none");
    references++;
    *ret_credential = &credential;
    return NULL;
}

static void release(void *context, const struct auth_credential *released)
{
    (void)context;
    CHECK(released == &credential && references > 0);
    references--;
}

static const struct auth_keyring keyring = {.acquire = acquire, .release = release};

/* Nothing that sends back what came in may break the answer's encoding. */
static void check_error(const struct error *error)
{
    for (size_t i = 0; i < error->message.size; i++)
        CHECK(error->message.data[i] < 0x80);
}

static void check_identity(const struct auth_options *options, const struct http_request *request,
                           enum auth_service service)
{
    struct arena arena;
    struct auth_identity identity = {.credential = NULL};
    arena_init(&arena, ARENA_BYTES);
    const struct error *error = auth_identify(options, &arena, request, service, now_ms, &identity);
    CHECK(references == (error == NULL && options->keyring != NULL ? 1 : 0));
    if (error != NULL) {
        check_error(error);
    } else {
        CHECK(identity.region.size > 0 && identity.region.size <= AUTH_REGION_BYTES_MAX);
        CHECK((identity.credential != NULL) == (options->keyring != NULL));
        auth_identity_release(options, &identity);
    }
    arena_fini(&arena);
}

static void check_certificate(const struct http_request *request)
{
    struct arena arena;
    struct auth_x509_identity identity;
    const struct auth_trust_anchor anchors[] = {{request->body}};
    arena_init(&arena, ARENA_BYTES);
    const struct error *error =
        auth_x509_verify(&arena, request, anchors, COUNT_OF(anchors), now_ms, &identity);
    if (error != NULL)
        check_error(error);
    (void)auth_x509_is_anchor(request->body);
    arena_fini(&arena);
}

static void check_path(const struct http_request *request)
{
    struct arena arena;
    struct buf path;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&path, &arena, ARENA_BYTES);
    auth_append_path(&path, request);
    if (!path.failed) {
        struct slice text = buf_slice(&path);
        CHECK(text.size > 0 && text.data[0] == '/');
        CHECK(memmem(text.data, text.size, "//", 2) == NULL);
        CHECK(memmem(text.data, text.size, "/../", 4) == NULL);
        CHECK(memmem(text.data, text.size, "/./", 3) == NULL);
    }
    arena_fini(&arena);
}

static void check_all(const struct http_request *request, enum auth_service service)
{
    const struct auth_options verifying = {.keyring = &keyring};
    const struct auth_options development = {.keyring = NULL};
    check_identity(&verifying, request, service);
    check_identity(&development, request, service);
    check_certificate(request);
    check_path(request);
}

static struct slice take_line(struct slice *at)
{
    const uint8_t *end = at->size == 0 ? NULL : memchr(at->data, '\n', at->size);
    size_t size = end == NULL ? at->size : (size_t)(end - at->data);
    struct slice line = slice_of(at->data, size);
    *at = slice_after(*at, end == NULL ? size : size + 1);
    return line;
}

/* What stands before the separator; the rest stays in *at. */
static struct slice take_before(struct slice *at, uint8_t separator)
{
    const uint8_t *end = at->size == 0 ? NULL : memchr(at->data, separator, at->size);
    size_t size = end == NULL ? at->size : (size_t)(end - at->data);
    struct slice part = slice_of(at->data, size);
    *at = slice_after(*at, end == NULL ? size : size + 1);
    return part;
}

/* "METHOD target", lines of "name:value", an empty line, the body: anything can be said. */
static void check_text(struct slice text, bool secure, enum auth_service service)
{
    struct http_header headers[HTTP_HEADERS_MAX];
    struct http_request request = {.headers = headers, .secure = secure};
    struct slice line = take_line(&text);
    request.method = take_before(&line, ' ');
    request.target = line;
    while (text.size > 0 && request.header_count < HTTP_HEADERS_MAX) {
        line = take_line(&text);
        if (line.size == 0)
            break;
        struct http_header *header = &headers[request.header_count++];
        header->name = take_before(&line, ':');
        header->value = line;
    }
    request.body = text;
    check_all(&request, service);
}

static void check_connection(struct slice bytes, bool secure, enum auth_service service)
{
    struct http_request_parser *parser = http_request_parser_open();
    struct http_request request;
    struct arena arena;
    CHECK(parser != NULL);
    arena_init(&arena, ARENA_BYTES);
    http_request_parser_begin(parser, &arena, &request);
    if (http_request_parser_feed(parser, &bytes) == HTTP_PARSE_REQUEST) {
        request.secure = secure;
        check_all(&request, service);
    }
    arena_fini(&arena);
    http_request_parser_close(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum auth_service services[] = {AUTH_DYNAMODB, AUTH_STS, AUTH_IAM, AUTH_STS};
    if (size == 0)
        return 0;
    if (credential.signing == NULL) {
        credential.secret = SECRET;
        credential.signing = auth_signing_keys_open(SECRET);
        CHECK(credential.signing != NULL);
    }
    enum auth_service service = services[data[0] & 3];
    bool secure = (data[0] & 4) != 0;
    now_ms = moments_ms[data[0] >> 4 & 3];
    struct slice rest = slice_of(data + 1, size - 1);
    if ((data[0] & 8) != 0)
        check_connection(rest, secure, service);
    else
        check_text(rest, secure, service);
    return 0;
}
