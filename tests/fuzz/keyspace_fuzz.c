/* fuzz: hr_db hr_item hr_base */
/* about: db/keyspace.c */

/*
 * Two keys out of one input: their order is that of their parts, they come back as they were, none
 * is a prefix of the other, no byte is NUL, bounds lie where they must. And the input as a key:
 * what is taken for one comes back byte by byte.
 *
 *   input = six parts, each: size (1 byte), bytes; first the three of the left key
 */

#include "base/check.h"
#include "db/keyspace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 1024 * 1024, PARTS = 3 };

static struct slice take_part(struct slice *at)
{
    if (at->size == 0)
        return SLICE("");
    size_t size = at->data[0];
    *at = slice_after(*at, 1);
    if (size > at->size)
        size = at->size;
    struct slice part = slice_of(at->data, size);
    *at = slice_after(*at, size);
    return part;
}

static struct db_key_parts take_parts(struct slice *at)
{
    struct db_key_parts parts = {.partition_count = 1};
    for (unsigned i = 0; i < PARTS; i++)
        db_key_parts_add(&parts, take_part(at));
    return parts;
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static int compare_parts(const struct db_key_parts *left, const struct db_key_parts *right)
{
    int order = 0;
    for (size_t i = 0; order == 0 && i < PARTS; i++)
        order = slice_compare(left->part[i], right->part[i]);
    return sign(order);
}

static void check_alone(struct arena *arena, struct slice key, const struct db_key_parts *parts)
{
    CHECK(memchr(key.data, 0, key.size) == NULL);
    enum db_family family;
    uint64_t space, hash;
    struct db_key_parts back;
    CHECK(db_key_parse(arena, key, &family, &space, &hash, &back));
    CHECK(family == DB_FAMILY_GLOBAL && space == 9 && hash < DB_HASH_END);
    CHECK(back.count == PARTS);
    for (size_t i = 0; i < PARTS; i++)
        CHECK(slice_equal(back.part[i], parts->part[i]));

    struct slice first = db_key_hash_bound(arena, DB_FAMILY_GLOBAL, 9, hash);
    struct slice next = db_key_hash_bound(arena, DB_FAMILY_GLOBAL, 9, hash + 1);
    CHECK(slice_compare(first, key) <= 0 && slice_compare(key, next) < 0);
    CHECK(slice_compare(key, db_key_behind(arena, key)) < 0);
    CHECK(slice_compare(db_key_behind(arena, key), db_key_behind_prefix(arena, key)) < 0);
    struct slice open = db_key_make_open(arena, DB_FAMILY_GLOBAL, 9, parts);
    CHECK(slice_starts_with(key, open));
}

static void check_pair(struct arena *arena, struct slice data)
{
    struct slice at = data;
    struct db_key_parts left = take_parts(&at);
    struct db_key_parts right = take_parts(&at);
    /* One partition, as otherwise the hash decides. */
    right.part[0] = left.part[0];
    struct slice left_key = db_key_make(arena, DB_FAMILY_GLOBAL, 9, &left);
    struct slice right_key = db_key_make(arena, DB_FAMILY_GLOBAL, 9, &right);
    check_alone(arena, left_key, &left);
    check_alone(arena, right_key, &right);
    int order = compare_parts(&left, &right);
    CHECK(sign(slice_compare(left_key, right_key)) == order);
    CHECK(order == 0 || !slice_starts_with(left_key, right_key));
    CHECK(order == 0 || !slice_starts_with(right_key, left_key));
    if (order < 0)
        CHECK(slice_compare(db_key_behind(arena, left_key), right_key) < 0);
}

static void check_foreign(struct arena *arena, struct slice key)
{
    enum db_family family;
    uint64_t space, hash;
    struct db_key_parts parts;
    if (!db_key_parse(arena, key, &family, &space, &hash, &parts) || key.size > STORE_KEY_BYTES_MAX)
        return;
    struct slice again = db_key_make(arena, family, space, &parts);
    CHECK(again.size == key.size);
    CHECK(slice_equal(slice_after(again, DB_KEY_HEAD_BYTES), slice_after(key, DB_KEY_HEAD_BYTES)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2000)
        return 0;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    check_pair(&arena, slice_of(data, size));
    check_foreign(&arena, slice_of(data, size));
    arena_fini(&arena);
    return 0;
}
