/* Files that are removed keep their bytes for a while, and lose them bit by bit; nothing else is
 * touched. */

#include "store/folders.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/rocksdb/freer.h"

enum { MIB = 1024 * 1024, PATIENCE_MS = 30000 };

static char folder[PATH_MAX];
static struct freer freer;

static const char *path_of(const char *name)
{
    static char path[2 * PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void make_file(const char *name, off_t bytes)
{
    int fd = open(path_of(name), O_CREAT | O_EXCL | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(0, posix_fallocate(fd, 0, bytes));
    close(fd);
}

static void remove_file(const char *name)
{
    assert_int_equal(0, unlink(path_of(name)));
}

/* -1: there is none. */
static int64_t size_of(const char *name)
{
    struct stat status;
    return stat(path_of(name), &status) == 0 ? status.st_size : -1;
}

static void wait_until_there(const char *name)
{
    for (int waited = 0; size_of(name) < 0 && waited < PATIENCE_MS; waited++)
        poll(NULL, 0, 1);
    assert_true(size_of(name) >= 0);
}

static void wait_until_gone(const char *name)
{
    for (int waited = 0; size_of(name) >= 0 && waited < PATIENCE_MS; waited++)
        poll(NULL, 0, 1);
    assert_int_equal(-1, size_of(name));
}

static int begin(void **state)
{
    (void)state;
    folder_make(folder);
    freer_start(&freer, folder);
    assert_true(freer.running);
    return 0;
}

static int end(void **state)
{
    (void)state;
    freer_stop(&freer);
    folder_remove(folder);
    return 0;
}

static void a_removed_file_is_freed_bit_by_bit(void **state)
{
    (void)state;
    make_file("000001.log", 8 * MIB);
    wait_until_there("freeing/000001.log");
    remove_file("000001.log");
    bool was_cut = false;
    for (int waited = 0; size_of("freeing/000001.log") >= 0 && waited < PATIENCE_MS; waited++) {
        int64_t size = size_of("freeing/000001.log");
        was_cut = was_cut || (size > 0 && size < 8 * MIB);
        poll(NULL, 0, 1);
    }
    assert_true(was_cut);
    wait_until_gone("freeing/000001.log");
}

static void a_file_that_stays_is_not_touched(void **state)
{
    (void)state;
    make_file("000001.sst", 4 * MIB);
    make_file("000002.sst", 4 * MIB);
    wait_until_there("freeing/000001.sst");
    wait_until_there("freeing/000002.sst");
    remove_file("000001.sst");
    wait_until_gone("freeing/000001.sst");
    assert_int_equal(4 * MIB, size_of("000002.sst"));
    assert_int_equal(4 * MIB, size_of("freeing/000002.sst"));
}

static void other_kinds_of_files_have_one_name(void **state)
{
    (void)state;
    make_file("MANIFEST-000004", 1);
    make_file("000005.dbtmp", 1);
    make_file("000006.log", 1);
    wait_until_there("freeing/000006.log");
    assert_int_equal(-1, size_of("freeing/MANIFEST-000004"));
    assert_int_equal(-1, size_of("freeing/000005.dbtmp"));
}

static void a_copy_by_hard_link_keeps_its_bytes(void **state)
{
    (void)state;
    make_file("000001.sst", 4 * MIB);
    wait_until_there("freeing/000001.sst");
    char copy[2 * PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", path_of("copy"));
    assert_int_equal(0, link(path_of("000001.sst"), copy));
    remove_file("000001.sst");
    wait_until_gone("freeing/000001.sst");
    assert_int_equal(4 * MIB, size_of("copy"));
}

static void what_was_left_is_freed_after_the_next_start(void **state)
{
    (void)state;
    make_file("000001.log", 64 * MIB);
    make_file("000002.log", 4 * MIB);
    wait_until_there("freeing/000001.log");
    wait_until_there("freeing/000002.log");
    freer_stop(&freer);
    remove_file("000001.log");
    assert_true(size_of("freeing/000001.log") > 0);
    freer_start(&freer, folder);
    wait_until_gone("freeing/000001.log");
    assert_int_equal(4 * MIB, size_of("000002.log"));
}

static void files_that_were_there_before_get_their_second_name(void **state)
{
    (void)state;
    freer_stop(&freer);
    make_file("000007.sst", 4 * MIB);
    freer_start(&freer, folder);
    wait_until_there("freeing/000007.sst");
}

/* RocksDB gives a number again after a table was made and the power was lost. */
static void a_new_file_of_an_old_name_is_safe(void **state)
{
    (void)state;
    make_file("000001.sst", 64 * MIB);
    wait_until_there("freeing/000001.sst");
    remove_file("000001.sst");
    make_file("000001.sst", 2 * MIB);
    make_file("000002.sst", 2 * MIB);
    wait_until_there("freeing/000002.sst");
    remove_file("000002.sst");
    wait_until_gone("freeing/000002.sst"); /* behind the first in the queue */
    assert_int_equal(2 * MIB, size_of("000001.sst"));
    remove_file("000001.sst");
    wait_until_gone("freeing/000001.sst");
}

static void without_a_subfolder_it_does_nothing(void **state)
{
    (void)state;
    freer_stop(&freer);
    assert_int_equal(0, rmdir(path_of(FREER_SUBFOLDER)));
    make_file(FREER_SUBFOLDER, 1);
    freer_start(&freer, folder);
    assert_false(freer.running);
    freer_stop(&freer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_removed_file_is_freed_bit_by_bit, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_stays_is_not_touched, begin, end),
        cmocka_unit_test_setup_teardown(other_kinds_of_files_have_one_name, begin, end),
        cmocka_unit_test_setup_teardown(a_copy_by_hard_link_keeps_its_bytes, begin, end),
        cmocka_unit_test_setup_teardown(what_was_left_is_freed_after_the_next_start, begin, end),
        cmocka_unit_test_setup_teardown(files_that_were_there_before_get_their_second_name, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_new_file_of_an_old_name_is_safe, begin, end),
        cmocka_unit_test_setup_teardown(without_a_subfolder_it_does_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
