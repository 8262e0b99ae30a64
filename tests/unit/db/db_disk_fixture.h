#ifndef HASHRANGE_TESTS_UNIT_DB_DB_DISK_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_DB_DB_DISK_FIXTURE_H

/* The fixture's database on RocksDB, in a folder of its own for each test. */

#include <dirent.h>
#include <unistd.h>

#include "db_fixture.h"
#include "store/rocksdb/rocksdb_store.h"

static char fixture_folder[sizeof(BUILD_DIR "/db_test_XXXXXX")];

static inline void disk_open(void)
{
    struct rocksdb_store_options options = {.folder = fixture_folder,
                                            .durability = ROCKSDB_STORE_NONE};
    assert_ok(rocksdb_store_open(&fixture_arena, &options, &fixture_store));
    fixture_db_open(0);
}

static inline int disk_setup(void **state)
{
    (void)state;
    arena_init(&fixture_arena, FIXTURE_ARENA_BYTES);
    memcpy(fixture_folder, BUILD_DIR "/db_test_XXXXXX", sizeof(fixture_folder));
    assert_non_null(mkdtemp(fixture_folder));
    disk_open();
    return 0;
}

static inline int disk_teardown(void **state)
{
    int status = fixture_teardown(state);
    DIR *directory = opendir(fixture_folder);
    assert_non_null(directory);
    const struct dirent *file;
    while ((file = readdir(directory)) != NULL) {
        if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
            unlinkat(dirfd(directory), file->d_name, 0);
    }
    closedir(directory);
    assert_int_equal(rmdir(fixture_folder), 0);
    return status;
}

#define DISK_TEST(function) cmocka_unit_test_setup_teardown(function, disk_setup, disk_teardown)

#endif
