#ifndef HASHRANGE_TESTS_UNIT_STORE_FOLDERS_H
#define HASHRANGE_TESTS_UNIT_STORE_FOLDERS_H

/* Folders for databases, on the disk of the build. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* A new empty folder, removed by folder_remove. */
static inline void folder_make(char ret_folder[PATH_MAX])
{
    snprintf(ret_folder, PATH_MAX, "%s/store-test-XXXXXX", BUILD_DIR);
    assert_non_null(mkdtemp(ret_folder));
}

static inline int folder_remove_one(const char *path, const struct stat *status, int kind,
                                    struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

/* With all that is in it. */
static inline void folder_remove(const char *folder)
{
    nftw(folder, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
