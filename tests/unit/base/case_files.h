#ifndef HASHRANGE_TESTS_UNIT_BASE_CASE_FILES_H
#define HASHRANGE_TESTS_UNIT_BASE_CASE_FILES_H

/* What files of cases have alike, whatever stands in their lines. */

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the ones above */
#include <cmocka.h>

#include "base/buf.h"

enum { CASE_TEXT_BYTES = 64 * 1024 * 1024 };

/* Every file that the pattern matches, each as one test: run's *state is the path. at_end, or NULL,
 * comes after the last. Returns what main does. */
static inline int case_files_run(const char *pattern, CMUnitTestFunction run,
                                 CMFixtureFunction at_end)
{
    glob_t files;
    if (glob(pattern, 0, NULL, &files) != 0)
        return 1;
    struct CMUnitTest *tests = calloc(files.gl_pathc, sizeof(*tests));
    if (tests == NULL)
        return 1;
    for (size_t i = 0; i < files.gl_pathc; i++)
        tests[i] = (struct CMUnitTest){
            .name = files.gl_pathv[i], .test_func = run, .initial_state = files.gl_pathv[i]};
    int failed = _cmocka_run_group_tests("cases", tests, files.gl_pathc, NULL, at_end);
    free(tests);
    globfree(&files);
    return failed;
}

/* Each line of the file, with its number. Lines that begin with a blank, which stays, belong to the
 * line before. */
static inline void case_lines_take(const char *path,
                                   void (*take)(void *context, struct slice line, unsigned number),
                                   void *context)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    struct buf joined;
    unsigned number = 0, first = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    buf_init(&joined, NULL, CASE_TEXT_BYTES);
    while ((size = getline(&line, &capacity, file)) >= 0) {
        number++;
        while (size > 0 && line[size - 1] == '\n')
            size--;
        if (size == 0 || line[0] != ' ') {
            take(context, buf_slice(&joined), first);
            buf_clear(&joined);
            first = number;
        }
        buf_append(&joined, slice_of(line, (size_t)size));
    }
    take(context, buf_slice(&joined), first);
    assert_false(joined.failed);
    buf_fini(&joined);
    free(line);
    fclose(file);
}

/* Takes "${text*count}" from the front. */
static inline bool case_repetition(struct slice at, struct slice *ret_text, size_t *ret_count,
                                   size_t *ret_size)
{
    if (!slice_starts_with(at, SLICE("${")))
        return false;
    for (size_t star = 2; star + 1 < at.size; star++) {
        char *end;
        if (at.data[star] != '*' || at.data[star + 1] < '0' || at.data[star + 1] > '9')
            continue;
        *ret_count = strtoul((const char *)at.data + star + 1, &end, 10);
        if (*end != '}')
            continue;
        *ret_text = slice_of(at.data + 2, star - 2);
        *ret_size = (size_t)((const uint8_t *)end - at.data) + 1;
        return true;
    }
    return false;
}

static inline bool case_has(struct slice text, struct slice part)
{
    return memmem(text.data, text.size, part.data, part.size) != NULL;
}

#endif
