/* Requests signed with certificates: cases/x509.cases. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "auth/moment.h"
#include "auth/x509_claim.h"
#include "base/buf.h"
#include "case_file.h"

enum { ARENA_BYTES = 4 * 1024 * 1024, ANCHORS_MAX = 8, PEM = 0 };
enum { REQUEST, CANONICAL, TO_SIGN, IDENTITY, SECTIONS };

static struct arena arena;
static int64_t now_ms;
static char *text;
static struct slice cases; /* behind the anchors */
static struct {
    struct slice name;
    struct auth_trust_anchor anchor;
} anchors[ANCHORS_MAX];
static size_t anchor_count;

static int open_all(void **state)
{
    (void)state;
    struct signed_case next;
    arena_init(&arena, ARENA_BYTES);
    text = case_file_read(TESTS_DIR "/unit/auth/cases/x509.cases", &cases);
    for (struct slice rest = cases; case_file_next(&rest, &next); cases = rest) {
        struct slice kind = text_take(&next.title, ' ');
        if (!slice_equal(kind, SLICE("anchor")))
            break;
        assert_true(anchor_count < ANCHORS_MAX);
        anchors[anchor_count].name = next.title;
        anchors[anchor_count++].anchor.certificates = next.sections[PEM];
    }
    return auth_moment_of_basic(SLICE("20260701T120000Z"), &now_ms) ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    free(text);
    arena_fini(&arena);
    return 0;
}

static struct auth_trust_anchor anchor_of(struct slice name)
{
    for (size_t i = 0; i < anchor_count; i++) {
        if (slice_equal(anchors[i].name, name))
            return anchors[i].anchor;
    }
    fail_msg("no anchor %.*s", SLICE_PRINT(name));
    return (struct auth_trust_anchor){SLICE_ABSENT};
}

static const struct error *verify(struct arena *in, const struct signed_case *signed_case,
                                  struct auth_x509_identity *ret_identity)
{
    struct request_text read;
    struct auth_trust_anchor given[ANCHORS_MAX];
    size_t count = 0;
    struct slice names = case_fact(signed_case, "anchors");
    while (names.size > 0)
        given[count++] = anchor_of(text_take(&names, ' '));
    request_text_read(signed_case->sections[REQUEST], &read);
    return auth_x509_verify(in, &read.request, given, count, now_ms, ret_identity);
}

static void append_names(struct buf *out, const char *kind, struct auth_x509_names names)
{
    for (size_t i = 0; i < names.count; i++)
        buf_append_format(out, "\n%s %.*s", kind, SLICE_PRINT(names.items[i]));
}

/* As the section "identity" has it. */
static struct slice describe(const struct auth_x509_identity *identity)
{
    struct buf out;
    buf_init(&out, &arena, ARENA_BYTES);
    buf_append_format(&out, "anchor %zu\nregion %.*s\nsubject %.*s\nissuer %.*s\n",
                      identity->anchor, SLICE_PRINT(identity->region),
                      SLICE_PRINT(identity->subject), SLICE_PRINT(identity->issuer));
    buf_append_format(&out, "serial %.*s\nserial_hex %.*s\nnot_after %lld",
                      SLICE_PRINT(identity->serial), SLICE_PRINT(identity->serial_hex),
                      (long long)identity->not_after_ms);
    append_names(&out, "dns", identity->dns_names);
    append_names(&out, "uri", identity->uris);
    for (size_t i = 0; i < identity->tag_count; i++)
        buf_append_format(&out, "\n%.*s=%.*s", SLICE_PRINT(identity->tags[i].key),
                          SLICE_PRINT(identity->tags[i].value));
    assert_false(out.failed);
    return buf_slice(&out);
}

static void assert_text(struct slice title, struct slice actual, struct slice expected)
{
    if (!slice_equal(actual, expected))
        fail_msg("%.*s:\n%.*s\ninstead of\n%.*s", SLICE_PRINT(title), SLICE_PRINT(actual),
                 SLICE_PRINT(expected));
}

static struct slice kind_name(enum error_kind kind)
{
    switch (kind) {
    case ERROR_ACCESS_DENIED:
        return SLICE("ACCESS_DENIED");
    case ERROR_INVALID_SIGNATURE:
        return SLICE("INVALID_SIGNATURE");
    case ERROR_INCOMPLETE_SIGNATURE:
        return SLICE("INCOMPLETE_SIGNATURE");
    default:
        return SLICE("another");
    }
}

static void check_refusal(const struct signed_case *signed_case, const struct error *error)
{
    struct slice message = case_fact(signed_case, "refused");
    struct slice kind = text_take(&message, ' ');
    assert_non_null(error);
    assert_text(signed_case->title, kind_name(error->kind), kind);
    if (message.size > 0)
        assert_text(signed_case->title, error->message, message);
    else
        assert_non_null(memmem(error->message.data, error->message.size,
                               signed_case->sections[CANONICAL].data,
                               signed_case->sections[CANONICAL].size));
}

static void every_case_of_the_file_is_judged(void **state)
{
    (void)state;
    struct signed_case signed_case;
    size_t count = 0;
    for (struct slice rest = cases; case_file_next(&rest, &signed_case); count++) {
        struct auth_x509_identity identity = {.anchor = SIZE_MAX};
        const struct error *error = verify(&arena, &signed_case, &identity);
        if (slice_present(case_fact(&signed_case, "refused"))) {
            check_refusal(&signed_case, error);
            assert_int_equal(identity.anchor, SIZE_MAX);
            continue;
        }
        if (error != NULL)
            fail_msg("%.*s:\n%.*s", SLICE_PRINT(signed_case.title), SLICE_PRINT(error->message));
        assert_int_equal(signed_case.section_count, SECTIONS);
        assert_text(signed_case.title, describe(&identity), signed_case.sections[IDENTITY]);
    }
    assert_true(count > 30);
}

/* Any byte of what is signed, and of the signature, matters. */
static void a_changed_request_is_refused(void **state)
{
    (void)state;
    struct slice rest = cases;
    struct signed_case signed_case;
    struct auth_x509_identity identity;
    assert_true(case_file_next(&rest, &signed_case));
    struct slice request;
    assert_true(arena_copy(&arena, signed_case.sections[REQUEST], &request));
    signed_case.sections[REQUEST] = request;
    assert_null(verify(&arena, &signed_case, &identity));
    uint8_t *bytes = (uint8_t *)(uintptr_t)request.data;
    struct slice header = SLICE("X-Amz-X509:");
    const uint8_t *certificate = memmem(bytes, request.size, header.data, header.size);
    assert_non_null(certificate);
    size_t begin = (size_t)(certificate - bytes) + header.size;
    for (size_t i = begin; i < request.size; i += 7) {
        struct arena_mark mark = arena_mark(&arena);
        uint8_t before = bytes[i];
        bytes[i] = '!'; /* not a letter: the case of names does not matter */
        if (verify(&arena, &signed_case, &identity) == NULL)
            fail_msg("at %zu: %.40s", i, (const char *)bytes + i);
        bytes[i] = before;
        arena_rewind(&arena, mark);
    }
    assert_null(verify(&arena, &signed_case, &identity));
}

static void exhausted_memory_lets_nobody_in(void **state)
{
    (void)state;
    struct slice rest = cases;
    struct signed_case signed_case;
    assert_true(case_file_next(&rest, &signed_case));
    bool verified = false;
    for (size_t limit = 0; !verified; limit += 512) {
        struct arena small;
        struct auth_x509_identity identity;
        arena_init(&small, limit);
        verified = verify(&small, &signed_case, &identity) == NULL;
        assert_true(limit < ARENA_BYTES);
        arena_fini(&small);
    }
}

static void only_authorities_are_anchors(void **state)
{
    (void)state;
    for (size_t i = 0; i < anchor_count; i++)
        assert_true(auth_x509_is_anchor(anchors[i].anchor.certificates));
    assert_false(auth_x509_is_anchor(SLICE("")));
    assert_false(auth_x509_is_anchor(SLICE_ABSENT));
    assert_false(auth_x509_is_anchor(SLICE("0")));
    assert_false(auth_x509_is_anchor(SLICE("-----BEGIN CERTIFICATE-----\nAAAA\n"
                                           "-----END CERTIFICATE-----\n")));
}

static void other_requests_are_not_of_this_kind(void **state)
{
    (void)state;
    const struct http_header headers[] = {
        {SLICE("authorization"), SLICE(" AWS4-X509-RSA-SHA256 Credential=a")},
        {SLICE("authorization"), SLICE("AWS4-HMAC-SHA256 Credential=a")},
    };
    struct http_request request = {.method = SLICE("POST"), .target = SLICE("/sessions")};
    struct auth_x509_identity identity;
    assert_false(auth_x509_is_claimed(&request));
    const struct error *error = auth_x509_verify(&arena, &request, NULL, 0, now_ms, &identity);
    assert_int_equal(error->kind, ERROR_MISSING_AUTHENTICATION_TOKEN);
    request.header_count = 1;
    request.headers = &headers[0];
    assert_true(auth_x509_is_claimed(&request));
    request.headers = &headers[1];
    assert_false(auth_x509_is_claimed(&request));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_file_is_judged),
        cmocka_unit_test(a_changed_request_is_refused),
        cmocka_unit_test(exhausted_memory_lets_nobody_in),
        cmocka_unit_test(only_authorities_are_anchors),
        cmocka_unit_test(other_requests_are_not_of_this_kind),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
