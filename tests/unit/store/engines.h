#ifndef HASHRANGE_TESTS_UNIT_STORE_ENGINES_H
#define HASHRANGE_TESTS_UNIT_STORE_ENGINES_H

/*
 * Every engine under one roof, folders for them, and transactions that a test can wait for.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/fault/fault_store.h"
#include "store/folders.h"
#include "store/mem/mem_store.h"
#include "store/rocksdb/rocksdb_store.h"

/* --- engines --- */

enum engine_kind { ENGINE_MEM, ENGINE_ROCKSDB, ENGINE_FAULT_MEM, ENGINE_FAULT_ROCKSDB, ENGINES };

struct engine {
    enum engine_kind kind;
    struct store *store;
    char folder[PATH_MAX];
    struct rocksdb_store_options options;
};

static inline const char *engine_name(enum engine_kind kind)
{
    static const char *const names[ENGINES] = {"mem", "rocksdb", "fault(mem)", "fault(rocksdb)"};
    return names[kind];
}

static inline bool engine_is_durable(const struct engine *engine)
{
    return engine->kind == ENGINE_ROCKSDB || engine->kind == ENGINE_FAULT_ROCKSDB;
}

static inline bool engine_is_fault(const struct engine *engine)
{
    return engine->kind == ENGINE_FAULT_MEM || engine->kind == ENGINE_FAULT_ROCKSDB;
}

/* Fails the test with the error's words. */
static inline void assert_success(const struct error *error)
{
    if (error != NULL)
        fail_msg("%.*s", SLICE_PRINT(error->message));
}

/* Opens (again) what is in engine->folder. */
static inline void engine_reopen(struct engine *engine)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    store_close(engine->store);
    struct store *store = NULL;
    engine->options.folder = engine->folder;
    if (engine_is_durable(engine))
        assert_success(rocksdb_store_open(&arena, &engine->options, &store));
    else
        assert_success(mem_store_open(&arena, &store));
    if (engine_is_fault(engine))
        assert_success(fault_store_open(&arena, store, &store));
    engine->store = store;
    arena_fini(&arena);
}

static inline void engine_open(struct engine *engine, enum engine_kind kind)
{
    *engine = (struct engine){.kind = kind, .options = {.cache_bytes = 8 * 1024 * 1024}};
    if (engine_is_durable(engine))
        folder_make(engine->folder);
    engine_reopen(engine);
}

static inline void engine_close(struct engine *engine)
{
    store_close(engine->store);
    if (engine_is_durable(engine))
        folder_remove(engine->folder);
}

/* --- transactions --- */

/* A change that a simple transaction makes. */
struct change {
    enum store_mutation_kind kind;
    const char *key;
    const char *value; /* STORE_PUT, STORE_APPEND */
    int64_t delta;     /* STORE_ADD */
};

enum { ATTEMPT_KEYS_MAX = 8 };

struct attempt {
    struct store_transaction transaction;
    struct slice keys[ATTEMPT_KEYS_MAX];
    const struct change *changes;
    size_t change_count;
    enum store_decision decision;
    char seen[ATTEMPT_KEYS_MAX][64]; /* old values; "-" where there was none */
    bool held[ATTEMPT_KEYS_MAX];     /* for those that ask */
    atomic_int done_calls;
    sem_t done;
    bool failed;
    enum error_kind error_kind;
    char message[512];
};

static inline void apply_change(struct store_batch *batch, const struct change *change)
{
    struct slice key = slice_of_cstring(change->key);
    switch (change->kind) {
    case STORE_PUT:
        store_batch_put(batch, STORE_ATOMIC, key, slice_of_cstring(change->value));
        break;
    case STORE_DELETE:
        store_batch_delete(batch, STORE_ATOMIC, key);
        break;
    case STORE_ADD:
        store_batch_add(batch, key, change->delta);
        break;
    case STORE_APPEND:
        store_batch_append(batch, key, slice_of_cstring(change->value));
        break;
    }
}

static inline enum store_decision attempt_decide(void *context, const struct slice *old_values,
                                                 struct store_batch *batch)
{
    struct attempt *attempt = context;
    for (size_t i = 0; i < attempt->transaction.key_count; i++) {
        if (slice_present(old_values[i]))
            snprintf(attempt->seen[i], sizeof(attempt->seen[i]), "%.*s",
                     SLICE_PRINT(old_values[i]));
        else
            snprintf(attempt->seen[i], sizeof(attempt->seen[i]), "-");
    }
    for (size_t i = 0; i < attempt->change_count; i++)
        apply_change(batch, &attempt->changes[i]);
    return attempt->decision;
}

static inline void attempt_done(void *context, const struct error *error)
{
    struct attempt *attempt = context;
    attempt->failed = error != NULL;
    if (error != NULL) {
        attempt->error_kind = error->kind;
        snprintf(attempt->message, sizeof(attempt->message), "%.*s", SLICE_PRINT(error->message));
    }
    atomic_fetch_add(&attempt->done_calls, 1);
    sem_post(&attempt->done);
}

/* Hands a transaction on the keys (separated by spaces) in, as `as` says: its `holds`, and its
 * `held` if not NULL. */
static inline void attempt_begin_as(struct attempt *attempt, struct store *store, const char *keys,
                                    enum store_decision decision, const struct change *changes,
                                    size_t change_count, struct store_transaction as)
{
    *attempt =
        (struct attempt){.changes = changes, .change_count = change_count, .decision = decision};
    size_t count = 0;
    for (const char *at = keys; *at != '\0'; count++) {
        size_t size = strcspn(at, " ");
        attempt->keys[count] = slice_of(at, size);
        at += size + (at[size] == ' ');
    }
    sem_init(&attempt->done, 0, 0);
    memset(attempt->held, 1, sizeof(attempt->held)); /* whatever was there: it is to be set */
    attempt->transaction = (struct store_transaction){
        .keys = attempt->keys,
        .key_count = count,
        .decide = attempt_decide,
        .done = attempt_done,
        .context = attempt,
        .holds = as.holds,
        .held = as.held,
    };
    store_transact(store, &attempt->transaction);
}

static inline void attempt_begin(struct attempt *attempt, struct store *store, const char *keys,
                                 enum store_decision decision, const struct change *changes,
                                 size_t change_count)
{
    attempt_begin_as(attempt, store, keys, decision, changes, change_count,
                     (struct store_transaction){0});
}

/* Asks which of its keys are held. */
static inline void attempt_begin_asking(struct attempt *attempt, struct store *store,
                                        const char *keys, enum store_decision decision,
                                        const struct change *changes, size_t change_count)
{
    attempt_begin_as(attempt, store, keys, decision, changes, change_count,
                     (struct store_transaction){.held = attempt->held});
}

/* Holds its keys, and asks. */
static inline void attempt_begin_holding(struct attempt *attempt, struct store *store,
                                         const char *keys, enum store_decision decision,
                                         const struct change *changes, size_t change_count)
{
    attempt_begin_as(attempt, store, keys, decision, changes, change_count,
                     (struct store_transaction){.holds = true, .held = attempt->held});
}

/* Of the keys (separated by spaces) those that are in flight, each with a space behind it. */
static inline void assert_in_flight(struct store *store, const char *keys, const char *expected)
{
    struct slice names[ATTEMPT_KEYS_MAX];
    bool in_flight[ATTEMPT_KEYS_MAX];
    size_t count = 0;
    for (const char *at = keys; *at != '\0'; count++) {
        size_t size = strcspn(at, " ");
        names[count] = slice_of(at, size);
        at += size + (at[size] == ' ');
    }
    memset(in_flight, 1, sizeof(in_flight));
    store_in_flight(store, names, count, in_flight);
    char found[256] = "";
    for (size_t i = 0; i < count; i++)
        if (in_flight[i])
            snprintf(found + strlen(found), sizeof(found) - strlen(found), "%.*s ",
                     SLICE_PRINT(names[i]));
    assert_string_equal(expected, found);
}

static inline void attempt_wait(struct attempt *attempt)
{
    while (sem_wait(&attempt->done) != 0)
        ;
    assert_int_equal(1, atomic_load(&attempt->done_calls));
}

static inline bool attempt_is_done(struct attempt *attempt)
{
    return atomic_load(&attempt->done_calls) > 0;
}

static inline void attempt_wait_success(struct attempt *attempt)
{
    attempt_wait(attempt);
    if (attempt->failed)
        fail_msg("%s", attempt->message);
}

/* One transaction from beginning to success. */
#define COMMIT(store, keys, ...)                                                                   \
    do {                                                                                           \
        const struct change commit_changes[] = {__VA_ARGS__};                                      \
        struct attempt commit_attempt;                                                             \
        attempt_begin(&commit_attempt, store, keys, STORE_COMMIT, commit_changes,                  \
                      COUNT_OF(commit_changes));                                                   \
        attempt_wait_success(&commit_attempt);                                                     \
    } while (0)

#define PUT(k, v)                                                                                  \
    {                                                                                              \
        .kind = STORE_PUT, .key = (k), .value = (v)                                                \
    }
#define DELETE(k)                                                                                  \
    {                                                                                              \
        .kind = STORE_DELETE, .key = (k)                                                           \
    }
#define APPEND(k, v)                                                                               \
    {                                                                                              \
        .kind = STORE_APPEND, .key = (k), .value = (v)                                             \
    }
#define ADD(k, d)                                                                                  \
    {                                                                                              \
        .kind = STORE_ADD, .key = (k), .delta = (d)                                                \
    }

/* --- what is there --- */

/* The value of a key in ret_value, "-" when there is none. */
static inline const char *read_value(struct store *store, const char *key, char ret_value[256])
{
    struct arena arena;
    arena_init(&arena, 64 * 1024 * 1024);
    struct slice name = slice_of_cstring(key);
    struct slice value;
    assert_success(store_get(store, &arena, &name, 1, &value));
    if (slice_present(value))
        snprintf(ret_value, 256, "%.*s", SLICE_PRINT(value));
    else
        snprintf(ret_value, 256, "-");
    arena_fini(&arena);
    return ret_value;
}

static inline void assert_value(struct store *store, const char *key, const char *expected)
{
    char value[256];
    assert_string_equal(expected, read_value(store, key, value));
}

static inline int64_t read_counter(struct store *store, const char *key)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    int64_t value = -1;
    assert_success(store_counter_read(store, &arena, slice_of_cstring(key), &value));
    arena_fini(&arena);
    return value;
}

struct scan_text {
    char text[4096];
    size_t size;
    size_t visits_left;
};

static inline bool append_visit(void *context, struct slice key, struct slice value)
{
    struct scan_text *scan = context;
    scan->size += (size_t)snprintf(scan->text + scan->size, sizeof(scan->text) - scan->size,
                                   "%.*s=%.*s ", SLICE_PRINT(key), SLICE_PRINT(value));
    return --scan->visits_left > 0;
}

/* "key=value key=value " of a range, at most `limit` of them. */
static inline void assert_scan(struct store *store, struct slice first, struct slice end,
                               enum store_direction direction, size_t limit, const char *expected)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct scan_text scan = {.visits_left = limit};
    assert_success(store_scan(store, &arena, (struct store_range){.first = first, .end = end},
                              direction, append_visit, &scan));
    assert_string_equal(expected, scan.text);
    arena_fini(&arena);
}

static inline void drop(struct store *store, struct slice first, struct slice end)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    assert_success(
        store_drop_range(store, &arena, (struct store_range){.first = first, .end = end}));
    arena_fini(&arena);
}

#endif
