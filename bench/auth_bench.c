/*
 * Measures the proof of who sends a request: auth_bench [seconds]
 *
 * A GetItem as an SDK sends it, signed with Signature Version 4, is verified over and over by one
 * thread, from the headers as parsed to the credential; then the same while its scope is new each
 * time, so that the key has to be derived.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "auth/auth.h"
#include "auth/canonical_request.h"
#include "auth/moment.h"
#include "base/check.h"
#include "base/clock.h"

enum { ARENA_BYTES = 1024 * 1024, SCOPES = 64 };

#define SECRET SLICE("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
#define BODY "{\"TableName\":\"Music\",\"Key\":{\"Artist\":{\"S\":\"No One You Know\"}}}"
#define DATE "20261007T093000Z"
#define SIGNED_HEADERS                                                                             \
    "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;" \
    "x-amz-date;x-amz-target;x-amz-user-agent"

enum { AUTHORIZATION, CONTENT_HASH };

/* A request and what its headers point to. */
struct sent {
    struct http_request request;
    struct http_header headers[16];
    char authorization[1024];
    char content_hash[AUTH_HEX_DIGEST_BYTES];
};

static struct auth_credential credential;

static const struct error *acquire(void *context, struct arena *arena, struct slice access_key_id,
                                   struct slice session_token, int64_t now_ms,
                                   const struct auth_credential **ret_credential)
{
    (void)context;
    (void)arena;
    (void)access_key_id;
    (void)session_token;
    (void)now_ms;
    *ret_credential = &credential;
    return NULL;
}

static void release(void *context, const struct auth_credential *released)
{
    (void)context;
    CHECK(released == &credential);
}

static void sign(struct sent *sent, const char *region)
{
    const struct http_header headers[] = {
        [AUTHORIZATION] = {SLICE("authorization"), SLICE_ABSENT},
        [CONTENT_HASH] = {SLICE("x-amz-content-sha256"),
                          slice_of(sent->content_hash, AUTH_HEX_DIGEST_BYTES)},
        {SLICE("host"), SLICE("127.0.0.1:8000")},
        {SLICE("x-amz-date"), SLICE(DATE)},
        {SLICE("content-type"), SLICE("application/x-amz-json-1.0")},
        {SLICE("content-length"), SLICE("62")},
        {SLICE("x-amz-target"), SLICE("DynamoDB_20120810.GetItem")},
        {SLICE("x-amz-user-agent"), SLICE("aws-sdk-js/3.901.0")},
        {SLICE("user-agent"),
         SLICE("aws-sdk-js/3.901.0 ua/2.1 os/linux#6.1.0 lang/js md/nodejs#22.20.0 "
               "api/dynamodb#3.901.0 m/E,N")},
        {SLICE("amz-sdk-invocation-id"), SLICE("0f3cf2ee-9b1d-4f2c-8a5e-3c2b1a0f9e8d")},
        {SLICE("amz-sdk-request"), SLICE("attempt=1; max=3")},
        {SLICE("connection"), SLICE("keep-alive")},
    };
    struct arena arena;
    struct slice canonical;
    char hash[AUTH_HEX_DIGEST_BYTES];
    char signature[AUTH_HEX_DIGEST_BYTES];
    uint8_t digest[AUTH_DIGEST_BYTES];
    char text[512];
    arena_init(&arena, ARENA_BYTES);
    memcpy(sent->headers, headers, sizeof(headers));
    sent->request = (struct http_request){.method = SLICE("POST"),
                                          .target = SLICE("/"),
                                          .headers = sent->headers,
                                          .header_count = COUNT_OF(headers),
                                          .body = SLICE(BODY)};
    CHECK(auth_sha256_hex(sent->request.body, sent->content_hash));
    const struct auth_canonical_parts parts = {
        .signed_headers = SLICE(SIGNED_HEADERS),
        .payload_hash = slice_of(sent->content_hash, AUTH_HEX_DIGEST_BYTES),
    };
    CHECK(auth_canonical_request(&arena, &sent->request, &parts, &canonical) == NULL);
    CHECK(auth_sha256_hex(canonical, hash));
    int size = snprintf(text, sizeof(text),
                        "AWS4-HMAC-SHA256\n" DATE "\n%.8s/%s/dynamodb/aws4_request\n%.*s", DATE,
                        region, AUTH_HEX_DIGEST_BYTES, hash);
    CHECK(auth_signing_keys_sign(credential.signing, slice_of(DATE, 8), slice_of_cstring(region),
                                 SLICE("dynamodb"), slice_of(text, (size_t)size), digest));
    auth_hex(digest, signature);
    size = snprintf(sent->authorization, sizeof(sent->authorization),
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/%.8s/%s/dynamodb/aws4_request, "
                    "SignedHeaders=" SIGNED_HEADERS ", Signature=%.*s",
                    DATE, region, AUTH_HEX_DIGEST_BYTES, signature);
    sent->headers[AUTHORIZATION].value = slice_of(sent->authorization, (size_t)size);
    arena_fini(&arena);
}

/* Of this thread's own work: others may be busy on the machine. */
static double cpu_us(void)
{
    struct timespec time;
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void measure(const char *title, const struct sent *sent, size_t count, int64_t seconds)
{
    const struct auth_keyring keyring = {.acquire = acquire, .release = release};
    const struct auth_options options = {.keyring = &keyring};
    struct arena arena;
    uint64_t verified = 0;
    int64_t now_ms;
    CHECK(auth_moment_of_basic(SLICE(DATE), &now_ms));
    arena_init(&arena, ARENA_BYTES);
    double begin_us = cpu_us();
    int64_t end_ms = clock_monotonic_ms() + seconds * 1000;
    while (clock_monotonic_ms() < end_ms) {
        for (size_t i = 0; i < 1024; i++, verified++) {
            struct auth_identity identity;
            CHECK(auth_identify(&options, &arena, &sent[verified % count].request, AUTH_DYNAMODB,
                                now_ms, &identity) == NULL);
            auth_identity_release(&options, &identity);
            arena_reset(&arena);
        }
    }
    printf("%-20s %6.2f us each\n", title, (cpu_us() - begin_us) / (double)verified);
    arena_fini(&arena);
}

int main(int count, char **arguments)
{
    static struct sent sent[SCOPES];
    int64_t seconds = count > 1 ? strtoll(arguments[1], NULL, 10) : 3;
    credential.signing = auth_signing_keys_open(SECRET);
    CHECK(credential.signing != NULL && seconds > 0);
    for (unsigned i = 0; i < SCOPES; i++) {
        char region[32];
        (void)snprintf(region, sizeof(region), "region-%u", i);
        sign(&sent[i], region);
    }
    measure("scope known", sent, 1, seconds);
    measure("scope new each time", sent, SCOPES, seconds);
    auth_signing_keys_close(credential.signing);
    return 0;
}
