#ifndef HASHRANGE_TESTS_UNIT_DB_DB_DISK_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_DB_DB_DISK_FIXTURE_H

/* The fixture's database on RocksDB, in a folder of its own for each test. */

#include "db_fixture.h"
#include "store/folders.h"
#include "store/rocksdb/rocksdb_store.h"

static char fixture_folder[PATH_MAX];

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
    folder_make(fixture_folder);
    disk_open();
    return 0;
}

static inline int disk_teardown(void **state)
{
    int status = fixture_teardown(state);
    folder_remove(fixture_folder);
    return status;
}

#define DISK_TEST(function) cmocka_unit_test_setup_teardown(function, disk_setup, disk_teardown)

#endif
