/*
 * Streams under many threads: writers, shards that are rolled, streams that are switched on and
 * off, readers that follow from parents to children. What is read is, for every item, an unbroken
 * chain from image to image, and in the end what the table holds.
 */

#include "stream_fixture.h"

enum { WRITERS = 4, WRITES = 400, ITEMS = 12, ROLLS = 12, THREAD_ARENA_BYTES = 64 * 1024 * 1024 };

static atomic_int writers_left;

/* --- writers --- */

struct random_write {
    struct waiter waiter;
    struct db_write_set set;
    struct db_write writes[3];
    unsigned seed;
};

static unsigned draw(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static struct slice random_item(struct arena *arena, unsigned item, unsigned value)
{
    char json[160];
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"%u\"}}",
             item, value);
    return item_in(arena, json);
}

static struct slice item_key(struct arena *arena, unsigned item)
{
    char json[100];
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"1\"}}", item);
    return item_in(arena, json);
}

static bool decide_random(void *context, struct db_write_set *set)
{
    struct random_write *write = context;
    unsigned seed = write->seed;
    for (size_t i = 0; i < set->count; i++) {
        struct db_write *one = &set->writes[i];
        unsigned choice = draw(&seed) % 8;
        one->action = choice == 0 ? DB_DELETE : choice == 1 ? DB_KEEP : DB_PUT;
        if (one->action != DB_PUT)
            continue;
        /* Sometimes what is there already. */
        struct value p = member_of(one->key, "p");
        unsigned item = (unsigned)strtoul((const char *)p.body.data + 1, NULL, 10);
        one->new_item = random_item(set->arena, item, draw(&seed) % 3);
    }
    return draw(&seed) % 10 != 0;
}

static void random_done(void *context, const struct error *error)
{
    struct random_write *write = context;
    waiter_done(&write->waiter, error);
}

static void write_random(struct arena *arena, unsigned *seed)
{
    const struct db_table *table = table_acquire("t", stream_now_ms);
    struct random_write write = {.seed = draw(seed)};
    unsigned first = draw(seed) % ITEMS;
    for (unsigned i = 0; i < COUNT_OF(write.writes); i++)
        write.writes[i] =
            (struct db_write){.table = table, .key = item_key(arena, (first + i) % ITEMS)};
    write.set = (struct db_write_set){
        .arena = arena,
        .writes = write.writes,
        .count = 1 + draw(seed) % COUNT_OF(write.writes),
        .decide = decide_random,
        .done = random_done,
        .context = &write,
    };
    waiter_init(&write.waiter);
    db_write_items(fixture_db, &write.set);
    CHECK(waiter_wait(&write.waiter, arena) == NULL);
    db_table_release(fixture_db, table);
}

static void *run_writer(void *context)
{
    unsigned seed = *(const unsigned *)context;
    struct arena arena;
    arena_init(&arena, THREAD_ARENA_BYTES);
    for (unsigned i = 0; i < WRITES; i++) {
        write_random(&arena, &seed);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    atomic_fetch_sub(&writers_left, 1);
    return NULL;
}

/* --- a reader that follows --- */

struct follower {
    struct db_stream *stream;
    struct arena arena;
    size_t count;
    struct db_change changes[CHANGES_MAX];
};

static bool follow_change(void *context, const struct db_change *change)
{
    struct follower *follower = context;
    CHECK(follower->count < CHANGES_MAX);
    follower->changes[follower->count++] = *change;
    return true;
}

/* Reads a shard from where it is until it is finished or, when stop is set, has nothing more. */
static bool follow_shard(struct follower *follower, struct db_shard_id shard, uint64_t *place)
{
    bool stop = atomic_load(&writers_left) == 0;
    for (;;) {
        struct db_stream_read read = {.stream = follower->stream,
                                      .shard = shard,
                                      .sequence = *place,
                                      .limit = 7,
                                      .visit = follow_change,
                                      .context = follower};
        size_t before = follower->count;
        CHECK(db_stream_read(fixture_db, &follower->arena, &read) == NULL);
        *place = read.next_sequence;
        if (read.is_finished)
            return true;
        if (follower->count == before) {
            if (stop)
                return false;
            stop = atomic_load(&writers_left) == 0;
        }
    }
}

static bool find_child(struct follower *follower, struct db_shard_id parent,
                       struct db_shard_id *ret_child)
{
    const struct db_shard *shards;
    size_t count;
    CHECK(db_stream_shards(fixture_db, &follower->arena, follower->stream, &shards, &count) ==
          NULL);
    for (size_t i = 0; i < count; i++) {
        if (shards[i].has_parent && shards[i].parent.created_ms == parent.created_ms &&
            shards[i].parent.first_hash == parent.first_hash) {
            *ret_child = shards[i].id;
            return true;
        }
    }
    return false;
}

static void *run_follower(void *context)
{
    struct follower *follower = context;
    const struct db_shard *shards;
    size_t count;
    CHECK(db_stream_shards(fixture_db, &follower->arena, follower->stream, &shards, &count) ==
          NULL);
    struct db_shard_id shard = shards[0].id;
    uint64_t place = 0;
    while (follow_shard(follower, shard, &place)) {
        place = 0;
        if (!find_child(follower, shard, &shard))
            break;
    }
    return NULL;
}

/* --- what they must have read --- */

/* The images an item goes through; the last one is returned. `start` absent: it begins with none.
 */
static struct slice check_chain(const struct db_change *changes, size_t count, struct slice key,
                                bool is_from_start)
{
    struct slice image = SLICE_ABSENT;
    bool is_known = is_from_start;
    for (size_t i = 0; i < count; i++) {
        const struct db_change *change = &changes[i];
        if (!slice_equal(change->keys, key))
            continue;
        if (is_known) {
            assert_int_equal(slice_present(change->old_image), slice_present(image));
            assert_true(slice_equal(change->old_image, image));
        }
        assert_false(slice_present(change->old_image) == slice_present(change->new_image) &&
                     slice_equal(change->old_image, change->new_image));
        assert_int_equal(change->kind, !slice_present(change->old_image)  ? DB_CHANGE_INSERT
                                       : slice_present(change->new_image) ? DB_CHANGE_MODIFY
                                                                          : DB_CHANGE_REMOVE);
        image = change->new_image;
        is_known = true;
    }
    return image;
}

static void check_against_table(const struct db_change *changes, size_t count)
{
    const struct db_table *table = table_acquire("t", stream_now_ms);
    for (unsigned i = 0; i < ITEMS; i++) {
        struct slice key = item_key(&fixture_arena, i);
        struct db_get get = {.table = table, .key = key};
        assert_ok(db_get(fixture_db, &fixture_arena, &get, 1));
        struct slice last = check_chain(changes, count, key, true);
        assert_int_equal(slice_present(last), slice_present(get.item));
        assert_true(slice_equal(last, get.item));
    }
    db_table_release(fixture_db, table);
}

static void start_writers(pthread_t threads[WRITERS], unsigned seeds[WRITERS])
{
    atomic_store(&writers_left, WRITERS);
    for (unsigned i = 0; i < WRITERS; i++) {
        seeds[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, run_writer, &seeds[i]), 0);
    }
}

static void who_follows_reads_every_change_once_and_in_order(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_AND_OLD_IMAGES");
    static struct follower followers[2];
    pthread_t writers[WRITERS], readers[2];
    unsigned seeds[WRITERS];
    for (size_t i = 0; i < 2; i++) {
        followers[i].stream = stream_of(table);
        followers[i].count = 0;
        arena_init(&followers[i].arena, FIXTURE_ARENA_BYTES);
    }
    db_table_release(fixture_db, table);
    start_writers(writers, seeds);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, run_follower, &followers[i]), 0);
    for (int64_t roll = 1; roll <= ROLLS && atomic_load(&writers_left) > 0; roll++)
        db_stream_work(fixture_db, stream_now_ms + 1000 * roll);
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    for (size_t i = 0; i < 2; i++) {
        pthread_join(readers[i], NULL);
        check_against_table(followers[i].changes, followers[i].count);
    }
    const struct changes *all = read_stream(followers[0].stream);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(followers[i].count, all->count);
        db_stream_release(followers[i].stream);
        arena_fini(&followers[i].arena);
    }
    check_against_table(all->list, all->count);
}

static void streams_switched_under_writes_have_no_gaps(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", NULL);
    pthread_t writers[WRITERS];
    unsigned seeds[WRITERS];
    enum { STREAMS = 6 };
    struct db_stream *streams[STREAMS];
    start_writers(writers, seeds);
    for (size_t i = 0; i < STREAMS; i++) {
        table = stream_switch(table, "NEW_AND_OLD_IMAGES");
        streams[i] = stream_of(table);
        sched_yield();
        if (i + 1 < STREAMS)
            table = stream_switch(table, NULL);
    }
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    for (size_t i = 0; i < STREAMS; i++) {
        const struct changes *changes = read_stream(streams[i]);
        for (unsigned item = 0; item < ITEMS; item++) {
            struct slice key = item_key(&fixture_arena, item);
            struct slice last = check_chain(changes->list, changes->count, key, false);
            struct db_get get = {.table = table, .key = key};
            assert_ok(db_get(fixture_db, &fixture_arena, &get, 1));
            /* The last stream is still on: it ends with what is there, if it tells of it. */
            if (i + 1 == STREAMS && slice_present(last))
                assert_true(slice_equal(last, get.item));
        }
        db_stream_release(streams[i]);
    }
    db_table_release(fixture_db, table);
}

static int roll_setup(void **state)
{
    int status = stream_setup(state);
    stream_reopen_with(1, 1000);
    return status;
}

static int roll_disk_setup(void **state)
{
    int status = stream_disk_setup(state);
    stream_reopen_with(1, 1000);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_follows_reads_every_change_once_and_in_order,
                                        roll_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(who_follows_reads_every_change_once_and_in_order,
                                        roll_disk_setup, disk_teardown),
        STREAM_TESTS(streams_switched_under_writes_have_no_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
