/* The file of the key under which secrets are stored. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/key_file.h"
#include "temporary.h"

enum { ARENA_BYTES = 256 * 1024, TEXT_BYTES = 512 };

static struct arena arena;
static char folder[TEMPORARY_PATH_BYTES];

static int make_folder(void **state)
{
    (void)state;
    temporary_folder("key", folder);
    arena_init(&arena, ARENA_BYTES);
    return chdir(folder);
}

static int remove_folder(void **state)
{
    (void)state;
    char command[2 * TEMPORARY_PATH_BYTES];
    arena_fini(&arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

static void expect_error(const struct error *error, const char *expected)
{
    char message[TEXT_BYTES];
    assert_non_null(error);
    snprintf(message, sizeof(message), "%.*s", SLICE_PRINT(error->message));
    if (strstr(message, expected) == NULL)
        fail_msg("'%s' is not in '%s'", expected, message);
}

static void write_file(const char *path, const void *bytes, size_t size, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void its_usual_place_is_beside_the_data(void **state)
{
    (void)state;
    assert_string_equal(key_file_beside(&arena, "data"), "data.key");
    assert_string_equal(key_file_beside(&arena, "/srv/data/"), "/srv/data.key");
    assert_string_equal(key_file_beside(&arena, "a/b//"), "a/b.key");
}

static void it_is_made_once_and_for_its_owner_only(void **state)
{
    (void)state;
    uint8_t made[KEY_FILE_BYTES] = {0};
    uint8_t read[KEY_FILE_BYTES] = {0};
    uint8_t nothing[KEY_FILE_BYTES] = {0};
    struct stat found;
    umask(0);
    write_file("data.key.new", "left over", 9, 0644); /* of a start that was cut short */
    assert_null(key_file_load(&arena, "data.key", true, made));
    assert_memory_not_equal(made, nothing, KEY_FILE_BYTES);
    assert_int_equal(stat("data.key", &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    assert_int_equal(found.st_size, KEY_FILE_BYTES);
    assert_int_equal(found.st_nlink, 1);
    assert_int_not_equal(access("data.key.new", F_OK), 0);
    assert_null(key_file_load(&arena, "data.key", true, read));
    assert_memory_equal(made, read, KEY_FILE_BYTES);
    assert_null(key_file_load(&arena, "other.key", true, read));
    assert_memory_not_equal(made, read, KEY_FILE_BYTES);
}

static void it_is_not_made_where_it_must_be_there(void **state)
{
    (void)state;
    uint8_t key[KEY_FILE_BYTES] = {7};
    expect_error(key_file_load(&arena, "data.key", false, key),
                 "Cannot read the key file data.key: No such file or directory");
    assert_int_not_equal(access("data.key", F_OK), 0);
    expect_error(key_file_load(&arena, "no/such/folder/data.key", true, key),
                 "Cannot make the key file no/such/folder/data.key: No such file or directory");
    assert_int_equal(key[0], 7);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0604, 0660, 0606, 0644, 0610, 0601};
    uint8_t bytes[KEY_FILE_BYTES] = "a key that somebody has seen it.";
    uint8_t key[KEY_FILE_BYTES];
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        write_file("data.key", bytes, sizeof(bytes), modes[i]);
        const struct error *error = key_file_load(&arena, "data.key", true, key);
        expect_error(error, "may be read by others");
        expect_error(error, "chmod 600");
    }
    static const mode_t fine[] = {0600, 0400, 0700};
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        assert_int_equal(chmod("data.key", fine[i]), 0);
        assert_null(key_file_load(&arena, "data.key", false, key));
        assert_memory_equal(key, bytes, KEY_FILE_BYTES);
    }
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    static const uint8_t bytes[KEY_FILE_BYTES + 1] = {1};
    static const size_t sizes[] = {0, 1, KEY_FILE_BYTES - 1, KEY_FILE_BYTES + 1};
    uint8_t key[KEY_FILE_BYTES];
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        write_file("data.key", bytes, sizes[i], 0600);
        expect_error(key_file_load(&arena, "data.key", true, key), "must hold 32 bytes");
    }
    assert_int_equal(mkdir("folder.key", 0700), 0);
    expect_error(key_file_load(&arena, "folder.key", true, key), "is not a file");
    assert_int_equal(mkfifo("pipe.key", 0600), 0);
    expect_error(key_file_load(&arena, "pipe.key", true, key), "is not a file");
}

static void it_is_not_kept_with_the_data(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *data;
        bool is_fine;
    } cases[] = {
        {"data.key", "data", true},
        {"data/key", "data", false},
        {"data/deep/key", "data", false},
        {"./data/../data/key", "data/", false},
        {"data", "data", false},
        {"database/key", "data", true},
        {"link/key", "data", false},
        {"data/key", "link", false},
        {"linked.key", "data", false},
        {"data.key", "new", true},
        {"data.key", "no/such", true},
        {"data/../key", "data", true},
        {"data.key", ".", false},
        {"data.key", "/", false},
        {"new", "new", false},
    };
    assert_int_equal(mkdir("data", 0700), 0);
    assert_int_equal(mkdir("data/deep", 0700), 0);
    assert_int_equal(mkdir("database", 0700), 0);
    assert_int_equal(symlink("data", "link"), 0);
    write_file("data/inner.key", "x", 1, 0600);
    assert_int_equal(symlink("data/inner.key", "linked.key"), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct error *error = key_file_check_place(&arena, cases[i].key, cases[i].data);
        if (cases[i].is_fine)
            assert_null(error);
        else
            expect_error(error, "is in the data folder");
    }
    expect_error(key_file_check_place(&arena, "no/such/key", "data"), "Cannot find a place");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(its_usual_place_is_beside_the_data),
        TEST(it_is_made_once_and_for_its_owner_only),
        TEST(it_is_not_made_where_it_must_be_there),
        TEST(a_file_that_others_may_read_is_refused),
        TEST(what_is_no_key_is_refused),
        TEST(it_is_not_kept_with_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
