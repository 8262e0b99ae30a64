/*
 * GetShardIterator:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html
 */

#include "ops/stream_name.h"
#include "ops/validation_error.h"

static bool takes_sequence_number(int type)
{
    return type == MODEL_SHARD_ITERATOR_TYPE_AT_SEQUENCE_NUMBER ||
           type == MODEL_SHARD_ITERATOR_TYPE_AFTER_SEQUENCE_NUMBER;
}

/* Everything that needs no data. The service refuses the same (public tests that run against it);
 * its words are not known. */
static const struct error *check(const struct op_call *call,
                                 const struct model_get_shard_iterator_input *input,
                                 uint64_t *ret_sequence)
{
    struct op_stream_name name;
    const struct error *error = op_stream_name_read(call, input->stream_arn, &name);
    if (error != NULL)
        return error;
    bool is_given = slice_present(input->sequence_number);
    bool is_taken = takes_sequence_number(input->shard_iterator_type.value);
    if (is_taken && !is_given)
        return op_validation_error(call,
                                   "SequenceNumber must be specified when ShardIteratorType is "
                                   "AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER");
    if (!is_taken && is_given)
        return op_validation_error(call, "SequenceNumber must not be specified when "
                                         "ShardIteratorType is TRIM_HORIZON or LATEST");
    if (is_taken && !op_sequence_number_read(input->sequence_number, ret_sequence))
        return op_validation_error(call, "Invalid SequenceNumber");
    return NULL;
}

static const struct error *find_shard(const struct op_call *call, const struct db_stream *stream,
                                      struct db_shard *ret_shard, uint64_t *ret_horizon)
{
    const struct model_get_shard_iterator_input *input = call->input;
    struct db_stream_facts facts = db_stream_facts(stream);
    struct db_shard_id id;
    bool is_found = op_shard_id_read(&facts, input->shard_id, &id);
    const struct error *error = NULL;
    if (is_found)
        error = db_stream_shard(call->environment->db, call->arena, stream, id, &is_found,
                                ret_shard, ret_horizon);
    if (error == NULL && !is_found)
        error = error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                           "Requested resource not found: Shard does not exist");
    return error;
}

/* Where reading begins when it begins at, or behind, a number. */
static const struct error *place_at(const struct op_call *call, const struct db_shard *shard,
                                    uint64_t horizon, uint64_t number, uint64_t *ret_sequence)
{
    const struct model_get_shard_iterator_input *input = call->input;
    bool is_after =
        input->shard_iterator_type.value == MODEL_SHARD_ITERATOR_TYPE_AFTER_SEQUENCE_NUMBER;
    if (number < shard->start || (shard->end != 0 && number >= shard->end))
        return op_validation_error(call, "Invalid SequenceNumber");
    *ret_sequence = is_after ? number + 1 : number;
    if (*ret_sequence < horizon)
        return error_make(call->arena, ERROR_TRIMMED_DATA_ACCESS,
                          "The data you are trying to access has been trimmed");
    return NULL;
}

static const struct error *place(const struct op_call *call, const struct db_stream *stream,
                                 uint64_t number, struct op_iterator *iterator)
{
    const struct model_get_shard_iterator_input *input = call->input;
    struct db_shard shard;
    uint64_t horizon;
    const struct error *error = find_shard(call, stream, &shard, &horizon);
    if (error != NULL)
        return error;
    iterator->shard = shard.id;
    if (takes_sequence_number(input->shard_iterator_type.value))
        return place_at(call, &shard, horizon, number, &iterator->sequence);
    if (input->shard_iterator_type.value == MODEL_SHARD_ITERATOR_TYPE_LATEST)
        return db_stream_latest(call->environment->db, call->arena, stream, &shard, horizon,
                                &iterator->sequence);
    iterator->sequence = 0;
    return NULL;
}

static const struct error *get(const struct op_call *call,
                               struct model_get_shard_iterator_output *output)
{
    const struct model_get_shard_iterator_input *input = call->input;
    uint64_t number = 0;
    struct db_stream *stream = NULL;
    const struct error *error = check(call, input, &number);
    if (error == NULL)
        error = op_stream_find(call, input->stream_arn, &stream);
    if (error != NULL)
        return error;
    struct db_stream_facts facts = db_stream_facts(stream);
    struct op_iterator iterator = {
        .table_id = facts.table_id,
        .stream_created_ms = facts.created_ms,
        .issued_ms = call->now_ms,
    };
    error = place(call, stream, number, &iterator);
    db_stream_release(stream);
    if (error != NULL)
        return error;
    output->shard_iterator =
        op_iterator(call->arena, db_iterator_key(call->environment->db), &iterator);
    return slice_present(output->shard_iterator) ? NULL : error_exhausted();
}

void op_get_shard_iterator(struct op_call *call)
{
    struct model_get_shard_iterator_output *output =
        ARENA_NEW(call->arena, struct model_get_shard_iterator_output);
    op_finish(call, output == NULL ? error_exhausted() : get(call, output), output);
}
