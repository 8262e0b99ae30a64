#ifndef HASHRANGE_TESTS_UNIT_DB_DB_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_DB_DB_FIXTURE_H

/*
 * A database for a test: items as JSON, tables in a few lines, and calls that wait.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>

#include "base/check.h"
#include "db/catalog.h"
#include "db/items.h"
#include "item/value_json.h"
#include "store/mem/mem_store.h"

enum { FIXTURE_ARENA_BYTES = 512 * 1024 * 1024, FIXTURE_NOW_MS = 1760000000 };

static struct arena fixture_arena;
static struct store *fixture_store;
static struct db *fixture_db;

static inline void assert_ok(const struct error *error)
{
    if (error != NULL)
        fail_msg("%s: %.*s", error_kind_name(error->kind), SLICE_PRINT(error->message));
}

static inline void assert_error(const struct error *error, enum error_kind kind,
                                const char *message)
{
    if (error == NULL)
        fail_msg("no error, but expected: %s", message);
    if (!slice_equal(error->message, slice_of_cstring(message)))
        fail_msg("%.*s\nbut expected: %s", SLICE_PRINT(error->message), message);
    assert_int_equal(error->kind, kind);
}

static inline void assert_slice(struct slice actual, struct slice expected)
{
    assert_int_equal(slice_present(actual), slice_present(expected));
    assert_int_equal(actual.size, expected.size);
    assert_memory_equal(actual.data, expected.data, expected.size);
}

static inline void fixture_db_open(int64_t transient_ms)
{
    struct db_options options = {.store = fixture_store, .transient_ms = transient_ms};
    assert_ok(db_open(&fixture_arena, &options, &fixture_db));
}

/* An empty database in memory whose tables change their status at once. */
static inline int fixture_setup(void **state)
{
    (void)state;
    arena_init(&fixture_arena, FIXTURE_ARENA_BYTES);
    assert_ok(mem_store_open(&fixture_arena, &fixture_store));
    fixture_db_open(0);
    return 0;
}

static inline int fixture_teardown(void **state)
{
    (void)state;
    db_close(fixture_db);
    store_close(fixture_store);
    arena_fini(&fixture_arena);
    return 0;
}

#define DB_TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* --- items --- */

static inline struct slice item_in(struct arena *arena, const char *json)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, slice_of_cstring(json), arena);
    assert_ok(item_from_json(&reader, arena, &reading));
    assert_ok(reading.problem);
    return reading.item;
}

static inline struct slice item_of(const char *json)
{
    return item_in(&fixture_arena, json);
}

static inline const char *text_of(struct slice item)
{
    struct buf text;
    struct json_writer writer;
    buf_init(&text, &fixture_arena, FIXTURE_ARENA_BYTES);
    json_writer_init(&writer, &text);
    item_to_json(&writer, item);
    buf_append_byte(&text, '\0');
    assert_false(text.failed);
    return (const char *)text.data;
}

static inline struct value string_value(const char *text)
{
    return value_string(slice_of_cstring(text));
}

static inline struct value member_of(struct slice item, const char *name)
{
    return value_map_find(value_of_item(item), slice_of_cstring(name));
}

/* --- waiting --- */

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
    bool has_failed;
    enum error_kind kind;
    char message[256];
    const struct db_table *table;
};

static inline void waiter_init(struct waiter *waiter)
{
    *waiter = (struct waiter){0};
    pthread_mutex_init(&waiter->lock, NULL);
    pthread_cond_init(&waiter->changed, NULL);
}

static inline void waiter_done(void *context, const struct error *error)
{
    struct waiter *waiter = context;
    pthread_mutex_lock(&waiter->lock);
    CHECK(!waiter->is_done);
    if (error != NULL) {
        size_t size = error->message.size < sizeof(waiter->message) ? error->message.size
                                                                    : sizeof(waiter->message) - 1;
        waiter->has_failed = true;
        waiter->kind = error->kind;
        memcpy(waiter->message, error->message.data, size);
        waiter->message[size] = '\0';
    }
    waiter->is_done = true;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

static inline void waiter_table_done(void *context, const struct error *error,
                                     const struct db_table *table)
{
    struct waiter *waiter = context;
    waiter->table = table;
    waiter_done(context, error);
}

/* The outcome, in arena. */
static inline const struct error *waiter_wait(struct waiter *waiter, struct arena *arena)
{
    pthread_mutex_lock(&waiter->lock);
    while (!waiter->is_done)
        pthread_cond_wait(&waiter->changed, &waiter->lock);
    pthread_mutex_unlock(&waiter->lock);
    pthread_cond_destroy(&waiter->changed);
    pthread_mutex_destroy(&waiter->lock);
    return waiter->has_failed ? error_make(arena, waiter->kind, "%s", waiter->message) : NULL;
}

/* --- tables --- */

/* A slice as a constant initializer. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                         \
    }
#define FIXTURE_ACCOUNT SLICE("000000000000")
#define FIXTURE_REGION SLICE("eu-west-1")

/* For tables with the key p (S), s (N): two local indexes by l (S), three global ones by g (S), two
 * of them with h (N) too. A test takes the first so many. */
#define FIXTURE_KEY_L                                                                              \
    {                                                                                              \
        .partition_count = 1, .partition = {{TEXT("p"), VALUE_STRING}}, .sort_count = 1,           \
        .sort = {{TEXT("l"), VALUE_STRING}},                                                       \
    }
#define FIXTURE_KEY_GH                                                                             \
    {                                                                                              \
        .partition_count = 1, .partition = {{TEXT("g"), VALUE_STRING}}, .sort_count = 1,           \
        .sort = {{TEXT("h"), VALUE_NUMBER}},                                                       \
    }
static const struct slice fixture_included[] = {TEXT("x")};
static const struct db_index fixture_indexes[] = {
    {.name = TEXT("local-all"), .key = FIXTURE_KEY_L, .projection = DB_PROJECT_ALL},
    {.name = TEXT("local-keys"), .key = FIXTURE_KEY_L, .projection = DB_PROJECT_KEYS_ONLY},
    {.name = TEXT("global-keys"),
     .global = true,
     .key = {.partition_count = 1, .partition = {{TEXT("g"), VALUE_STRING}}},
     .projection = DB_PROJECT_KEYS_ONLY},
    {.name = TEXT("global-include"),
     .global = true,
     .key = FIXTURE_KEY_GH,
     .projection = DB_PROJECT_INCLUDE,
     .non_key_attributes = fixture_included,
     .non_key_attribute_count = COUNT_OF(fixture_included)},
    {.name = TEXT("global-all"),
     .global = true,
     .key = FIXTURE_KEY_GH,
     .projection = DB_PROJECT_ALL},
};

static inline struct db_table fixture_description(const char *name, size_t index_count)
{
    static const struct db_attribute attributes[] = {
        {TEXT("p"), VALUE_STRING}, {TEXT("s"), VALUE_NUMBER}, {TEXT("l"), VALUE_STRING},
        {TEXT("g"), VALUE_STRING}, {TEXT("h"), VALUE_NUMBER},
    };
    return (struct db_table){
        .account = FIXTURE_ACCOUNT,
        .region = FIXTURE_REGION,
        .name = slice_of_cstring(name),
        .attributes = attributes,
        .attribute_count = COUNT_OF(attributes),
        .key = {.partition_count = 1,
                .partition = {attributes[0]},
                .sort_count = 1,
                .sort = {attributes[1]}},
        .indexes = fixture_indexes,
        .index_count = index_count,
        .billing = DB_PAY_PER_REQUEST,
    };
}

static inline const struct error *table_create(const struct db_table *description, int64_t now_ms,
                                               const struct db_table **ret_table)
{
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_create(fixture_db, description, now_ms, waiter_table_done, &waiter);
    const struct error *error = waiter_wait(&waiter, &fixture_arena);
    *ret_table = waiter.table;
    return error;
}

static inline const struct db_table *table_acquire(const char *name, int64_t now_ms)
{
    return db_table_acquire(fixture_db, FIXTURE_ACCOUNT, FIXTURE_REGION, slice_of_cstring(name),
                            now_ms);
}

/* A new table, ACTIVE, to be released by the test. */
static inline const struct db_table *fixture_table(const char *name, size_t index_count)
{
    struct db_table description = fixture_description(name, index_count);
    const struct db_table *created;
    assert_ok(table_create(&description, FIXTURE_NOW_MS, &created));
    db_table_release(fixture_db, created);
    const struct db_table *table = table_acquire(name, FIXTURE_NOW_MS);
    assert_non_null(table);
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    return table;
}

static inline const struct error *table_delete(const struct db_table *table, int64_t now_ms)
{
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_delete(fixture_db, table, now_ms, waiter_table_done, &waiter);
    const struct error *error = waiter_wait(&waiter, &fixture_arena);
    db_table_release(fixture_db, waiter.table);
    return error;
}

static inline const struct error *table_update(const struct db_table *old,
                                               const struct db_table *new, int64_t now_ms,
                                               const struct db_table **ret_table)
{
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_update(fixture_db, old, new, now_ms, waiter_table_done, &waiter);
    const struct error *error = waiter_wait(&waiter, &fixture_arena);
    *ret_table = waiter.table;
    return error;
}

/* --- writing and reading --- */

/* Puts new_item, or deletes when it is absent. */
struct plain_write {
    struct waiter waiter;
    struct db_write_set set;
    struct db_write write;
    struct slice new_item;
};

static inline bool decide_plain(void *context, struct db_write_set *set)
{
    struct plain_write *plain = context;
    set->writes[0].action = slice_present(plain->new_item) ? DB_PUT : DB_DELETE;
    set->writes[0].new_item = plain->new_item;
    return true;
}

static inline void plain_done(void *context, const struct error *error)
{
    struct plain_write *plain = context;
    waiter_done(&plain->waiter, error);
}

static inline const struct error *write_one(struct arena *arena, const struct db_table *table,
                                            struct slice key, struct slice new_item,
                                            struct db_write *ret_write)
{
    struct plain_write plain = {.write = {.table = table, .key = key}, .new_item = new_item};
    waiter_init(&plain.waiter);
    plain.set = (struct db_write_set){
        .arena = arena,
        .writes = &plain.write,
        .count = 1,
        .decide = decide_plain,
        .done = plain_done,
        .context = &plain,
    };
    db_write_items(fixture_db, &plain.set);
    const struct error *error = waiter_wait(&plain.waiter, arena);
    if (ret_write != NULL)
        *ret_write = plain.write;
    return error;
}

static inline struct db_write put_item(const struct db_table *table, const char *json)
{
    struct slice item = item_of(json);
    struct slice key;
    struct db_write write;
    assert_ok(db_table_check_item(table, &fixture_arena, item));
    assert_ok(db_table_key_of_item(table, &fixture_arena, item, &key));
    assert_ok(write_one(&fixture_arena, table, key, item, &write));
    return write;
}

static inline struct db_write delete_item(const struct db_table *table, const char *json)
{
    struct db_write write;
    assert_ok(db_table_check_key(table, &fixture_arena, item_of(json)));
    assert_ok(write_one(&fixture_arena, table, item_of(json), SLICE_ABSENT, &write));
    return write;
}

static inline struct slice get_item(const struct db_table *table, const char *json)
{
    struct db_get get = {.table = table, .key = item_of(json)};
    assert_ok(db_get(fixture_db, &fixture_arena, &get, 1));
    return get.item;
}

/* The items of a read, in order. */
struct found {
    size_t count;
    struct slice items[4096];
};

static inline bool visit_found(void *context, struct slice item)
{
    struct found *found = context;
    assert_true(found->count < COUNT_OF(found->items));
    return arena_copy(&fixture_arena, item, &found->items[found->count++]);
}

static inline void read_items(struct db_read *read, struct found *found)
{
    found->count = 0;
    read->visit = visit_found;
    read->context = found;
    assert_ok(db_read_items(fixture_db, &fixture_arena, read));
}

#endif
