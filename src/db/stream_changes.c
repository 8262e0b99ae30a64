/* CHANGE records: how writes append them and readers find them. */

#include "base/check.h"
#include "db/keyspace.h"
#include "db/stream_log.h"
#include "item/value_size.h"

enum {
    FLAG_NEW_IMAGE = 0x01,
    FLAG_OLD_IMAGE = 0x02,
    FLAG_EXPIRY = 0x04,
    FLAGS = FLAG_NEW_IMAGE | FLAG_OLD_IMAGE | FLAG_EXPIRY,
};

static size_t sized_bytes(struct slice bytes)
{
    return slice_present(bytes) ? varint_size(bytes.size) + bytes.size : 0;
}

static size_t body_bytes(const struct db_change *change)
{
    return 2 + varint_size((uint64_t)change->created_ms) + sized_bytes(change->keys) +
           sized_bytes(change->new_image) + sized_bytes(change->old_image);
}

static void append_sized(struct buf *out, struct slice bytes)
{
    if (!slice_present(bytes))
        return;
    buf_append_varint(out, bytes.size);
    buf_append(out, bytes);
}

void db_change_write(struct buf *out, const struct db_change *change)
{
    buf_append_byte(out, (uint8_t)change->kind);
    buf_append_byte(out, (uint8_t)((slice_present(change->new_image) ? FLAG_NEW_IMAGE : 0) |
                                   (slice_present(change->old_image) ? FLAG_OLD_IMAGE : 0) |
                                   (change->is_expiry ? FLAG_EXPIRY : 0)));
    buf_append_varint(out, (uint64_t)change->created_ms);
    append_sized(out, change->keys);
    append_sized(out, change->new_image);
    append_sized(out, change->old_image);
}

static bool read_sized(struct slice *at, bool is_there, struct slice *ret_bytes)
{
    uint64_t size;
    *ret_bytes = SLICE_ABSENT;
    if (!is_there)
        return true;
    if (!varint_read(at, &size) || size > at->size)
        return false;
    *ret_bytes = slice_of(at->data, (size_t)size);
    *at = slice_after(*at, (size_t)size);
    return true;
}

bool db_change_read(struct slice body, struct db_change *ret_change)
{
    if (body.size < 2)
        return false;
    uint8_t kind = body.data[0], flags = body.data[1];
    struct db_change change = {.kind = (enum db_change_kind)kind,
                               .is_expiry = (flags & FLAG_EXPIRY) != 0};
    struct slice at = slice_after(body, 2);
    uint64_t created_ms;
    if (kind < DB_CHANGE_INSERT || kind > DB_CHANGE_REMOVE || (flags & ~FLAGS) != 0 ||
        !varint_read(&at, &created_ms) || created_ms > INT64_MAX ||
        !read_sized(&at, true, &change.keys) ||
        !read_sized(&at, (flags & FLAG_NEW_IMAGE) != 0, &change.new_image) ||
        !read_sized(&at, (flags & FLAG_OLD_IMAGE) != 0, &change.old_image) || at.size > 0)
        return false;
    change.created_ms = (int64_t)created_ms;
    *ret_change = change;
    return true;
}

size_t db_change_size_bytes(const struct db_change *change)
{
    size_t bytes = item_size_bytes(change->keys);
    if (slice_present(change->new_image))
        bytes += item_size_bytes(change->new_image);
    if (slice_present(change->old_image))
        bytes += item_size_bytes(change->old_image);
    return bytes;
}

void db_change_project(enum db_stream_view view, struct db_change *change)
{
    if (view != DB_STREAM_NEW_IMAGE && view != DB_STREAM_NEW_AND_OLD_IMAGES)
        change->new_image = SLICE_ABSENT;
    if (view != DB_STREAM_OLD_IMAGE && view != DB_STREAM_NEW_AND_OLD_IMAGES)
        change->old_image = SLICE_ABSENT;
}

bool db_change_append(struct arena *arena, struct store_batch *batch,
                      const struct db_stream *stream, uint64_t hash, const struct db_change *change)
{
    const struct db_stream_facts *facts = &stream->facts;
    uint64_t first_hash = db_stream_range_first(db_stream_range_of_hash(hash, facts->shard_count),
                                                facts->shard_count);
    struct slice log =
        db_key_of_log(arena, DB_FAMILY_CHANGE, facts->table_id, first_hash, facts->created_ms);
    struct buf value;
    buf_init(&value, arena, SIZE_MAX);
    /* All at once, so that it does not grow in steps. */
    size_t size = DB_RECORD_HEAD_BYTES + body_bytes(change);
    uint8_t *bytes = buf_extend(&value, size);
    if (!slice_present(log) || bytes == NULL)
        return false;
    value.size = 0;
    buf_append_byte(&value, db_family_version(DB_FAMILY_CHANGE));
    db_change_write(&value, change);
    CHECK(value.size == size);
    store_batch_append(batch, log, buf_slice(&value));
    return true;
}

/* --- reading --- */

static struct slice log_of(struct arena *arena, const struct db_stream *stream, uint64_t first_hash)
{
    return db_key_of_log(arena, DB_FAMILY_CHANGE, stream->facts.table_id, first_hash,
                         stream->facts.created_ms);
}

/* Keys of a log with numbers in [first, end); end 0: all. false: arena exhausted. */
static bool log_range(struct arena *arena, struct slice log, uint64_t first, uint64_t end,
                      struct store_range *ret_range)
{
    if (!slice_present(log))
        return false;
    *ret_range = (struct store_range){
        .first = db_key_in_log(arena, log, first),
        .end = end != 0 ? db_key_in_log(arena, log, end) : db_key_behind_prefix(arena, log),
    };
    return slice_present(ret_range->first) && slice_present(ret_range->end);
}

static bool visit_newest(void *context, struct slice key, struct slice value)
{
    (void)value;
    uint64_t *sequence = context;
    bool is_numbered = store_sequence_read(key, sequence);
    CHECK(is_numbered); /* the range holds no other keys */
    return false;
}

const struct error *db_stream_latest(struct db *db, struct arena *arena,
                                     const struct db_stream *stream, const struct db_shard *shard,
                                     uint64_t horizon, uint64_t *ret_sequence)
{
    uint64_t latest = shard->start > horizon ? shard->start : horizon;
    uint64_t newest = 0;
    struct store_range range;
    if (shard->end != 0) {
        *ret_sequence = shard->end;
        return NULL;
    }
    if (!log_range(arena, log_of(arena, stream, shard->id.first_hash), latest, 0, &range))
        return error_exhausted();
    const struct error *error =
        store_scan(db->store, arena, range, STORE_BACKWARD, visit_newest, &newest);
    if (error == NULL)
        *ret_sequence = newest != 0 ? newest + 1 : latest;
    return error;
}

/* One call of db_stream_read: changes are kept until it is known on which side of the shard's end
 * they lie. */
struct reading {
    struct db_stream_read *read;
    struct arena *arena;
    struct db_change *changes;
    size_t count;
    size_t bytes;
    bool is_full;
    const struct error *error;
};

static bool keep_change(struct reading *reading, const struct db_change *change)
{
    struct db_change *kept = &reading->changes[reading->count];
    *kept = *change;
    if (!arena_copy(reading->arena, change->keys, &kept->keys) ||
        (slice_present(change->new_image) &&
         !arena_copy(reading->arena, change->new_image, &kept->new_image)) ||
        (slice_present(change->old_image) &&
         !arena_copy(reading->arena, change->old_image, &kept->old_image)))
        return false;
    reading->count++;
    return true;
}

static bool visit_change(void *context, struct slice key, struct slice value)
{
    struct reading *reading = context;
    struct slice body;
    struct db_change change;
    uint64_t sequence;
    if (!store_sequence_read(key, &sequence) || !db_record_open(DB_FAMILY_CHANGE, value, &body) ||
        !db_change_read(body, &change)) {
        reading->error = error_make(reading->arena, ERROR_INTERNAL,
                                    "A change record is corrupt or of a newer format");
        return false;
    }
    change.sequence = sequence;
    size_t bytes = db_change_size_bytes(&change);
    /* One at least, however large. */
    reading->is_full = reading->count > 0 && reading->bytes + bytes > DB_STREAM_READ_BYTES;
    if (reading->is_full)
        return false;
    reading->bytes += bytes;
    if (!keep_change(reading, &change)) {
        reading->error = error_exhausted();
        return false;
    }
    reading->is_full = reading->count == reading->read->limit;
    return !reading->is_full;
}

static const struct error *trimmed(struct arena *arena)
{
    return error_make(arena, ERROR_TRIMMED_DATA_ACCESS,
                      "The data you are trying to access has been trimmed");
}

static const struct error *find_shard(struct db *db, struct arena *arena,
                                      const struct db_stream_read *read, struct db_shard *ret_shard,
                                      uint64_t *ret_horizon)
{
    bool is_found;
    const struct error *error =
        db_stream_shard(db, arena, read->stream, read->shard, &is_found, ret_shard, ret_horizon);
    if (error == NULL && !is_found)
        error = trimmed(arena);
    return error;
}

static const struct error *read_log(struct db *db, struct reading *reading, uint64_t first,
                                    uint64_t end)
{
    struct store_range range;
    if (!log_range(reading->arena,
                   log_of(reading->arena, reading->read->stream, reading->read->shard.first_hash),
                   first, end, &range))
        return error_exhausted();
    const struct error *error =
        store_scan(db->store, reading->arena, range, STORE_FORWARD, visit_change, reading);
    return error != NULL ? error : reading->error;
}

/*
 * The shard is looked up before the log is read and after it. If it was closed before, all its
 * changes were there to be read. If it was not, it may have been closed before the last changes
 * that were read: then these are another shard's. And below the horizon, which may have moved,
 * something may be missing.
 */
const struct error *db_stream_read(struct db *db, struct arena *arena, struct db_stream_read *read)
{
    CHECK(read->limit >= 1 && read->limit <= DB_STREAM_RECORDS_MAX);
    struct reading reading = {.read = read, .arena = arena};
    reading.changes = ARENA_NEW_ARRAY(arena, struct db_change, read->limit);
    if (reading.changes == NULL)
        return error_exhausted();
    struct db_shard before, after;
    uint64_t horizon;
    const struct error *error = find_shard(db, arena, read, &before, &horizon);
    if (error != NULL)
        return error;
    if (read->sequence != 0 && read->sequence < horizon)
        return trimmed(arena);
    uint64_t first = read->sequence > before.start ? read->sequence : before.start;
    first = first > horizon ? first : horizon;
    if (before.end == 0 || first < before.end)
        error = read_log(db, &reading, first, before.end);
    if (error == NULL)
        error = find_shard(db, arena, read, &after, &horizon);
    if (error == NULL && horizon > first && read->sequence != 0)
        error = trimmed(arena);
    if (error != NULL)
        return error;

    read->next_sequence = read->sequence;
    size_t count = 0;
    for (; count < reading.count; count++) {
        const struct db_change *change = &reading.changes[count];
        if (change->sequence < horizon)
            continue;
        if ((after.end != 0 && change->sequence >= after.end) ||
            !read->visit(read->context, change))
            break;
        read->next_sequence = change->sequence + 1;
    }
    read->is_finished = before.end != 0 && !reading.is_full && count == reading.count;
    return NULL;
}
