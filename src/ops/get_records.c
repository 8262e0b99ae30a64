/*
 * GetRecords:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
 */

#include "base/hash.h"
#include "ops/stream_name.h"
#include "ops/validation_error.h"

struct records {
    struct op_call *call;
    struct db_stream_facts stream;
    struct slice region;
    struct model_record *items;
    size_t count;
    bool exhausted;
};

/* 32 hex digits, the same whenever the record is read. */
static struct slice event_id(struct arena *arena, const struct db_stream_facts *stream,
                             uint64_t sequence)
{
    struct buf seed, text;
    buf_init(&seed, arena, 128);
    buf_init(&text, arena, 64);
    buf_append_format(&seed, "%llu %lld %llu", (unsigned long long)stream->table_id,
                      (long long)stream->created_ms, (unsigned long long)sequence);
    uint64_t high = hash_bytes(buf_slice(&seed));
    buf_append_byte(&seed, '.');
    uint64_t low = hash_bytes(buf_slice(&seed));
    buf_append_format(&text, "%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
    return seed.failed || text.failed ? SLICE_ABSENT : buf_slice(&text);
}

static int event_name(enum db_change_kind kind)
{
    switch (kind) {
    case DB_CHANGE_INSERT:
        return MODEL_OPERATION_TYPE_INSERT;
    case DB_CHANGE_MODIFY:
        return MODEL_OPERATION_TYPE_MODIFY;
    case DB_CHANGE_REMOVE:
        break;
    }
    return MODEL_OPERATION_TYPE_REMOVE;
}

static int view_type(enum db_stream_view view)
{
    static const int types[] = {
        [DB_STREAM_KEYS_ONLY] = MODEL_STREAM_VIEW_TYPE_KEYS_ONLY,
        [DB_STREAM_NEW_IMAGE] = MODEL_STREAM_VIEW_TYPE_NEW_IMAGE,
        [DB_STREAM_OLD_IMAGE] = MODEL_STREAM_VIEW_TYPE_OLD_IMAGE,
        [DB_STREAM_NEW_AND_OLD_IMAGES] = MODEL_STREAM_VIEW_TYPE_NEW_AND_OLD_IMAGES,
    };
    return types[view];
}

/* Who deletes expired items: developer guide, "DynamoDB Streams and Time to Live". */
static struct model_identity *service_identity(struct arena *arena)
{
    struct model_identity *identity = ARENA_NEW(arena, struct model_identity);
    if (identity != NULL) {
        identity->type = SLICE("Service");
        identity->principal_id = SLICE("dynamodb.amazonaws.com");
    }
    return identity;
}

static bool show(struct records *records, const struct db_change *change)
{
    struct arena *arena = records->call->arena;
    struct model_record *record = &records->items[records->count];
    struct model_stream_record *dynamodb = ARENA_NEW(arena, struct model_stream_record);
    if (dynamodb == NULL)
        return false;
    record->event_id = event_id(arena, &records->stream, change->sequence);
    record->event_name.value = event_name(change->kind);
    record->event_version = SLICE("1.1");
    record->event_source = SLICE("aws:dynamodb");
    record->aws_region = records->region;
    record->dynamodb = dynamodb;
    if (change->is_expiry)
        record->user_identity = service_identity(arena);
    /* To the second, as the service does. */
    dynamodb->approximate_creation_date_time =
        (struct model_double){true, (double)(change->created_ms / 1000)};
    dynamodb->keys.item = change->keys;
    dynamodb->new_image.item = change->new_image;
    dynamodb->old_image.item = change->old_image;
    dynamodb->sequence_number = op_sequence_number(arena, change->sequence);
    dynamodb->size_bytes = (struct model_integer){true, (int64_t)db_change_size_bytes(change)};
    dynamodb->stream_view_type.value = view_type(records->stream.view);
    return slice_present(record->event_id) && slice_present(dynamodb->sequence_number) &&
           (!change->is_expiry || record->user_identity != NULL);
}

static bool visit(void *context, const struct db_change *change)
{
    struct records *records = context;
    records->exhausted = !show(records, change);
    records->count++;
    return !records->exhausted;
}

static const struct error *read_records(struct records *records, const struct db_stream *stream,
                                        struct op_iterator *iterator,
                                        struct model_get_records_output *output)
{
    struct op_call *call = records->call;
    const struct model_get_records_input *input = call->input;
    struct db_stream_read read = {
        .stream = stream,
        .shard = iterator->shard,
        .sequence = iterator->sequence,
        .limit = input->limit.present ? (size_t)input->limit.value : DB_STREAM_RECORDS_MAX,
        .visit = visit,
        .context = records,
    };
    records->items = ARENA_NEW_ARRAY(call->arena, struct model_record, read.limit);
    if (records->items == NULL ||
        !arena_copy(call->arena, records->stream.region, &records->region))
        return error_exhausted();
    const struct error *error = db_stream_read(call->environment->db, call->arena, &read);
    if (error == NULL && records->exhausted)
        error = error_exhausted();
    if (error != NULL)
        return error;
    output->records.present = true;
    output->records.count = records->count;
    output->records.items = records->items;
    if (read.is_finished)
        return NULL;
    iterator->sequence = read.next_sequence;
    iterator->issued_ms = call->now_ms;
    output->next_shard_iterator =
        op_iterator(call->arena, db_iterator_key(call->environment->db), iterator);
    return slice_present(output->next_shard_iterator) ? NULL : error_exhausted();
}

static const struct error *get(struct op_call *call, struct model_get_records_output *output)
{
    const struct model_get_records_input *input = call->input;
    struct op_iterator iterator;
    struct db_stream *stream;
    const struct error *error = op_iterator_check(call, input->shard_iterator, &iterator);
    if (error == NULL)
        error = op_iterator_stream(call, &iterator, &stream);
    if (error != NULL)
        return error;
    struct records records = {.call = call, .stream = db_stream_facts(stream)};
    error = read_records(&records, stream, &iterator, output);
    db_stream_release(stream);
    return error;
}

void op_get_records(struct op_call *call)
{
    struct model_get_records_output *output =
        ARENA_NEW(call->arena, struct model_get_records_output);
    op_finish(call, output == NULL ? error_exhausted() : get(call, output), output);
}
