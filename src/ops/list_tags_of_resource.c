/*
 * ListTagsOfResource:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
 *
 * All tags that a table can have fit into one answer (observed of the service, too): there is never
 * a NextToken.
 */

#include "ops/tags.h"
#include "ops/validation_error.h"

static const struct error *list(const struct op_call *call, const struct db_table *table,
                                struct model_list_tags_of_resource_output *output)
{
    struct model_tag *tags = ARENA_NEW_ARRAY(call->arena, struct model_tag, table->tag_count);
    if (tags == NULL)
        return error_exhausted();
    for (size_t i = 0; i < table->tag_count; i++)
        if (!arena_copy(call->arena, table->tags[i].key, &tags[i].key) ||
            !arena_copy(call->arena, table->tags[i].value, &tags[i].value))
            return error_exhausted();
    output->tags.present = true;
    output->tags.count = table->tag_count;
    output->tags.items = tags;
    return NULL;
}

void op_list_tags_of_resource(struct op_call *call)
{
    const struct model_list_tags_of_resource_input *input = call->input;
    struct model_list_tags_of_resource_output *output =
        ARENA_NEW(call->arena, struct model_list_tags_of_resource_output);
    struct op_table_name name;
    const struct db_table *table = NULL;
    const struct error *error = output == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_tags_arn_read(call, input->resource_arn, &name);
    if (error == NULL && slice_present(input->next_token))
        error = op_validation_error(call, "Invalid NextToken");
    if (error == NULL)
        error = op_tags_table(call, &name, &table);
    if (error == NULL) {
        error = list(call, table, output);
        op_table_release(call, table);
    }
    op_finish(call, error, output);
}
