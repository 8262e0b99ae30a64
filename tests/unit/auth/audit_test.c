#include "auth/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "temporary.h"

enum { ARENA_BYTES = 1024 * 1024, FILE_BYTES_MAX = 4096 };

static struct arena arena;
static char path[TEMPORARY_PATH_BYTES];
static char moved[sizeof(path) + 2];

static int open_all(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    close(temporary_file("audit", path));
    snprintf(moved, sizeof(moved), "%s.1", path);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    arena_fini(&arena);
    unlink(path);
    unlink(moved);
    return 0;
}

static void expect_file(const char *name, const char *wanted)
{
    char text[FILE_BYTES_MAX];
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    fclose(file);
    assert_string_equal(text, wanted);
}

static void says_who_did_what_and_the_verdict(void **state)
{
    (void)state;
    struct auth_audit *audit;
    assert_null(auth_audit_open(&arena, path, &audit));
    const struct auth_principal ann = {.arn = SLICE("arn:aws:iam::1:user/ann")};
    const struct auth_decision allowed = {.reason = AUTH_ALLOWED, .policy = SLICE("p")};
    struct auth_audit_entry entry = {
        .time_ms = 1767225600007,
        .request_id = SLICE("R1"),
        .source_ip = SLICE("10.0.0.7"),
        .access_key_id = SLICE("AKIA"),
        .principal = &ann,
        .action = SLICE("dynamodb:GetItem"),
        .resource = SLICE("arn:aws:dynamodb:r:1:table/T"),
        .decision = &allowed,
    };
    auth_audit_write(audit, &entry);
    const struct auth_decision refused = {.reason = AUTH_NO_IDENTITY_POLICY};
    entry.decision = &refused;
    entry.source_ip = SLICE_ABSENT;
    auth_audit_write(audit, &entry);
    auth_audit_close(audit);
    expect_file(path, "{\"time\":\"2026-01-01T00:00:00.007Z\",\"requestId\":\"R1\","
                      "\"sourceIp\":\"10.0.0.7\",\"accessKeyId\":\"AKIA\","
                      "\"principal\":\"arn:aws:iam::1:user/ann\",\"action\":\"dynamodb:GetItem\","
                      "\"resource\":\"arn:aws:dynamodb:r:1:table/T\",\"verdict\":\"allowed\","
                      "\"policy\":\"p\"}\n"
                      "{\"time\":\"2026-01-01T00:00:00.007Z\",\"requestId\":\"R1\","
                      "\"accessKeyId\":\"AKIA\",\"principal\":\"arn:aws:iam::1:user/ann\","
                      "\"action\":\"dynamodb:GetItem\","
                      "\"resource\":\"arn:aws:dynamodb:r:1:table/T\",\"verdict\":\"refused\","
                      "\"reason\":\"no identity-based policy allows\"}\n");
    assert_int_equal(truncate(path, 0), 0);
}

static void says_why_nobody_is_proven_and_lets_nothing_forge_a_line(void **state)
{
    (void)state;
    struct auth_audit *audit;
    assert_null(auth_audit_open(&arena, path, &audit));
    const struct error *error = error_make(&arena, ERROR_INVALID_SIGNATURE, "secret words");
    const struct auth_audit_entry entry = {
        .access_key_id = SLICE("A\"\n\xff"),
        .error = error,
    };
    auth_audit_write(audit, &entry);
    auth_audit_close(audit);
    expect_file(path, "{\"time\":\"1970-01-01T00:00:00.000Z\",\"accessKeyId\":\"A\\\"??\","
                      "\"verdict\":\"refused\",\"error\":\"InvalidSignatureException\"}\n");
    assert_int_equal(truncate(path, 0), 0);
}

static void a_name_without_end_is_cut_and_still_told(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    struct auth_audit *audit;
    assert_null(auth_audit_open(&arena, path, &audit));
    uint8_t *name = malloc(SIZE);
    assert_non_null(name);
    memset(name, 'n', SIZE);
    const struct auth_audit_entry entry = {.resource = slice_of(name, SIZE)};
    auth_audit_write(audit, &entry);
    auth_audit_close(audit);
    free(name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    assert_in_range(ftell(file), 4096, 5000);
    fclose(file);
    assert_int_equal(truncate(path, 0), 0);
}

static void goes_on_in_a_new_file_when_the_old_one_is_moved(void **state)
{
    (void)state;
    struct auth_audit *audit;
    assert_null(auth_audit_open(&arena, path, &audit));
    const struct auth_audit_entry entry = {.request_id = SLICE("R")};
    const char *line = "{\"time\":\"1970-01-01T00:00:00.000Z\",\"requestId\":\"R\","
                       "\"verdict\":\"refused\"}\n";
    auth_audit_write(audit, &entry);
    assert_int_equal(rename(path, moved), 0);
    auth_audit_reopen(audit);
    auth_audit_write(audit, &entry);
    auth_audit_close(audit);
    expect_file(moved, line);
    expect_file(path, line);
}

static void a_file_that_cannot_be_opened_is_a_clear_error(void **state)
{
    (void)state;
    struct auth_audit *audit;
    const struct error *error = auth_audit_open(&arena, "/nowhere/at/all", &audit);
    assert_non_null(error);
    assert_non_null(memmem(error->message.data, error->message.size, "audit log", 9));
    auth_audit_write(NULL, &(struct auth_audit_entry){.time_ms = 1});
    auth_audit_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_did_what_and_the_verdict),
        cmocka_unit_test(says_why_nobody_is_proven_and_lets_nothing_forge_a_line),
        cmocka_unit_test(a_name_without_end_is_cut_and_still_told),
        cmocka_unit_test(goes_on_in_a_new_file_when_the_old_one_is_moved),
        cmocka_unit_test(a_file_that_cannot_be_opened_is_a_clear_error),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
