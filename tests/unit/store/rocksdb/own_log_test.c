#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/folders.h"
#include "store/rocksdb/library.h"
#include "store/rocksdb/own_log.h"
#include "temporary.h"

static char place[TEMPORARY_PATH_BYTES];

static int make_place(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    bool loaded = rocksdb_library_load(&arena) == NULL;
    arena_fini(&arena);
    temporary_folder("own-log", place);
    return loaded ? 0 : -1;
}

static int remove_place(void **state)
{
    (void)state;
    folder_remove(place);
    return 0;
}

/* Opens a new database there, writes to it, and tells whether the log lies in the folder. */
static bool log_is_beside_the_data(const char *folder)
{
    char *words = NULL;
    char path[1024];
    struct own_log log;
    rocksdb_options_t *options = librocksdb.options_create();
    rocksdb_writeoptions_t *write_options = librocksdb.writeoptions_create();
    librocksdb.options_set_create_if_missing(options, 1);
    own_log_begin(&log, folder);
    librocksdb.options_set_db_log_dir(options, log.folder);
    rocksdb_t *rocksdb = librocksdb.open(options, folder, &words);
    own_log_end(&log);
    assert_null(words);
    assert_int_equal(log.folder[0] != '\0' && access(log.folder, F_OK) == 0, 0);
    librocksdb.put(rocksdb, write_options, "key", 3, "value", 5, &words);
    assert_null(words);
    librocksdb.close(rocksdb);
    librocksdb.writeoptions_destroy(write_options);
    librocksdb.options_destroy(options);
    snprintf(path, sizeof(path), "%s/LOG", folder);
    return access(path, F_OK) == 0;
}

static void the_log_leaves_nothing_anywhere(void **state)
{
    (void)state;
    char folder[2 * TEMPORARY_PATH_BYTES];
    if (access("/dev/shm", W_OK) != 0)
        skip();
    snprintf(folder, sizeof(folder), "%s/short", place);
    assert_int_equal(mkdir(folder, 0700), 0);
    for (int i = 0; i < 2; i++) /* a database that is there already as well */
        assert_false(log_is_beside_the_data(folder));
}

static void a_path_that_is_too_long_for_a_name_keeps_it_beside_the_data(void **state)
{
    (void)state;
    enum { PART_BYTES = 120 };
    char part[PART_BYTES + 1];
    char folder[2 * TEMPORARY_PATH_BYTES];
    memset(part, 'x', PART_BYTES);
    part[PART_BYTES] = '\0';
    snprintf(folder, sizeof(folder), "%s/%s", place, part);
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(folder, sizeof(folder), "%s/%s/%s", place, part, part);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_true(log_is_beside_the_data(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_leaves_nothing_anywhere),
        cmocka_unit_test(a_path_that_is_too_long_for_a_name_keeps_it_beside_the_data),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
