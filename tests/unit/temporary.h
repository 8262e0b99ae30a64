#ifndef HASHRANGE_TESTS_UNIT_TEMPORARY_H
#define HASHRANGE_TESTS_UNIT_TEMPORARY_H

/* Folders and files of one test, where the machine wants such things: in $TMPDIR, else in /tmp. The
 * test removes them. Include after cmocka. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEMPORARY_PATH_BYTES = 512 };

static inline void temporary_template(const char *name, char ret_path[TEMPORARY_PATH_BYTES])
{
    const char *place = getenv("TMPDIR");
    int size = snprintf(ret_path, TEMPORARY_PATH_BYTES, "%s/hashrange-%s-XXXXXX",
                        place != NULL && place[0] != '\0' ? place : "/tmp", name);
    assert_true(size > 0 && size < TEMPORARY_PATH_BYTES);
}

/* A new empty folder. */
static inline void temporary_folder(const char *name, char ret_path[TEMPORARY_PATH_BYTES])
{
    temporary_template(name, ret_path);
    assert_non_null(mkdtemp(ret_path));
}

/* A new empty file, open for reading and writing. */
static inline int temporary_file(const char *name, char ret_path[TEMPORARY_PATH_BYTES])
{
    temporary_template(name, ret_path);
    int file = mkstemp(ret_path);
    assert_true(file >= 0);
    return file;
}

#endif
