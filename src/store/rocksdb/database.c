#include "store/rocksdb/database.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "store/rocksdb/damage.h"
#include "store/rocksdb/folder.h"
#include "store/rocksdb/own_log.h"
#include "store/rocksdb/records.h"

/* Numbers that RocksDB's C interface takes instead of names. */
enum {
    CHECKSUM_XXH3 = 4,    /* rocksdb/table.h: Debian builds have no hardware CRC-32C */
    INFO_LOG_HEADERS = 5, /* rocksdb/env.h HEADER_LEVEL: the highest */
    /* rocksdb/options.h kPointInTimeRecovery: a torn end of the log after a power loss is cut off;
     * what is before it was acknowledged, what is behind it never was. */
    WAL_POINT_IN_TIME = 2,
};

enum {
    BLOCK_BYTES = 8 * 1024,
    BLOOM_BITS_PER_KEY = 14, /* in each level one of 500 keys that are not there costs a read */
    WRITE_BUFFER_BYTES = 64 * 1024 * 1024,
    OPEN_FILES_MAX = 4096,
    OPEN_FILES_MIN = 64,
    BACKGROUND_SYNC_BYTES = 1024 * 1024,
    OWN_LOG_BYTES = 4 * 1024 * 1024,
    OWN_LOG_FILES = 4,
};

/* Half of what the process may open: the rest is for connections. */
static int open_files_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 2 > OPEN_FILES_MAX)
        return OPEN_FILES_MAX;
    return limit.rlim_cur / 2 < OPEN_FILES_MIN ? OPEN_FILES_MIN : (int)(limit.rlim_cur / 2);
}

/* Flushes and compactions: more than a quarter of the processors would be felt by requests. */
static int background_jobs(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors <= 8 ? 2 : (int)(processors / 4);
}

static void make_table_options(struct database *database, size_t cache_bytes)
{
    rocksdb_block_based_table_options_t *table = librocksdb.block_based_options_create();
    database->cache = librocksdb.cache_create_lru(cache_bytes);
    librocksdb.block_based_options_set_block_cache(table, database->cache);
    librocksdb.block_based_options_set_block_size(table, BLOCK_BYTES);
    librocksdb.block_based_options_set_checksum(table, CHECKSUM_XXH3);
    librocksdb.block_based_options_set_format_version(table, 5);
    /* Most writes first read a key that is often not there: the filters answer that. The table
     * takes ownership of the policy. */
    librocksdb.block_based_options_set_filter_policy(
        table, librocksdb.filterpolicy_create_bloom_full(BLOOM_BITS_PER_KEY));
    librocksdb.block_based_options_set_whole_key_filtering(table, 1);
    /* Within the cache's bound, but not pushed out by data. */
    librocksdb.block_based_options_set_cache_index_and_filter_blocks(table, 1);
    librocksdb.block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1);
    librocksdb.block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    database->table_options = table;
    librocksdb.options_set_block_based_table_factory(database->options, table);
}

static void make_options(struct database *database, const struct rocksdb_store_options *chosen,
                         size_t cache_bytes)
{
    rocksdb_options_t *options = librocksdb.options_create();
    database->options = options;
    make_table_options(database, cache_bytes);
    librocksdb.options_set_compression(options, rocksdb_lz4_compression);
    librocksdb.options_set_write_buffer_size(options, WRITE_BUFFER_BYTES);
    librocksdb.options_set_max_write_buffer_number(options, 3);
    /* Reads of keys just written or just missing are answered without walking the memtable. */
    librocksdb.options_set_memtable_prefix_bloom_size_ratio(options, 0.005);
    librocksdb.options_set_memtable_whole_key_filtering(options, 1);
    /* Filters also know which placements occur: a range that lies in one of them skips tables and
     * memtables that have none of it. */
    librocksdb.options_set_prefix_extractor(
        options, librocksdb.slicetransform_create_fixed_prefix(STORE_FRONT_BYTES));
    /* There is one writer. */
    librocksdb.options_set_allow_concurrent_memtable_write(options, 0);
    librocksdb.options_set_enable_write_thread_adaptive_yield(options, 0);
    librocksdb.options_set_level_compaction_dynamic_level_bytes(options, 1);
    librocksdb.options_set_max_background_jobs(options, background_jobs());
    librocksdb.options_set_max_open_files(options, open_files_max());
    librocksdb.options_set_bytes_per_sync(options, BACKGROUND_SYNC_BYTES);
    librocksdb.options_set_wal_recovery_mode(options, WAL_POINT_IN_TIME);
    /* A recycled log file ends in old records; recovery would have to tell them apart. */
    librocksdb.options_set_recycle_log_file_num(options, 0);
    /* Of its own log as few lines as can be, all of them written while it is opened; what went
     * wrong is in the words of its errors. */
    librocksdb.options_set_info_log_level(options, INFO_LOG_HEADERS);
    librocksdb.options_set_max_log_file_size(options, OWN_LOG_BYTES);
    librocksdb.options_set_keep_log_file_num(options, OWN_LOG_FILES);
    librocksdb.options_set_stats_dump_period_sec(options, 0);
    librocksdb.options_set_stats_persist_period_sec(options, 0);

    database->read_options = librocksdb.readoptions_create();
    librocksdb.readoptions_set_total_order_seek(database->read_options, 1);
    database->write_options = librocksdb.writeoptions_create();
    librocksdb.writeoptions_set_sync(database->write_options,
                                     chosen->durability == ROCKSDB_STORE_SYNC);
    database->sync_write_options = librocksdb.writeoptions_create();
    librocksdb.writeoptions_set_sync(database->sync_write_options, 1);
}

static rocksdb_t *open_once(struct database *database, char **ret_words)
{
    struct own_log log;
    own_log_begin(&log, database->folder);
    librocksdb.options_set_db_log_dir(database->options, log.folder);
    rocksdb_t *rocksdb = librocksdb.open(database->options, database->folder, ret_words);
    own_log_end(&log);
    return rocksdb;
}

static rocksdb_t *open_rocksdb(struct database *database, char **ret_words)
{
    char *words = NULL;
    rocksdb_t *rocksdb = open_once(database, &words);
    /* A build of RocksDB without LZ4 says so in words only. */
    if (words != NULL && strstr(words, "not linked with the binary") != NULL) {
        librocksdb.free(words);
        words = NULL;
        librocksdb.options_set_compression(database->options, rocksdb_no_compression);
        rocksdb = open_once(database, &words);
    }
    if (words != NULL && strstr(words, "Corruption") != NULL &&
        damage_cut_manifest(database->folder)) {
        log_write(LOG_WARNING, "The list of files in %s had a torn end, which was cut off",
                  database->folder);
        librocksdb.free(words);
        words = NULL;
        rocksdb = open_once(database, &words);
    }
    *ret_words = words;
    return words == NULL ? rocksdb : NULL;
}

static char *write_version(rocksdb_t *rocksdb, const rocksdb_writeoptions_t *write_options)
{
    uint8_t record[RECORD_VERSION_BYTES_MAX];
    size_t size = record_version_write(record, RECORD_FORMAT_VERSION);
    char *words = NULL;
    librocksdb.put(rocksdb, write_options, (const char *)RECORD_VERSION_KEY.data,
                   RECORD_VERSION_KEY.size, (const char *)record, size, &words);
    return words;
}

static bool is_empty(const struct database *database)
{
    rocksdb_iterator_t *iterator =
        librocksdb.create_iterator(database->rocksdb, database->read_options);
    librocksdb.iter_seek_to_first(iterator);
    bool empty = !librocksdb.iter_valid(iterator);
    char *words = NULL;
    librocksdb.iter_get_error(iterator, &words);
    if (words != NULL)
        empty = false;
    librocksdb.free(words);
    librocksdb.iter_destroy(iterator);
    return empty;
}

static const struct error *check_version(struct arena *arena, struct database *database)
{
    char *words = NULL;
    rocksdb_pinnableslice_t *pinned = librocksdb.get_pinned(
        database->rocksdb, database->read_options, (const char *)RECORD_VERSION_KEY.data,
        RECORD_VERSION_KEY.size, &words);
    if (words != NULL)
        return database_read_error(database, arena, words);
    if (pinned == NULL) {
        /* Without any record: made just now, or the first start was cut off before this line. */
        if (!is_empty(database))
            return error_make(arena, ERROR_INTERNAL,
                              "The folder %s holds a RocksDB database that "
                              "hashrange has not made. Choose another folder",
                              database->folder);
        words = write_version(database->rocksdb, database->sync_write_options);
        if (words == NULL)
            return NULL;
        const struct error *error = folder_explain(arena, database->folder, words);
        librocksdb.free(words);
        return error;
    }
    size_t size;
    const char *value = librocksdb.pinnableslice_value(pinned, &size);
    uint64_t version = 0;
    bool read = record_version_read(slice_of(value, size), &version);
    librocksdb.pinnableslice_destroy(pinned);
    if (!read)
        return error_make(arena, ERROR_INTERNAL,
                          "The folder %s holds a RocksDB database that "
                          "hashrange has not made. Choose another folder",
                          database->folder);
    if (version > RECORD_FORMAT_VERSION)
        return error_make(arena, ERROR_INTERNAL,
                          "The data in %s has format version %llu; this "
                          "program knows versions up to %d. Start a newer hashrange, or choose "
                          "another folder",
                          database->folder, (unsigned long long)version, RECORD_FORMAT_VERSION);
    return NULL;
}

static void init_handle_lock(struct database *database)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    /* Else a steady stream of reads keeps recovery waiting for ever. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    CHECK(pthread_rwlock_init(&database->handle_lock, &attributes) == 0);
    pthread_rwlockattr_destroy(&attributes);
}

const struct error *database_open(struct arena *arena, const struct rocksdb_store_options *options,
                                  size_t cache_bytes, struct database *database)
{
    bool is_new;
    const struct error *error = rocksdb_library_load(arena);
    if (error == NULL)
        error = folder_prepare(arena, options->folder, &is_new);
    if (error == NULL)
        error = folder_check_writing(arena, options->folder);
    if (error == NULL)
        error =
            damage_check_logs(arena, options->folder, options->durability == ROCKSDB_STORE_SYNC);
    if (error != NULL)
        return error;
    database->folder = strdup(options->folder);
    if (database->folder == NULL)
        return error_exhausted();
    init_handle_lock(database);
    make_options(database, options, cache_bytes);
    /* Only where nothing is: RocksDB would start an empty database over a damaged one. */
    librocksdb.options_set_create_if_missing(database->options, is_new);
    char *words;
    database->rocksdb = open_rocksdb(database, &words);
    librocksdb.options_set_create_if_missing(database->options, 0);
    if (database->rocksdb == NULL) {
        error = folder_explain(arena, options->folder, words);
        librocksdb.free(words);
    } else {
        error = check_version(arena, database);
    }
    if (error != NULL)
        database_close(database);
    return error;
}

void database_close(struct database *database)
{
    if (database->folder == NULL)
        return;
    if (database->rocksdb != NULL)
        librocksdb.close(database->rocksdb);
    librocksdb.readoptions_destroy(database->read_options);
    librocksdb.writeoptions_destroy(database->write_options);
    librocksdb.writeoptions_destroy(database->sync_write_options);
    librocksdb.options_destroy(database->options);
    librocksdb.block_based_options_destroy(database->table_options);
    librocksdb.cache_destroy(database->cache);
    pthread_rwlock_destroy(&database->handle_lock);
    free(database->folder);
    *database = (struct database){0};
}

rocksdb_t *database_acquire(struct database *database)
{
    CHECK(pthread_rwlock_rdlock(&database->handle_lock) == 0);
    if (database->rocksdb != NULL)
        return database->rocksdb;
    database_release(database);
    return NULL;
}

void database_release(struct database *database)
{
    CHECK(pthread_rwlock_unlock(&database->handle_lock) == 0);
}

rocksdb_t *database_for_writer(struct database *database)
{
    return database->rocksdb;
}

void database_note_failure(struct database *database)
{
    atomic_store(&database->has_failed, true);
}

char *database_sync_log(struct database *database)
{
    char *words = NULL;
    rocksdb_t *rocksdb = database_acquire(database);
    if (rocksdb == NULL)
        return NULL;
    if (!atomic_load(&database->has_failed))
        librocksdb.flush_wal(rocksdb, 1, &words);
    database_release(database);
    return words;
}

static bool can_write(struct database *database)
{
    if (database->rocksdb == NULL)
        return false;
    /* The version record as it is: a write that changes nothing. */
    char *words = write_version(database->rocksdb, database->sync_write_options);
    bool written = words == NULL;
    librocksdb.free(words);
    return written;
}

/* RocksDB's C interface cannot end the state that a failed log write leaves; opening again does.
 * Reads wait meanwhile, and go on from a read-only handle when the disk does not let it open for
 * writes. */
static void open_again(struct database *database)
{
    char *words = NULL;
    CHECK(pthread_rwlock_wrlock(&database->handle_lock) == 0);
    if (database->rocksdb != NULL)
        librocksdb.close(database->rocksdb);
    database->rocksdb = open_rocksdb(database, &words);
    if (database->rocksdb == NULL) {
        log_write(LOG_DEBUG, "opening %s again failed: %s", database->folder, words);
        librocksdb.free(words);
        words = NULL;
        rocksdb_t *readable =
            librocksdb.open_for_read_only(database->options, database->folder, 0, &words);
        database->rocksdb = words == NULL ? readable : NULL;
        librocksdb.free(words);
    }
    CHECK(pthread_rwlock_unlock(&database->handle_lock) == 0);
}

static bool recover(struct database *database)
{
    /* A log whose write has failed must not be written again, even when RocksDB lets it: after a
     * full disk it resumes by itself, and may do so with that same log. What comes behind a torn
     * record would be lost with the power, and builds with assertions abort. */
    if (!atomic_load(&database->has_failed) && can_write(database))
        return true;
    /* While the disk takes nothing the open handle still serves reads; a new one might not open. */
    if (!folder_can_write(database->folder))
        return false;
    open_again(database);
    return can_write(database);
}

bool database_recover(struct database *database)
{
    bool is_recovered = recover(database);
    if (is_recovered)
        atomic_store(&database->has_failed, false);
    return is_recovered;
}

const struct error *database_read_error(const struct database *database, struct arena *arena,
                                        char *rocksdb_words)
{
    const struct error *error = error_make(arena, ERROR_INTERNAL, "Reading from %s failed: %s",
                                           database->folder, rocksdb_words);
    librocksdb.free(rocksdb_words);
    return error;
}

const struct error *database_closed_error(const struct database *database, struct arena *arena)
{
    return error_make(arena, ERROR_SERVICE_UNAVAILABLE,
                      "The data in %s cannot be opened again "
                      "after a failure; the server keeps trying",
                      database->folder);
}
