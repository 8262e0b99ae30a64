#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "temporary.h"

/* Runs log_write with standard error in a file and returns what was written. */
static size_t capture(char *ret_text, size_t size, void (*act)(void))
{
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    char path[TEMPORARY_PATH_BYTES];
    FILE *file = fdopen(temporary_file("log", path), "w+");
    assert_non_null(file);
    unlink(path);
    dup2(fileno(file), STDERR_FILENO);
    act();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    size_t got = fread(ret_text, 1, size - 1, file);
    fclose(file);
    ret_text[got] = '\0';
    return got;
}

static void log_lines(void)
{
    log_write(LOG_DEBUG, "not shown");
    log_write(LOG_WARNING, "disk is %d%% full: %s", 91, "forged\nline\x1b[0m");
    log_set_level(LOG_ERROR);
    log_write(LOG_WARNING, "not shown either");
    log_set_level(LOG_INFO);
}

static void a_log_line_has_time_level_and_clean_words(void **state)
{
    (void)state;
    char text[4096];
    capture(text, sizeof(text), log_lines);
    /* 2026-10-07T09:30:00.123Z warning ... */
    static const char pattern[] = "dddd-dd-ddTdd:dd:dd.dddZ ";
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        if (pattern[i] == 'd')
            assert_in_range(text[i], '0', '9');
        else
            assert_int_equal(text[i], pattern[i]);
    }
    assert_string_equal(text + strlen(pattern), "warning disk is 91% full: forged?line?[0m\n");
    assert_false(log_enabled(LOG_DEBUG));
    assert_true(log_enabled(LOG_INFO));
}

static void log_long_line(void)
{
    char *words = malloc(10000);
    memset(words, 'x', 9999);
    words[9999] = '\0';
    log_write(LOG_ERROR, "%s", words);
    free(words);
}

static void a_long_log_line_is_cut(void **state)
{
    (void)state;
    char text[8192];
    size_t size = capture(text, sizeof(text), log_long_line);
    assert_in_range(size, LOG_LINE_BYTES_MAX - 8, LOG_LINE_BYTES_MAX);
    assert_string_equal(text + size - 5, "x...\n");
}

static const struct log_field fields[] = {
    {"table", SLICE_INIT("a\"b\n"), 0},
    {"ms", {NULL, 0}, 12.5},
};

static void log_objects(void)
{
    log_set_format(LOG_JSON);
    log_write(LOG_INFO, "say \"%s\"", "\\ \xff\n");
    log_write_fields(LOG_WARNING, "slow", fields, 2);
    log_set_format(LOG_TEXT);
    log_write_fields(LOG_WARNING, "slow", fields, 2);
}

static void a_line_may_be_an_object(void **state)
{
    (void)state;
    char text[4096];
    capture(text, sizeof(text), log_objects);
    enum { TIME_AT = 9, TIME_BYTES = 24 }; /* {"time":" */
    char *line = text;
    memset(line + TIME_AT, 't', TIME_BYTES);
    char *second = strchr(line, '\n') + 1;
    memset(second + TIME_AT, 't', TIME_BYTES);
    char *third = strchr(second, '\n') + 1;
    third[-1] = second[-1] = '\0';
    assert_string_equal(line, "{\"time\":\"tttttttttttttttttttttttt\",\"level\":\"info\","
                              "\"message\":\"say \\\"\\\\ ??\\\"\"}");
    assert_string_equal(second, "{\"time\":\"tttttttttttttttttttttttt\",\"level\":\"warning\","
                                "\"message\":\"slow\",\"table\":\"a\\\"b?\",\"ms\":12.5}");
    assert_string_equal(third + TIME_BYTES, " warning slow table=a\"b? ms=12.5\n");
}

static void log_long_object(void)
{
    log_set_format(LOG_JSON);
    char words[3000];
    memset(words, '"', sizeof(words) - 1);
    words[sizeof(words) - 1] = '\0';
    log_write(LOG_ERROR, "%s", words);
    log_set_format(LOG_TEXT);
}

static void a_long_object_is_cut_and_still_one(void **state)
{
    (void)state;
    char text[8192];
    size_t size = capture(text, sizeof(text), log_long_object);
    assert_true(size <= LOG_LINE_BYTES_MAX);
    assert_string_equal(text + size - 8, "\\\"...\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_line_has_time_level_and_clean_words),
        cmocka_unit_test(a_long_log_line_is_cut),
        cmocka_unit_test(a_line_may_be_an_object),
        cmocka_unit_test(a_long_object_is_cut_and_still_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
