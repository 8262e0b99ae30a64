/*
 * DescribeStream:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html
 */

#include "ops/stream_name.h"
#include "ops/validation_error.h"

enum { LIMIT_DEFAULT = 100 };

static int view_type(enum db_stream_view view)
{
    switch (view) {
    case DB_STREAM_KEYS_ONLY:
        return MODEL_STREAM_VIEW_TYPE_KEYS_ONLY;
    case DB_STREAM_NEW_IMAGE:
        return MODEL_STREAM_VIEW_TYPE_NEW_IMAGE;
    case DB_STREAM_OLD_IMAGE:
        return MODEL_STREAM_VIEW_TYPE_OLD_IMAGE;
    case DB_STREAM_NEW_AND_OLD_IMAGES:
        break;
    }
    return MODEL_STREAM_VIEW_TYPE_NEW_AND_OLD_IMAGES;
}

static int stream_status(enum db_stream_status status)
{
    switch (status) {
    case DB_STREAM_ENABLING:
        return MODEL_STREAM_STATUS_ENABLING;
    case DB_STREAM_ENABLED:
        return MODEL_STREAM_STATUS_ENABLED;
    case DB_STREAM_DISABLING:
        return MODEL_STREAM_STATUS_DISABLING;
    case DB_STREAM_DISABLED:
        break;
    }
    return MODEL_STREAM_STATUS_DISABLED;
}

static bool show_key(struct arena *arena, const struct db_key_schema *key,
                     struct model_list_key_schema *ret_list)
{
    size_t count = (size_t)key->partition_count + key->sort_count;
    struct model_key_schema_element *items =
        ARENA_NEW_ARRAY(arena, struct model_key_schema_element, count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool is_partition = i < key->partition_count;
        struct slice name =
            is_partition ? key->partition[i].name : key->sort[i - key->partition_count].name;
        if (!arena_copy(arena, name, &items[i].attribute_name))
            return false;
        items[i].key_type.value = is_partition ? MODEL_KEY_TYPE_HASH : MODEL_KEY_TYPE_RANGE;
    }
    *ret_list = (struct model_list_key_schema){true, count, items};
    return true;
}

static bool show_shard(struct arena *arena, const struct db_shard *shard, struct model_shard *item)
{
    struct model_sequence_number_range *range =
        ARENA_NEW(arena, struct model_sequence_number_range);
    if (range == NULL)
        return false;
    item->shard_id = op_shard_id(arena, shard->id);
    item->sequence_number_range = range;
    range->starting_sequence_number = op_sequence_number(arena, shard->start);
    if (shard->end != 0)
        range->ending_sequence_number = op_sequence_number(arena, shard->end - 1);
    if (shard->has_parent)
        item->parent_shard_id = op_shard_id(arena, shard->parent);
    return slice_present(item->shard_id) && slice_present(range->starting_sequence_number) &&
           (shard->end == 0 || slice_present(range->ending_sequence_number)) &&
           (!shard->has_parent || slice_present(item->parent_shard_id));
}

/* Which shards were asked for. */
struct choice {
    struct slice after; /* their ids are greater; SLICE_ABSENT: from the start */
    bool only_children;
    bool is_shard; /* there can be a shard of that id */
    struct db_shard_id parent;
};

static bool is_chosen(const struct choice *choice, const struct db_shard *shard)
{
    return !choice->only_children || (choice->is_shard && shard->has_parent &&
                                      shard->parent.created_ms == choice->parent.created_ms &&
                                      shard->parent.first_hash == choice->parent.first_hash);
}

static const struct error *show_shards(const struct op_call *call, const struct choice *choice,
                                       const struct db_shard *shards, size_t shard_count,
                                       struct model_stream_description *description)
{
    const struct model_describe_stream_input *input = call->input;
    size_t limit = input->limit.present ? (size_t)input->limit.value : LIMIT_DEFAULT;
    struct model_shard *items = ARENA_NEW_ARRAY(call->arena, struct model_shard, limit);
    if (items == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < shard_count; i++) {
        struct model_shard item = {0};
        if (!is_chosen(choice, &shards[i]))
            continue;
        if (!show_shard(call->arena, &shards[i], &item))
            return error_exhausted();
        if (slice_present(choice->after) && slice_compare(item.shard_id, choice->after) <= 0)
            continue;
        if (count == limit) {
            description->last_evaluated_shard_id = items[count - 1].shard_id;
            break;
        }
        items[count++] = item;
    }
    description->shards.present = true;
    description->shards.count = count;
    description->shards.items = items;
    return NULL;
}

static const struct error *show(const struct op_call *call, const struct db_stream *stream,
                                const struct choice *choice,
                                struct model_stream_description *description)
{
    struct db *db = call->environment->db;
    struct db_stream_facts facts = db_stream_facts(stream);
    const struct db_shard *shards;
    size_t count;
    const struct error *error = db_stream_shards(db, call->arena, stream, &shards, &count);
    if (error != NULL)
        return error;
    description->stream_arn = op_stream_arn(call->arena, &facts);
    description->stream_label = op_stream_label(call->arena, &facts);
    description->stream_status.value = stream_status(db_stream_status(db, stream, call->now_ms));
    description->stream_view_type.value = view_type(facts.view);
    description->creation_request_date_time =
        (struct model_double){true, (double)facts.created_ms / 1000};
    if (!slice_present(description->stream_arn) || !slice_present(description->stream_label) ||
        !arena_copy(call->arena, facts.table_name, &description->table_name) ||
        !show_key(call->arena, &facts.key, &description->key_schema))
        return error_exhausted();
    return show_shards(call, choice, shards, count, description);
}

static const struct error *check_filter(const struct op_call *call,
                                        const struct model_shard_filter *filter)
{
    if (filter == NULL || (filter->type.value != 0 && slice_present(filter->shard_id)))
        return NULL;
    return op_validation_error(call,
                               "1 validation error detected: Value null at 'shardFilter.%s' failed "
                               "to satisfy constraint: Member must not be null",
                               filter->type.value == 0 ? "type" : "shardId");
}

static const struct error *describe(const struct op_call *call,
                                    struct model_stream_description *description)
{
    const struct model_describe_stream_input *input = call->input;
    struct db_stream *stream;
    const struct error *error = check_filter(call, input->shard_filter);
    if (error == NULL)
        error = op_stream_find(call, input->stream_arn, &stream);
    if (error != NULL)
        return error;
    struct choice choice = {.after = input->exclusive_start_shard_id,
                            .only_children = input->shard_filter != NULL};
    struct db_stream_facts facts = db_stream_facts(stream);
    if (choice.only_children)
        choice.is_shard = op_shard_id_read(&facts, input->shard_filter->shard_id, &choice.parent);
    error = show(call, stream, &choice, description);
    db_stream_release(stream);
    return error;
}

void op_describe_stream(struct op_call *call)
{
    struct model_describe_stream_output *output =
        ARENA_NEW(call->arena, struct model_describe_stream_output);
    struct model_stream_description *description =
        ARENA_NEW(call->arena, struct model_stream_description);
    if (output == NULL || description == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    output->stream_description = description;
    op_finish(call, describe(call, description), output);
}
