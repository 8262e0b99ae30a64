#include "db/token.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"
#include "db/database.h"
#include "db/keyspace.h"

enum { KEY_BEFORE, KEY_NOW, KEY_AFTER };

enum { SWEEP_BYTES_MAX = 64 * 1024 };

void db_token_digest(struct slice bytes, uint8_t ret_digest[DB_TOKEN_DIGEST_BYTES])
{
    enum { HALVES = DB_TOKEN_DIGEST_BYTES / 8 };
    for (unsigned half = 0; half < HALVES; half++) {
        uint8_t key[HASH_KEY_BYTES];
        for (unsigned i = 0; i < sizeof(key); i++)
            key[i] = (uint8_t)(0x10 * (half + 1) + i);
        uint64_t hash = hash_bytes_keyed(key, bytes);
        for (unsigned i = 0; i < 8; i++)
            ret_digest[8 * half + i] = (uint8_t)(hash >> (56 - 8 * i));
    }
}

static uint64_t period_at(int64_t now_ms)
{
    return now_ms < 0 ? 0 : (uint64_t)(now_ms / DB_TOKEN_LIFE_MS);
}

bool db_token_keys(const struct db *db, struct arena *arena, const struct db_token *token,
                   struct slice ret_keys[DB_TOKEN_KEYS])
{
    uint8_t scope = (uint8_t)token->scope;
    const struct db_key_parts parts = {
        .partition_count = 4,
        .count = 4,
        .part = {token->account, db_namespace(db, token->region), slice_of(&scope, 1), token->text},
    };
    /* One more than the number of the period, so that there is one before the first. */
    uint64_t period = period_at(token->now_ms) + 1;
    for (unsigned i = 0; i < DB_TOKEN_KEYS; i++) {
        ret_keys[i] = db_key_make(arena, DB_FAMILY_TOKEN, period - KEY_NOW + i, &parts);
        if (!slice_present(ret_keys[i]))
            return false;
    }
    return true;
}

struct slice db_token_key_to_write(const struct slice keys[DB_TOKEN_KEYS])
{
    return keys[KEY_NOW];
}

struct slice db_token_record(struct arena *arena, const struct db_token *token)
{
    CHECK(token->unit_count <= DB_TOKEN_UNITS_MAX);
    struct buf body;
    buf_init(&body, arena, SIZE_MAX);
    buf_append_varint(&body, (uint64_t)token->now_ms + DB_TOKEN_LIFE_MS);
    buf_append(&body, slice_of(token->digest, sizeof(token->digest)));
    buf_append_varint(&body, token->unit_count);
    for (size_t i = 0; i < token->unit_count; i++)
        buf_append_varint(&body, token->units[i]);
    return body.failed ? SLICE_ABSENT : db_record_make(arena, DB_FAMILY_TOKEN, buf_slice(&body));
}

bool db_token_read(struct slice body, int64_t *ret_valid_until_ms, struct db_token *ret_token)
{
    struct db_token token = *ret_token;
    uint64_t until, count;
    if (!varint_read(&body, &until) || until > INT64_MAX || body.size < sizeof(token.digest))
        return false;
    memcpy(token.digest, body.data, sizeof(token.digest));
    body = slice_after(body, sizeof(token.digest));
    if (!varint_read(&body, &count) || count > DB_TOKEN_UNITS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t units;
        if (!varint_read(&body, &units) || units > UINT32_MAX)
            return false;
        token.units[i] = (uint32_t)units;
    }
    if (body.size != 0)
        return false;
    token.unit_count = (size_t)count;
    *ret_valid_until_ms = (int64_t)until;
    *ret_token = token;
    return true;
}

const struct error *db_token_look(struct db_token *token, struct arena *arena,
                                  const struct slice values[DB_TOKEN_KEYS],
                                  const bool held[DB_TOKEN_KEYS])
{
    token->state = DB_TOKEN_NEW;
    token->unit_count = 0;
    bool is_running = false;
    for (unsigned i = 0; i < DB_TOKEN_KEYS; i++) {
        is_running = is_running || held[i];
        struct slice body;
        int64_t until_ms;
        struct db_token found = {0};
        if (!slice_present(values[i]))
            continue;
        if (!db_record_open(DB_FAMILY_TOKEN, values[i], &body) ||
            !db_token_read(body, &until_ms, &found))
            return error_make(arena, ERROR_INTERNAL,
                              "The record of a client request token is corrupt");
        if (until_ms <= token->now_ms)
            continue;
        bool is_same = memcmp(found.digest, token->digest, sizeof(found.digest)) == 0;
        token->state = is_same ? DB_TOKEN_USED : DB_TOKEN_MISMATCH;
        token->unit_count = found.unit_count;
        memcpy(token->units, found.units, sizeof(token->units));
    }
    if (token->state == DB_TOKEN_USED && is_running)
        token->state = DB_TOKEN_RUNNING;
    return NULL;
}

/* --- sweeping --- */

struct sweep {
    struct arena *arena;
    struct slice first; /* the first record there is */
};

static bool keep_first(void *context, struct slice key, struct slice value)
{
    (void)value;
    struct sweep *sweep = context;
    if (!arena_copy(sweep->arena, key, &sweep->first))
        sweep->first = SLICE_ABSENT; /* the next round finds it again */
    return false;
}

/* Deletes the records of all periods before this one. */
static const struct error *sweep_before(struct db *db, struct arena *arena, uint64_t period)
{
    struct sweep sweep = {.arena = arena};
    struct store_range range = {
        .first = db_key_hash_bound(arena, DB_FAMILY_TOKEN, 0, 0),
        .end = db_key_hash_bound(arena, DB_FAMILY_TOKEN, period, 0),
    };
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    const struct error *error =
        store_scan(db->store, arena, range, STORE_FORWARD, keep_first, &sweep);
    if (error != NULL || !slice_present(sweep.first))
        return error;
    range.first = sweep.first;
    return store_drop_range(db->store, arena, range);
}

bool db_token_work(struct db *db, int64_t now_ms)
{
    /* This period's number in keys is one more; the one before it may have valid records; and one
     * more is left to requests that have been under way for long. */
    uint64_t period = period_at(now_ms) + 1;
    uint64_t end = period > 2 ? period - 2 : 0;
    if (end <= db->tokens_swept)
        return false;
    struct arena arena;
    arena_init(&arena, SWEEP_BYTES_MAX);
    const struct error *error = sweep_before(db, &arena, end);
    if (error == NULL)
        db->tokens_swept = end;
    else
        log_write(LOG_WARNING,
                  "Deleting expired client request tokens failed and is tried again: %.*s",
                  SLICE_PRINT(error->message));
    arena_fini(&arena);
    return false;
}
