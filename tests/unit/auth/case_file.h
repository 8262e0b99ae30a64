#ifndef HASHRANGE_TESTS_AUTH_CASE_FILE_H
#define HASHRANGE_TESTS_AUTH_CASE_FILE_H

/*
 * Files of signed requests and of the stages on the way to their signatures:
 *
 *     === title
 *     fact and its value, one a line
 *     --- section
 *     text
 *
 * A section ends before the line end that comes before the next mark.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "request_text.h"

enum { CASE_SECTIONS_MAX = 4, CASE_FILE_BYTES_MAX = 1024 * 1024 };

struct signed_case {
    struct slice title;
    struct slice facts;
    struct slice sections[CASE_SECTIONS_MAX]; /* in the order of the file */
    size_t section_count;
};

/* The file's text; the caller frees it. */
static inline char *case_file_read(const char *path, struct slice *ret_text)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    char *text = malloc(CASE_FILE_BYTES_MAX);
    CHECK(text != NULL);
    size_t size = fread(text, 1, CASE_FILE_BYTES_MAX, file);
    CHECK(size < CASE_FILE_BYTES_MAX && fclose(file) == 0);
    *ret_text = slice_of(text, size);
    return text;
}

/* Text up to the line that begins with the mark, without the line end before it; takes both, but
 * not the mark. */
static inline struct slice case_take_until(struct slice *at, const char *mark)
{
    size_t mark_size = strlen(mark);
    for (size_t i = 0; i + mark_size <= at->size; i++) {
        if ((i == 0 || at->data[i - 1] == '\n') && memcmp(at->data + i, mark, mark_size) == 0) {
            struct slice part = slice_of(at->data, i > 0 ? i - 1 : 0);
            *at = slice_after(*at, i);
            return part;
        }
    }
    struct slice all = *at;
    while (all.size > 0 && all.data[all.size - 1] == '\n')
        all.size--;
    *at = slice_after(*at, at->size);
    return all;
}

/* false: there is no more. */
static inline bool case_file_next(struct slice *at, struct signed_case *ret_case)
{
    (void)case_take_until(at, "=== ");
    if (at->size == 0)
        return false;
    struct slice block = slice_after(*at, strlen("=== "));
    struct slice rest = block;
    struct slice whole = case_take_until(&rest, "=== ");
    *at = rest;
    *ret_case = (struct signed_case){.title = text_take(&whole, '\n')};
    ret_case->facts = case_take_until(&whole, "--- ");
    while (whole.size > 0) {
        (void)text_take(&whole, '\n');
        CHECK(ret_case->section_count < CASE_SECTIONS_MAX);
        ret_case->sections[ret_case->section_count++] = case_take_until(&whole, "--- ");
    }
    return true;
}

/* The value of a fact, empty for one without, or absent. */
static inline struct slice case_fact(const struct signed_case *signed_case, const char *name)
{
    struct slice facts = signed_case->facts;
    while (facts.size > 0) {
        struct slice line = text_take(&facts, '\n');
        if (slice_equal(text_take(&line, ' '), slice_of_cstring(name)))
            return line;
    }
    return SLICE_ABSENT;
}

#endif
