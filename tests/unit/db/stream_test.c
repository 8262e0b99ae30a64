/* Streams from one thread: which changes, in what order, in which shards, for how long. */

#include "stream_fixture.h"

#include "store/fault/fault_store.h"

enum { HOUR_MS = 60 * 60 * 1000 };

#define K(n) "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"" #n "\"}}"
#define I(n, x) "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"" #n "\"},\"x\":{\"S\":\"" x "\"}}"

/* --- which changes --- */

static void changes_are_told_as_they_happened(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_AND_OLD_IMAGES");
    int64_t before_ms = clock_now_ms();
    put_item(table, I(1, "one"));
    put_item(table, I(1, "two"));
    put_item(table, I(1, "two")); /* changes nothing */
    put_item(table, I(2, "other"));
    delete_item(table, K(1));
    delete_item(table, K(1)); /* nothing there */
    struct db_stream *stream = stream_of(table);
    const struct changes *changes = read_stream(stream);
    assert_int_equal(changes->count, 4);
    assert_change(&changes->list[0], DB_CHANGE_INSERT, K(1), I(1, "one"), NULL);
    assert_change(&changes->list[1], DB_CHANGE_MODIFY, K(1), I(1, "two"), I(1, "one"));
    assert_change(&changes->list[2], DB_CHANGE_INSERT, K(2), I(2, "other"), NULL);
    assert_change(&changes->list[3], DB_CHANGE_REMOVE, K(1), NULL, I(1, "two"));
    uint64_t last = 0;
    for (size_t i = 0; i < changes->count; i++) {
        assert_true(changes->list[i].sequence > last);
        last = changes->list[i].sequence;
        assert_false(changes->list[i].is_expiry);
        assert_in_range(changes->list[i].created_ms, before_ms, clock_now_ms());
    }
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void a_view_shows_what_it_is_for(void **state)
{
    (void)state;
    static const struct {
        const char *view;
        bool has_new;
        bool has_old;
    } views[] = {
        {"KEYS_ONLY", false, false},
        {"NEW_IMAGE", true, false},
        {"OLD_IMAGE", false, true},
        {"NEW_AND_OLD_IMAGES", true, true},
    };
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        const struct db_table *table = stream_table(views[i].view, views[i].view);
        const char *new_image = views[i].has_new ? I(1, "n") : NULL;
        const char *old_image = views[i].has_old ? I(1, "o") : NULL;
        put_item(table, I(1, "o"));
        put_item(table, I(1, "n"));
        put_item(table, I(1, "o"));
        delete_item(table, K(1));
        struct db_stream *stream = stream_of(table);
        const struct changes *changes = read_stream(stream);
        assert_int_equal(changes->count, 4);
        assert_change(&changes->list[0], DB_CHANGE_INSERT, K(1),
                      views[i].has_new ? I(1, "o") : NULL, NULL);
        assert_change(&changes->list[1], DB_CHANGE_MODIFY, K(1), new_image, old_image);
        assert_change(&changes->list[3], DB_CHANGE_REMOVE, K(1), NULL, old_image);
        db_stream_release(stream);
        db_table_release(fixture_db, table);
    }
}

/* Key 1 byte + 1, number 2 + 1; the images with x and three bytes more. */
static void sizes_are_those_of_items(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_AND_OLD_IMAGES");
    put_item(table, I(1, "abc"));
    put_item(table, I(1, "abcdef"));
    struct db_stream *stream = stream_of(table);
    const struct changes *changes = read_stream(stream);
    assert_int_equal(db_change_size_bytes(&changes->list[0]), 5 + 5 + 4);
    assert_int_equal(db_change_size_bytes(&changes->list[1]), 5 + 5 + 4 + 5 + 7);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

/* Several items in one write: all their changes or none. */
struct several {
    struct waiter waiter;
    bool commits;
};

static bool decide_several(void *context, struct db_write_set *set)
{
    const struct several *several = context;
    for (size_t i = 0; i < set->count; i++) {
        set->writes[i].action = i % 3 == 2 ? DB_KEEP : DB_PUT;
        set->writes[i].new_item = set->writes[i].key;
    }
    return several->commits;
}

static void several_done(void *context, const struct error *error)
{
    struct several *several = context;
    waiter_done(&several->waiter, error);
}

static void write_several(const struct db_table *table, bool commits)
{
    struct several several = {.commits = commits};
    struct db_write writes[] = {{.table = table, .key = item_of(K(1))},
                                {.table = table, .key = item_of(K(2))},
                                {.table = table, .key = item_of(K(3))},
                                {.table = table, .key = item_of(K(4))}};
    struct db_write_set set = {.arena = &fixture_arena,
                               .writes = writes,
                               .count = COUNT_OF(writes),
                               .decide = decide_several,
                               .done = several_done,
                               .context = &several};
    waiter_init(&several.waiter);
    db_write_items(fixture_db, &set);
    assert_ok(waiter_wait(&several.waiter, &fixture_arena));
}

static void a_write_of_several_items_is_told_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "KEYS_ONLY");
    struct db_stream *stream = stream_of(table);
    write_several(table, false);
    assert_int_equal(read_stream(stream)->count, 0);
    write_several(table, true);
    const struct changes *changes = read_stream(stream);
    assert_int_equal(changes->count, 3);
    assert_change(&changes->list[0], DB_CHANGE_INSERT, K(1), NULL, NULL);
    assert_change(&changes->list[1], DB_CHANGE_INSERT, K(2), NULL, NULL);
    assert_change(&changes->list[2], DB_CHANGE_INSERT, K(4), NULL, NULL);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

/* --- enabling and disabling --- */

static void a_stream_begins_and_ends_with_the_change_of_its_table(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", NULL);
    assert_false(slice_present(table->stream_label));
    put_item(table, I(1, "before"));
    table = stream_switch(table, "NEW_IMAGE");
    struct db_stream *first = stream_of(table);
    put_item(table, I(1, "within"));
    table = stream_switch(table, NULL);
    assert_true(slice_present(table->stream_label));
    put_item(table, I(1, "after"));
    const struct changes *changes = read_stream(first);
    assert_int_equal(changes->count, 1);
    assert_change(&changes->list[0], DB_CHANGE_MODIFY, K(1), I(1, "within"), NULL);
    assert_int_equal(db_stream_status(fixture_db, first, stream_now_ms), DB_STREAM_DISABLED);
    assert_true(shards_of(first, 1)->end != 0);

    /* Another one, also within the same millisecond. */
    table = stream_switch(table, "KEYS_ONLY");
    struct db_stream *second = stream_of(table);
    assert_ptr_not_equal(first, second);
    assert_int_equal(db_stream_status(fixture_db, second, stream_now_ms), DB_STREAM_ENABLED);
    put_item(table, I(1, "again"));
    assert_int_equal(read_stream(second)->count, 1);
    assert_int_equal(read_stream(first)->count, 1);
    struct db_stream **list;
    size_t count;
    bool is_more;
    assert_ok(db_streams_list(fixture_db, &fixture_arena, FIXTURE_ACCOUNT, FIXTURE_REGION,
                              SLICE("t"), SLICE_ABSENT, SLICE_ABSENT, 10, &list, &count, &is_more));
    assert_int_equal(count, 2);
    assert_false(is_more);
    assert_ptr_equal(list[0], first);
    assert_ptr_equal(list[1], second);
    for (size_t i = 0; i < count; i++)
        db_stream_release(list[i]);
    db_stream_release(first);
    db_stream_release(second);
    db_table_release(fixture_db, table);
}

/* A request that has looked its table up before the change. */
static void writes_with_an_older_snapshot_are_told_too(void **state)
{
    (void)state;
    const struct db_table *old = stream_table("t", NULL);
    db_table_retain(old);
    const struct db_table *table = stream_switch(old, "NEW_IMAGE");
    put_item(old, I(1, "x"));
    struct db_stream *stream = stream_of(table);
    assert_int_equal(read_stream(stream)->count, 1);
    db_table_retain(table);
    const struct db_table *off = stream_switch(table, NULL);
    put_item(table, I(2, "x"));
    assert_int_equal(read_stream(stream)->count, 1);
    db_stream_release(stream);
    db_table_release(fixture_db, old);
    db_table_release(fixture_db, table);
    db_table_release(fixture_db, off);
}

static void the_stream_of_a_deleted_table_can_be_read(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    struct db_stream *stream = stream_of(table);
    put_item(table, I(1, "x"));
    assert_ok(table_delete(table, stream_now_ms));
    db_table_release(fixture_db, table);
    while (db_catalog_work(fixture_db, stream_now_ms)) {
    }
    assert_int_equal(read_stream(stream)->count, 1);
    assert_int_equal(db_stream_status(fixture_db, stream, stream_now_ms), DB_STREAM_DISABLED);
    db_stream_release(stream);
    /* The next table of that name is another one. */
    table = stream_table("t", "NEW_IMAGE");
    stream = stream_of(table);
    assert_int_equal(read_stream(stream)->count, 0);
    put_item(table, I(1, "y"));
    assert_int_equal(read_stream(stream)->count, 1);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void statuses_take_their_time(void **state)
{
    (void)state;
    db_close(fixture_db);
    fixture_db_open(1000);
    struct db_table description = fixture_description("t", 0);
    description.stream_enabled = true;
    description.stream_view_type = SLICE("KEYS_ONLY");
    const struct db_table *table;
    stream_now_ms = clock_now_ms();
    assert_ok(table_create(&description, stream_now_ms, &table));
    struct db_stream *stream = stream_of(table);
    assert_int_equal(db_stream_status(fixture_db, stream, stream_now_ms), DB_STREAM_ENABLING);
    db_table_release(fixture_db, table);
    stream_now_ms += 1000;
    assert_int_equal(db_stream_status(fixture_db, stream, stream_now_ms), DB_STREAM_ENABLED);
    table = table_acquire("t", stream_now_ms);
    assert_ok(table_delete(table, stream_now_ms));
    put_item(table, I(1, "too late"));
    assert_int_equal(read_stream(stream)->count, 0);
    assert_int_equal(db_stream_status(fixture_db, stream, stream_now_ms), DB_STREAM_DISABLING);
    assert_int_equal(db_stream_status(fixture_db, stream, stream_now_ms + 1000),
                     DB_STREAM_DISABLED);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

/* --- shards --- */

static char *numbered(char text[128], unsigned number, unsigned value)
{
    snprintf(text, 128, "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"%u\"}}", number,
             value);
    return text;
}

static void put_numbered(const struct db_table *table, unsigned count, unsigned value)
{
    char text[128];
    for (unsigned i = 0; i < count; i++)
        put_item(table, numbered(text, i, value));
}

static void shards_divide_the_items_among_them(void **state)
{
    (void)state;
    stream_reopen(4);
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    put_numbered(table, 100, 1);
    put_numbered(table, 100, 2);
    struct db_stream *stream = stream_of(table);
    const struct db_shard *shards = shards_of(stream, 4);
    static struct changes changes;
    size_t total = 0;
    for (size_t i = 0; i < 4; i++) {
        changes.count = 0;
        read_shard(stream, shards[i].id, &changes);
        /* Half of the changes are the second ones of the same items. */
        assert_true(changes.count > 10 && changes.count % 2 == 0);
        for (size_t k = 0; k < changes.count / 2; k++)
            assert_true(
                slice_equal(changes.list[k].keys, changes.list[k + changes.count / 2].keys));
        total += changes.count;
        assert_false(shards[i].has_parent);
        assert_int_equal(shards[i].end, 0);
        assert_true(i == 0 || shards[i].id.first_hash > shards[i - 1].id.first_hash);
    }
    assert_int_equal(total, 200);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void ranges_cover_all_hashes(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1, 2, 3, 7, 64, 1000, DB_SHARDS_MAX};
    const uint64_t end = (uint64_t)1 << 35;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        assert_int_equal(db_stream_range_first(0, counts[i]), 0);
        assert_int_equal(db_stream_range_of_hash(end - 1, counts[i]), counts[i] - 1);
        for (uint64_t range = 1; range < counts[i]; range++) {
            uint64_t first = db_stream_range_first(range, counts[i]);
            assert_int_equal(db_stream_range_of_hash(first, counts[i]), range);
            assert_int_equal(db_stream_range_of_hash(first - 1, counts[i]), range - 1);
        }
    }
}

static void rolled_shards_end_where_their_children_begin(void **state)
{
    (void)state;
    stream_reopen(2);
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    struct db_stream *stream = stream_of(table);
    uint64_t place = 0;
    static struct changes changes;
    put_numbered(table, 20, 1);
    changes.count = 0;
    struct db_shard_id first = shards_of(stream, 2)[0].id;
    assert_false(read_changes(stream, first, &place, 1000, &changes));
    size_t before = changes.count;
    for (unsigned generation = 2; generation <= 4; generation++) {
        stream_now_ms += DB_STREAM_ROLL_MS_DEFAULT;
        db_stream_work(fixture_db, stream_now_ms);
        put_numbered(table, 20, generation);
    }
    const struct db_shard *shards = shards_of(stream, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(shards[i].has_parent, i >= 2);
        assert_int_equal(shards[i].end != 0, i < 6);
        if (i < 2)
            continue;
        assert_int_equal(shards[i].parent.created_ms, shards[i - 2].id.created_ms);
        assert_int_equal(shards[i].parent.first_hash, shards[i - 2].id.first_hash);
        assert_true(shards[i].start == shards[i - 2].end);
        changes.count = 0;
        read_shard(stream, shards[i].id, &changes);
        assert_int_equal(changes.count, i % 2 == 0 ? before : 20 - before);
    }
    /* An iterator of the first shard comes to its end. */
    changes.count = 0;
    assert_true(read_changes(stream, first, &place, 1000, &changes));
    assert_int_equal(changes.count, 0);
    assert_int_equal(read_stream(stream)->count, 80);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void a_page_may_end_with_the_shard(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    struct db_stream *stream = stream_of(table);
    put_numbered(table, 5, 1);
    stream_now_ms += DB_STREAM_ROLL_MS_DEFAULT;
    db_stream_work(fixture_db, stream_now_ms);
    put_numbered(table, 5, 2);
    struct db_shard_id parent = shards_of(stream, 2)[0].id;
    static struct changes changes;
    uint64_t place = 0;
    changes.count = 0;
    assert_false(read_changes(stream, parent, &place, 3, &changes));
    assert_int_equal(changes.count, 3);
    assert_true(read_changes(stream, parent, &place, 3, &changes));
    assert_int_equal(changes.count, 5);
    assert_true(read_changes(stream, parent, &place, 3, &changes));
    assert_int_equal(changes.count, 5);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void shards_split_when_there_are_to_be_more(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    put_numbered(table, 40, 1);
    db_table_release(fixture_db, table);
    stream_reopen(3);
    table = table_acquire("t", stream_now_ms);
    put_numbered(table, 40, 2);
    db_table_release(fixture_db, table);
    stream_reopen(4); /* no multiple of 3, so there are 6 */
    table = table_acquire("t", stream_now_ms);
    put_numbered(table, 40, 3);
    db_table_release(fixture_db, table);
    stream_reopen(12);
    table = table_acquire("t", stream_now_ms);
    put_numbered(table, 40, 4);

    struct db_stream *stream = stream_of(table);
    const struct db_shard *shards = shards_of(stream, 1 + 3 + 6 + 12);
    for (size_t i = 0; i < 22; i++) {
        const struct db_shard *parent = i == 0   ? NULL
                                        : i < 4  ? &shards[0]
                                        : i < 10 ? &shards[1 + (i - 4) / 2]
                                                 : &shards[4 + (i - 10) / 2];
        assert_int_equal(shards[i].has_parent, parent != NULL);
        assert_int_equal(shards[i].end != 0, i < 10);
        if (parent != NULL) {
            assert_int_equal(shards[i].parent.created_ms, parent->id.created_ms);
            assert_int_equal(shards[i].parent.first_hash, parent->id.first_hash);
        }
    }
    /* Parents before children, every item in its order. */
    const struct changes *changes = read_stream(stream);
    assert_int_equal(changes->count, 160);
    char text[128];
    for (unsigned i = 0; i < 40; i++) {
        unsigned value = 0;
        for (size_t k = 0; k < changes->count; k++) {
            if (!slice_equal(member_of(changes->list[k].keys, "p").body,
                             member_of(item_of(numbered(text, i, 0)), "p").body))
                continue;
            assert_string_equal(text_of(changes->list[k].new_image),
                                text_of(item_of(numbered(text, i, ++value))));
        }
        assert_int_equal(value, 4);
    }
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void shards_do_not_split_beyond_what_a_stream_can_have(void **state)
{
    (void)state;
    stream_reopen(DB_SHARDS_MAX / 2 + 1);
    const struct db_table *table = stream_table("t", "KEYS_ONLY");
    db_table_release(fixture_db, table);
    stream_reopen(DB_SHARDS_MAX);
    table = table_acquire("t", stream_now_ms);
    struct db_stream *stream = stream_of(table);
    assert_int_equal(db_stream_facts(stream).shard_count, DB_SHARDS_MAX / 2 + 1);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void the_latest_place_is_behind_all_changes(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "KEYS_ONLY");
    struct db_stream *stream = stream_of(table);
    struct db_shard shard = shards_of(stream, 1)[0];
    uint64_t place, again;
    static struct changes changes;
    changes.count = 0;
    assert_ok(db_stream_latest(fixture_db, &fixture_arena, stream, &shard, 0, &place));
    assert_true(place == shard.start);
    put_item(table, I(1, "x"));
    assert_false(read_changes(stream, shard.id, &place, 10, &changes));
    assert_int_equal(changes.count, 1);
    assert_ok(db_stream_latest(fixture_db, &fixture_arena, stream, &shard, 0, &again));
    assert_true(again == place);
    assert_false(read_changes(stream, shard.id, &again, 10, &changes));
    assert_int_equal(changes.count, 1);
    table = stream_switch(table, NULL);
    shard = shards_of(stream, 1)[0];
    assert_ok(db_stream_latest(fixture_db, &fixture_arena, stream, &shard, 0, &again));
    assert_true(again == shard.end);
    assert_true(read_changes(stream, shard.id, &again, 10, &changes));
    assert_int_equal(changes.count, 1);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void pages_end_with_a_megabyte(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    enum { SIZE = 300000 };
    char *json = malloc(SIZE + 200);
    assert_non_null(json);
    for (unsigned i = 0; i < 8; i++) {
        int head =
            snprintf(json, 100, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"%u\"},\"x\":{\"S\":\"", i);
        memset(json + head, 'x', SIZE);
        memcpy(json + head + SIZE, "\"}}", 4);
        put_item(table, json);
    }
    free(json);
    struct db_stream *stream = stream_of(table);
    struct db_shard_id shard = shards_of(stream, 1)[0].id;
    static struct changes changes;
    uint64_t place = 0;
    changes.count = 0;
    assert_false(read_changes(stream, shard, &place, 1000, &changes));
    assert_int_equal(changes.count, 3);
    assert_false(read_changes(stream, shard, &place, 1000, &changes));
    assert_false(read_changes(stream, shard, &place, 1000, &changes));
    assert_int_equal(changes.count, 8);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

/* --- time --- */

static void what_is_older_than_a_day_goes(void **state)
{
    (void)state;
    stream_reopen_with(1, 2 * DB_STREAM_RETENTION_MS);
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    struct db_stream *stream = stream_of(table);
    put_numbered(table, 10, 1);
    struct db_shard shard = shards_of(stream, 1)[0];
    static struct changes changes;
    changes.count = 0;
    uint64_t early = shard.start, place = 0;
    (void)read_changes(stream, shard.id, &place, 4, &changes);

    int64_t later_ms = clock_now_ms() + DB_STREAM_RETENTION_MS;
    while (db_stream_work(fixture_db, later_ms - HOUR_MS)) {
    }
    assert_int_equal(read_stream(stream)->count, 10);
    while (db_stream_work(fixture_db, later_ms + 1)) {
    }
    assert_int_equal(read_stream(stream)->count, 0);

    struct db_stream_read read = {.stream = stream,
                                  .shard = shard.id,
                                  .sequence = early,
                                  .limit = 10,
                                  .visit = visit_changes,
                                  .context = &changes};
    assert_error(db_stream_read(fixture_db, &fixture_arena, &read), ERROR_TRIMMED_DATA_ACCESS,
                 "The data you are trying to access has been trimmed");
    read.sequence = place;
    assert_error(db_stream_read(fixture_db, &fixture_arena, &read), ERROR_TRIMMED_DATA_ACCESS,
                 "The data you are trying to access has been trimmed");
    /* Behind the last change that went nothing has been lost. */
    bool is_found;
    uint64_t horizon, latest;
    assert_ok(
        db_stream_shard(fixture_db, &fixture_arena, stream, shard.id, &is_found, &shard, &horizon));
    assert_true(is_found && horizon > shard.start);
    assert_ok(db_stream_latest(fixture_db, &fixture_arena, stream, &shard, horizon, &latest));
    assert_true(latest == horizon);
    put_numbered(table, 3, 2);
    changes.count = 0;
    assert_false(read_changes(stream, shard.id, &horizon, 10, &changes));
    assert_int_equal(changes.count, 3);
    assert_int_equal(read_stream(stream)->count, 3);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void old_shards_go_and_leave_their_children(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    struct db_stream *stream = stream_of(table);
    int64_t now_ms = stream_now_ms;
    for (unsigned hour = 0; hour <= 40; hour += 4) {
        while (db_stream_work(fixture_db, now_ms + (int64_t)hour * HOUR_MS)) {
        }
    }
    /* Rolled at 4, 8 ... 40: those closed by hour 16 are gone. */
    const struct db_shard *shards = shards_of(stream, 7);
    assert_true(shards[0].has_parent);
    bool is_found;
    struct db_shard gone;
    uint64_t horizon;
    assert_ok(db_stream_shard(fixture_db, &fixture_arena, stream, shards[0].parent, &is_found,
                              &gone, &horizon));
    assert_false(is_found);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

static void a_disabled_stream_is_gone_after_a_day(void **state)
{
    (void)state;
    stream_reopen(3);
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    put_numbered(table, 10, 1);
    table = stream_switch(table, NULL);
    struct db_stream *stream = stream_of(table);
    while (db_stream_work(fixture_db, stream_now_ms + DB_STREAM_RETENTION_MS - 1)) {
    }
    assert_int_equal(read_stream(stream)->count, 10);
    db_stream_release(stream);
    while (db_stream_work(fixture_db, stream_now_ms + DB_STREAM_RETENTION_MS)) {
    }
    assert_null(db_stream_acquire(fixture_db, table->account, table->region, table->name,
                                  table->stream_label));
    assert_int_equal(count_stream_records(), 0);
    /* Its name stays with the table. */
    assert_int_equal(table->stream_label.size, DB_STREAM_LABEL_BYTES);
    db_table_release(fixture_db, table);
}

static void streams_are_there_after_opening_again(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("on", "NEW_IMAGE");
    put_numbered(table, 5, 1);
    db_table_release(fixture_db, table);
    table = stream_table("off", "NEW_IMAGE");
    put_numbered(table, 6, 1);
    db_table_release(fixture_db, stream_switch(table, NULL));
    table = stream_table("deleted", "NEW_IMAGE");
    put_numbered(table, 7, 1);
    struct slice label;
    assert_true(arena_copy(&fixture_arena, table->stream_label, &label));
    assert_ok(table_delete(table, stream_now_ms));
    db_table_release(fixture_db, table);
    uint8_t key[DB_STREAM_ITERATOR_KEY_BYTES];
    memcpy(key, db_iterator_key(fixture_db), sizeof(key));

    stream_reopen(1);
    assert_memory_equal(key, db_iterator_key(fixture_db), sizeof(key));
    table = table_acquire("on", stream_now_ms);
    put_numbered(table, 5, 2);
    struct db_stream *stream = stream_of(table);
    assert_int_equal(read_stream(stream)->count, 10);
    assert_int_equal(db_stream_status(fixture_db, stream, stream_now_ms), DB_STREAM_ENABLED);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
    table = table_acquire("off", stream_now_ms);
    put_numbered(table, 6, 2);
    stream = stream_of(table);
    assert_int_equal(read_stream(stream)->count, 6);
    assert_int_equal(db_stream_status(fixture_db, stream, stream_now_ms), DB_STREAM_DISABLED);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
    stream =
        db_stream_acquire(fixture_db, FIXTURE_ACCOUNT, FIXTURE_REGION, SLICE("deleted"), label);
    assert_non_null(stream);
    assert_int_equal(read_stream(stream)->count, 7);
    db_stream_release(stream);
}

/* --- lists --- */

static void lists_go_page_by_page(void **state)
{
    (void)state;
    static const char *const names[] = {"aaa", "bbb", "bbbb", "ccc"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct db_table *table = stream_table(names[i], "KEYS_ONLY");
        if (i == 1)
            table = stream_switch(stream_switch(table, NULL), "KEYS_ONLY");
        db_table_release(fixture_db, table);
    }
    struct slice after_name = SLICE_ABSENT, after_label = SLICE_ABSENT;
    size_t seen = 0;
    for (bool is_more = true; is_more;) {
        struct db_stream **list;
        size_t count;
        assert_ok(db_streams_list(fixture_db, &fixture_arena, FIXTURE_ACCOUNT, FIXTURE_REGION,
                                  SLICE_ABSENT, after_name, after_label, 2, &list, &count,
                                  &is_more));
        assert_true(count == (seen == 4 ? 1 : 2) && is_more == (seen < 4));
        for (size_t i = 0; i < count; i++) {
            static const size_t expected[] = {0, 1, 1, 2, 3};
            struct db_stream_facts facts = db_stream_facts(list[i]);
            char label[DB_STREAM_LABEL_BYTES];
            assert_slice(facts.table_name, slice_of_cstring(names[expected[seen++]]));
            db_stream_label(facts.created_ms, label);
            assert_true(arena_copy(&fixture_arena, facts.table_name, &after_name));
            assert_true(arena_copy(&fixture_arena, slice_of(label, sizeof(label)), &after_label));
            db_stream_release(list[i]);
        }
    }
    assert_int_equal(seen, 5);
    struct db_stream **list;
    size_t count;
    bool is_more;
    assert_ok(db_streams_list(fixture_db, &fixture_arena, FIXTURE_ACCOUNT, SLICE("us-east-1"),
                              SLICE_ABSENT, SLICE_ABSENT, SLICE_ABSENT, 2, &list, &count,
                              &is_more));
    assert_true(count == 0 && !is_more);
}

static void labels_are_times(void **state)
{
    (void)state;
    char label[DB_STREAM_LABEL_BYTES];
    db_stream_label(1431379293291, label);
    assert_memory_equal(label, "2015-05-11T21:21:33.291", sizeof(label));
    db_stream_label(1431379293007, label);
    assert_memory_equal(label, "2015-05-11T21:21:33.007", sizeof(label));
    db_stream_label(0, label);
    assert_memory_equal(label, "1970-01-01T00:00:00.000", sizeof(label));
}

/* --- failures --- */

static void a_failed_write_is_not_told(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    db_table_release(fixture_db, table);
    db_close(fixture_db);
    assert_ok(fault_store_open(&fixture_arena, fixture_store, &fixture_store));
    fixture_db_open(0);
    table = table_acquire("t", stream_now_ms);
    fault_store_add_rule(fixture_store, &(struct fault_rule){.call = FAULT_TRANSACT,
                                                             .effect = FAULT_FAIL_COMMIT,
                                                             .first = 1,
                                                             .error_kind = ERROR_INTERNAL});
    assert_error(write_one(&fixture_arena, table, item_of(K(1)), item_of(I(1, "x")), NULL),
                 ERROR_INTERNAL, "A fault was asked for");
    /* Decided twice, told once. */
    fault_store_add_rule(
        fixture_store,
        &(struct fault_rule){.call = FAULT_TRANSACT, .effect = FAULT_RECALL, .first = 1});
    put_item(table, I(2, "x"));
    struct db_stream *stream = stream_of(table);
    const struct changes *changes = read_stream(stream);
    assert_int_equal(changes->count, 1);
    assert_change(&changes->list[0], DB_CHANGE_INSERT, K(2), I(2, "x"), NULL);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

/* What the registry hears late, it hears with the stream. */
static void a_change_that_was_not_heard_of_is_learnt(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", NULL);
    struct db_options options = {.store = fixture_store};
    struct db *untold;
    assert_ok(db_open(&fixture_arena, &options, &untold));
    table = stream_switch(table, "NEW_IMAGE");
    db_table_release(fixture_db, table);

    struct db *told = fixture_db;
    fixture_db = untold;
    table = table_acquire("t", stream_now_ms);
    assert_false(table->stream_enabled);
    struct db_table wanted = *table;
    wanted.deletion_protection = true;
    const struct db_table *updated;
    assert_non_null(table_update(table, &wanted, stream_now_ms, &updated));
    db_table_release(untold, table);
    table = table_acquire("t", stream_now_ms);
    assert_true(table->stream_enabled);
    put_item(table, I(1, "x"));
    struct db_stream *stream = stream_of(table);
    assert_int_equal(read_stream(stream)->count, 1);
    db_stream_release(stream);
    db_table_release(untold, table);
    db_close(untold);
    fixture_db = told;
}

static void upkeep_that_fails_is_tried_again(void **state)
{
    (void)state;
    const struct db_table *table = stream_table("t", "NEW_IMAGE");
    put_numbered(table, 3, 1);
    table = stream_switch(table, NULL);
    db_table_release(fixture_db, table);
    db_close(fixture_db);
    assert_ok(fault_store_open(&fixture_arena, fixture_store, &fixture_store));
    fixture_db_open(0);
    int64_t late_ms = stream_now_ms + DB_STREAM_RETENTION_MS;
    for (unsigned call = 0; call < 3; call++) {
        fault_store_add_rule(fixture_store, &(struct fault_rule){.call = call < 2 ? FAULT_DROP_RANGE
                                                                                  : FAULT_TRANSACT,
                                                                 .effect = FAULT_FAIL,
                                                                 .first = call < 2 ? call + 1 : 1,
                                                                 .error_kind = ERROR_INTERNAL});
        db_stream_work(fixture_db, late_ms + call * HOUR_MS);
        assert_true(count_stream_records() > 0);
        fault_store_clear_rules(fixture_store);
    }
    db_stream_work(fixture_db, late_ms + 3 * HOUR_MS);
    assert_int_equal(count_stream_records(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAM_TESTS(changes_are_told_as_they_happened),
        STREAM_TESTS(a_view_shows_what_it_is_for),
        STREAM_TESTS(sizes_are_those_of_items),
        STREAM_TESTS(a_write_of_several_items_is_told_whole_or_not_at_all),
        STREAM_TESTS(a_stream_begins_and_ends_with_the_change_of_its_table),
        STREAM_TESTS(writes_with_an_older_snapshot_are_told_too),
        STREAM_TESTS(the_stream_of_a_deleted_table_can_be_read),
        STREAM_TESTS(statuses_take_their_time),
        STREAM_TESTS(shards_divide_the_items_among_them),
        cmocka_unit_test(ranges_cover_all_hashes),
        STREAM_TESTS(rolled_shards_end_where_their_children_begin),
        STREAM_TESTS(a_page_may_end_with_the_shard),
        STREAM_TESTS(shards_split_when_there_are_to_be_more),
        STREAM_TESTS(shards_do_not_split_beyond_what_a_stream_can_have),
        STREAM_TESTS(the_latest_place_is_behind_all_changes),
        STREAM_TESTS(pages_end_with_a_megabyte),
        STREAM_TESTS(what_is_older_than_a_day_goes),
        STREAM_TESTS(old_shards_go_and_leave_their_children),
        STREAM_TESTS(a_disabled_stream_is_gone_after_a_day),
        STREAM_TESTS(streams_are_there_after_opening_again),
        STREAM_TESTS(lists_go_page_by_page),
        cmocka_unit_test(labels_are_times),
        STREAM_TESTS(a_failed_write_is_not_told),
        STREAM_TESTS(a_change_that_was_not_heard_of_is_learnt),
        STREAM_TESTS(upkeep_that_fails_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
