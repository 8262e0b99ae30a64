/*
 * ListStreams:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_ListStreams.html
 */

#include "ops/stream_name.h"

enum { LIMIT_DEFAULT = 100 };

static const struct error *show(const struct op_call *call, struct db_stream *const *streams,
                                size_t count, struct model_list_streams_output *output)
{
    struct model_stream *items = ARENA_NEW_ARRAY(call->arena, struct model_stream, count);
    if (items == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        struct db_stream_facts facts = db_stream_facts(streams[i]);
        items[i].stream_arn = op_stream_arn(call->arena, &facts);
        items[i].stream_label = op_stream_label(call->arena, &facts);
        if (!slice_present(items[i].stream_arn) || !slice_present(items[i].stream_label) ||
            !arena_copy(call->arena, facts.table_name, &items[i].table_name))
            return error_exhausted();
    }
    output->streams.present = true;
    output->streams.count = count;
    output->streams.items = items;
    return NULL;
}

static const struct error *list(const struct op_call *call,
                                struct model_list_streams_output *output)
{
    const struct model_list_streams_input *input = call->input;
    struct op_stream_name after = {0};
    const struct error *error = NULL;
    if (slice_present(input->exclusive_start_stream_arn))
        error = op_stream_name_read(call, input->exclusive_start_stream_arn, &after);
    if (error != NULL)
        return error;
    size_t limit = input->limit.present ? (size_t)input->limit.value : LIMIT_DEFAULT;
    struct db_stream **streams;
    size_t count;
    bool more;
    error = db_streams_list(call->environment->db, call->arena, call->environment->account,
                            call->region, input->table_name, after.table.name, after.label, limit,
                            &streams, &count, &more);
    if (error != NULL)
        return error;
    error = show(call, streams, count, output);
    for (size_t i = 0; i < count; i++)
        db_stream_release(streams[i]);
    if (error == NULL && more)
        output->last_evaluated_stream_arn = output->streams.items[count - 1].stream_arn;
    return error;
}

void op_list_streams(struct op_call *call)
{
    struct model_list_streams_output *output =
        ARENA_NEW(call->arena, struct model_list_streams_output);
    op_finish(call, output == NULL ? error_exhausted() : list(call, output), output);
}
