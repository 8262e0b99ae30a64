/*
 * Opening the durable engine: what it keeps from one time to the next, and what it says of folders
 * that it cannot or must not open.
 */

#include "store/engines.h"
#include "temporary.h"

#include <dirent.h>
#include <fcntl.h>
#include <rocksdb/c.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[PATH_MAX];

static int make_folder(void **state)
{
    (void)state;
    folder_make(folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    chmod(folder, 0700);
    folder_remove(folder);
    return 0;
}

static struct store *open_store(const char *path, enum rocksdb_store_durability durability)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct rocksdb_store_options options = {.folder = path,
                                            .durability = durability,
                                            .sync_interval_ms = 1,
                                            .cache_bytes = 8 * 1024 * 1024};
    struct store *store = NULL;
    assert_success(rocksdb_store_open(&arena, &options, &store));
    arena_fini(&arena);
    return store;
}

/* Opening fails with these words, and with the folder's name. */
static void assert_refused(const char *path, const char *words)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct rocksdb_store_options options = {.folder = path, .cache_bytes = 8 * 1024 * 1024};
    struct store *store = NULL;
    const struct error *error = rocksdb_store_open(&arena, &options, &store);
    assert_non_null(error);
    assert_null(store);
    char message[2048];
    snprintf(message, sizeof(message), "%.*s", SLICE_PRINT(error->message));
    if (strstr(message, words) == NULL || strstr(message, path) == NULL)
        fail_msg("\"%s\" does not say \"%s\" and the folder", message, words);
    assert_int_equal(ERROR_INTERNAL, error->kind);
    arena_fini(&arena);
}

static void path_in(char ret_path[2 * PATH_MAX], const char *name)
{
    assert_in_range(snprintf(ret_path, 2 * PATH_MAX, "%s/%s", folder, name), 1, 2 * PATH_MAX - 1);
}

static void write_file(const char *name, const char *text)
{
    char path[2 * PATH_MAX];
    path_in(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

/* The first file whose name ends so, in ret_path. */
static bool find_file(const char *end, char ret_path[2 * PATH_MAX])
{
    bool found = false;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (const struct dirent *entry; !found && (entry = readdir(listing)) != NULL;) {
        size_t size = strlen(entry->d_name);
        found = size >= strlen(end) && strcmp(entry->d_name + size - strlen(end), end) == 0;
        if (found)
            path_in(ret_path, entry->d_name);
    }
    closedir(listing);
    return found;
}

/* Turns round every byte of a file. */
static void damage(const char *path)
{
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    struct stat status;
    assert_int_equal(0, fstat(fd, &status));
    for (off_t at = 0; at < status.st_size; at++) {
        uint8_t byte;
        assert_int_equal(1, pread(fd, &byte, 1, at));
        byte ^= 0xff;
        assert_int_equal(1, pwrite(fd, &byte, 1, at));
    }
    close(fd);
}

/* --- kept --- */

/* RocksDB writes its options at each opening; what it cannot write in full it leaves behind. */
static void openings_leave_no_half_written_files(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    for (int i = 0; i < 3; i++)
        store_close(open_store(folder, ROCKSDB_STORE_SYNC));
    assert_false(find_file(".dbtmp", path));
}

static void everything_is_there_again(void **state)
{
    (void)state;
    static const enum rocksdb_store_durability durabilities[] = {
        ROCKSDB_STORE_SYNC, ROCKSDB_STORE_INTERVAL, ROCKSDB_STORE_NONE};
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    COMMIT(store, "a", PUT("a", "1"), PUT("b", ""), ADD("n", 5));
    store_close(store);
    for (size_t i = 0; i < COUNT_OF(durabilities); i++) {
        store = open_store(folder, durabilities[i]);
        assert_value(store, "a", "1");
        assert_value(store, "b", "");
        assert_int_equal(5 + (int)i, read_counter(store, "n"));
        COMMIT(store, "a", ADD("n", 1));
        store_close(store);
    }
    store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_int_equal(8, read_counter(store, "n"));
    store_close(store);
}

static void makes_the_folder(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    path_in(path, "new");
    store_close(open_store(path, ROCKSDB_STORE_SYNC));
    struct stat status;
    assert_int_equal(0, stat(path, &status));
    assert_int_equal(0700, status.st_mode & 0777);
    folder_remove(path);
}

static void goes_on_from_a_first_start_that_was_cut_off(void **state)
{
    (void)state;
    write_file("LOCK", "");
    write_file("LOG", "");
    write_file("000001.dbtmp", "half a file name");
    store_close(open_store(folder, ROCKSDB_STORE_SYNC));
}

/* --- refused --- */

static void refuses_what_cannot_be_a_folder(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    path_in(path, "no/such");
    assert_refused(path, "Make its parent");
    write_file("file", "text");
    path_in(path, "file");
    assert_refused(path, "is not a folder");
}

/* In a process without the rights of root, which may write everywhere. */
static void assert_refused_to_others(const char *path, const char *words)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        struct arena arena;
        arena_init(&arena, 1024 * 1024);
        struct rocksdb_store_options options = {.folder = path};
        struct store *store = NULL;
        const struct error *error = rocksdb_store_open(&arena, &options, &store);
        char message[2048] = "";
        if (error != NULL)
            snprintf(message, sizeof(message), "%.*s", SLICE_PRINT(error->message));
        fprintf(stderr, "%s\n", message);
        _exit(strstr(message, words) != NULL && strstr(message, path) != NULL ? 0 : 1);
    }
    int status;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
}

static void refuses_a_folder_it_may_not_write(void **state)
{
    (void)state;
    char path[TEMPORARY_PATH_BYTES];
    temporary_folder("store", path);
    assert_int_equal(0, chmod(path, 0555));
    assert_refused_to_others(path, "not both readable and writable");
    assert_int_equal(0, rmdir(path));
}

static void refuses_a_folder_of_somebody_else(void **state)
{
    (void)state;
    write_file("letters.txt", "dear sir");
    assert_refused(folder, "other files");
    char path[2 * PATH_MAX];
    assert_true(find_file("letters.txt", path));
    assert_false(find_file("CURRENT", path));
}

static rocksdb_t *open_directly(void)
{
    char *words = NULL;
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_t *rocksdb = rocksdb_open(options, folder, &words);
    assert_null(words);
    rocksdb_options_destroy(options);
    return rocksdb;
}

static void put_directly(const char *key, size_t key_size, const char *value)
{
    char *words = NULL;
    rocksdb_t *rocksdb = open_directly();
    rocksdb_writeoptions_t *options = rocksdb_writeoptions_create();
    rocksdb_put(rocksdb, options, key, key_size, value, strlen(value), &words);
    assert_null(words);
    rocksdb_writeoptions_destroy(options);
    rocksdb_close(rocksdb);
}

static void refuses_a_database_of_something_else(void **state)
{
    (void)state;
    put_directly("k", 1, "v");
    assert_refused(folder, "hashrange has not made");
}

static void refuses_a_newer_format_and_names_both_versions(void **state)
{
    (void)state;
    store_close(open_store(folder, ROCKSDB_STORE_SYNC));
    put_directly("\0v", 2, "hashrange\x63");
    assert_refused(folder, "format version 99; this program knows versions up to 1");
    put_directly("\0v", 2, "something");
    assert_refused(folder, "hashrange has not made");
}

static void refuses_a_folder_in_use(void **state)
{
    (void)state;
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_refused(folder, "in use by this process");
    /* The refused attempt has not taken the lock away from the first. */
    assert_refused(folder, "in use by this process");
    COMMIT(store, "a", PUT("a", "1"));
    store_close(store);
}

/* Run as a program of its own, because the lock is one process'. */
static int try_to_open(const char *path)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct rocksdb_store_options options = {.folder = path};
    struct store *store = NULL;
    const struct error *error = rocksdb_store_open(&arena, &options, &store);
    char expected[64];
    snprintf(expected, sizeof(expected), "in use by process %ld", (long)getppid());
    char message[2048] = "";
    if (error != NULL)
        snprintf(message, sizeof(message), "%.*s", SLICE_PRINT(error->message));
    fprintf(stderr, "%s\n", message);
    arena_fini(&arena);
    return strstr(message, expected) != NULL ? 0 : 1;
}

static void a_second_process_is_told_of_the_first(void **state)
{
    (void)state;
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "opening_test", "try-to-open", folder, (char *)NULL);
        _exit(3);
    }
    int status;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
    COMMIT(store, "a", PUT("a", "1"));
    store_close(store);
}

/* --- damaged --- */

static void fill(void)
{
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    COMMIT(store, "a", PUT("a", "value"), ADD("n", 1));
    store_close(store);
    /* Opening writes what the log holds into a table. */
    store_close(open_store(folder, ROCKSDB_STORE_SYNC));
}

static void does_not_start_anew_over_a_database_without_current(void **state)
{
    (void)state;
    fill();
    char path[2 * PATH_MAX];
    char kept[2 * PATH_MAX];
    assert_true(find_file("CURRENT", path));
    path_in(kept, "kept");
    assert_int_equal(0, rename(path, kept));
    assert_refused(folder, "CURRENT is missing");
    assert_int_equal(0, rename(kept, path));
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_value(store, "a", "value");
    store_close(store);
}

static void find_manifest(char ret_path[2 * PATH_MAX])
{
    char name[64] = "";
    path_in(ret_path, "CURRENT");
    FILE *file = fopen(ret_path, "r");
    assert_non_null(file);
    assert_int_equal(1, fscanf(file, "%63s", name));
    fclose(file);
    path_in(ret_path, name);
}

static void refuses_a_damaged_list_of_files(void **state)
{
    (void)state;
    fill();
    char path[2 * PATH_MAX];
    find_manifest(path);
    damage(path);
    assert_refused(folder, "damaged");
    damage(path);
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_value(store, "a", "value");
    store_close(store);
}

static void refuses_a_missing_table(void **state)
{
    (void)state;
    fill();
    char path[2 * PATH_MAX];
    assert_true(find_file(".sst", path));
    assert_int_equal(0, unlink(path));
    assert_refused(folder, "damaged");
}

static void a_damaged_table_gives_errors_and_not_other_data(void **state)
{
    (void)state;
    fill();
    char path[2 * PATH_MAX];
    assert_true(find_file(".sst", path));
    damage(path);
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct rocksdb_store_options options = {.folder = folder};
    struct store *store = NULL;
    const struct error *error = rocksdb_store_open(&arena, &options, &store);
    if (error == NULL) {
        struct slice key = SLICE("a");
        struct slice value;
        error = store_get(store, &arena, &key, 1, &value);
        store_close(store);
    }
    assert_non_null(error);
    assert_int_equal(ERROR_INTERNAL, error->kind);
    arena_fini(&arena);
}

/* A limit on the size of files stands for a full disk. */
static void refuses_a_disk_without_room(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    COMMIT(store, "a", PUT("a", "1"));
    store_close(store);
    signal(SIGXFSZ, SIG_IGN);
    static const rlim_t limits[] = {0, 4096, 500000};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct rlimit limit = {limits[i], before.rlim_max};
        assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &limit));
        assert_refused(folder, limits[i] == 0 ? "cannot be written" : "is full");
    }
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &before));
    signal(SIGXFSZ, SIG_DFL);
    store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_value(store, "a", "1");
    store_close(store);
}

/* Puts zeros in place of bytes, as sectors that have not come to the disk leave them. */
static void lose_bytes(const char *path, off_t offset, size_t size)
{
    static const uint8_t zeros[1024];
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_in_range(size, 1, sizeof(zeros));
    assert_int_equal(size, pwrite(fd, zeros, size, offset));
    close(fd);
}

static off_t size_of(const char *path)
{
    struct stat status;
    assert_int_equal(0, stat(path, &status));
    return status.st_size;
}

/* A record that was being written when the power was lost: all but some bytes at its start. */
static void a_torn_end_of_the_list_of_files_is_cut_off(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    fill();
    find_manifest(path);
    off_t size = size_of(path);
    uint8_t record[600];
    memset(record, 1, sizeof(record));
    record[4] = (sizeof(record) - 7) & 0xff;
    record[5] = (sizeof(record) - 7) >> 8;
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(sizeof(record), write(fd, record, sizeof(record)));
    close(fd);
    lose_bytes(path, size + 7, 100);
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_value(store, "a", "value");
    COMMIT(store, "a", PUT("a", "new"));
    store_close(store);
    store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_value(store, "a", "new");
    store_close(store);
}

/* A whole record behind the torn one, as RocksDB writes two before a sync. */
static void a_torn_end_of_several_records_is_cut_off(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    uint8_t bytes[4096];
    fill();
    find_manifest(path);
    int fd = open(path, O_RDWR | O_APPEND);
    assert_true(fd >= 0);
    ssize_t size = read(fd, bytes, sizeof(bytes));
    assert_in_range(size, 1, sizeof(bytes) / 2);
    /* What is there once more, so that whole records come behind the first, which is damaged. */
    bytes[8] ^= 1;
    assert_int_equal(size, write(fd, bytes, (size_t)size));
    close(fd);
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_value(store, "a", "value");
    store_close(store);
}

/* The same where the log is gone that is needed after the records before: nothing is cut. */
static void damage_within_the_list_of_files_is_no_torn_end(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    char log[2 * PATH_MAX];
    fill();
    assert_true(find_file(".log", log));
    assert_int_equal(0, unlink(log));
    find_manifest(path);
    off_t size = size_of(path);
    lose_bytes(path, size - 5, 5);
    assert_refused(folder, "damaged");
    assert_int_equal(size, size_of(path));
}

static void damage_within_the_log_is_no_torn_end(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    COMMIT(store, "a", PUT("a", "1"));
    store_close(store);
    store = open_store(folder, ROCKSDB_STORE_SYNC);
    COMMIT(store, "b", PUT("b", "2"), ADD("n", 1));
    COMMIT(store, "c", PUT("c", "3"), ADD("n", 1));
    store_close(store);
    assert_true(find_file(".log", path));
    off_t size = size_of(path);
    assert_in_range(size, 64, 4096);
    lose_bytes(path, 19, 10); /* of its keys and values */
    assert_refused(folder, "acknowledged writes come behind");
    assert_int_equal(size, size_of(path));
    /* Who says that records need not have been synced may have what is left. */
    store = open_store(folder, ROCKSDB_STORE_INTERVAL);
    assert_value(store, "a", "1");
    assert_value(store, "c", "-");
    store_close(store);
}

static void a_torn_end_of_the_log_is_cut_off(void **state)
{
    (void)state;
    char path[2 * PATH_MAX];
    struct store *store = open_store(folder, ROCKSDB_STORE_SYNC);
    COMMIT(store, "a", PUT("a", "1"));
    COMMIT(store, "b", PUT("b", "2"), ADD("n", 1));
    store_close(store);
    assert_true(find_file(".log", path));
    struct stat status;
    assert_int_equal(0, stat(path, &status));
    assert_int_equal(0, truncate(path, status.st_size - 3));
    store = open_store(folder, ROCKSDB_STORE_SYNC);
    assert_value(store, "a", "1");
    assert_value(store, "b", "-");
    assert_int_equal(0, read_counter(store, "n"));
    store_close(store);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "try-to-open") == 0)
        return try_to_open(argv[2]);
    const struct CMUnitTest tests[] = {
        EACH(openings_leave_no_half_written_files),
        EACH(everything_is_there_again),
        EACH(makes_the_folder),
        EACH(goes_on_from_a_first_start_that_was_cut_off),
        EACH(refuses_what_cannot_be_a_folder),
        EACH(refuses_a_folder_it_may_not_write),
        EACH(refuses_a_folder_of_somebody_else),
        EACH(refuses_a_database_of_something_else),
        EACH(refuses_a_newer_format_and_names_both_versions),
        EACH(refuses_a_folder_in_use),
        EACH(a_second_process_is_told_of_the_first),
        EACH(does_not_start_anew_over_a_database_without_current),
        EACH(refuses_a_damaged_list_of_files),
        EACH(refuses_a_missing_table),
        EACH(a_damaged_table_gives_errors_and_not_other_data),
        EACH(refuses_a_disk_without_room),
        EACH(a_torn_end_of_the_log_is_cut_off),
        EACH(a_torn_end_of_the_list_of_files_is_cut_off),
        EACH(a_torn_end_of_several_records_is_cut_off),
        EACH(damage_within_the_list_of_files_is_no_torn_end),
        EACH(damage_within_the_log_is_no_torn_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
