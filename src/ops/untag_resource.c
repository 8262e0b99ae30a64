/*
 * UntagResource:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html
 */

#include "ops/tags.h"
#include "ops/validation_error.h"

struct untag_resource {
    struct op_call *call;
    const struct model_untag_resource_input *input;
    const struct db_table *table; /* with a reference */
};

static bool is_given(const struct model_list_tag_key_list *keys, struct slice key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (slice_equal(keys->items[i], key))
            return true;
    return false;
}

/* Keys that no tag has are fine. */
static const struct error *remove_tags(void *context, struct arena *arena, struct db_table *table)
{
    const struct untag_resource *change = context;
    struct db_tag *tags = ARENA_NEW_ARRAY(arena, struct db_tag, table->tag_count);
    if (tags == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < table->tag_count; i++)
        if (!is_given(&change->input->tag_keys, table->tags[i].key))
            tags[count++] = table->tags[i];
    table->tags = tags;
    table->tag_count = count;
    return NULL;
}

static void done(void *context, const struct error *error, const struct db_table *table)
{
    struct untag_resource *change = context;
    struct op_call *call = change->call;
    if (error != NULL)
        error = op_error_copy(call, error);
    op_table_release(call, table);
    op_table_release(call, change->table);
    op_finish(call, error, NULL);
}

void op_untag_resource(struct op_call *call)
{
    const struct model_untag_resource_input *input = call->input;
    struct untag_resource *change = ARENA_NEW(call->arena, struct untag_resource);
    struct op_table_name name;
    const struct error *error = change == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_tags_arn_read(call, input->resource_arn, &name);
    if (error == NULL && input->tag_keys.count == 0)
        error = op_validation_error(call, "Atleast one Tag Key needs to be provided as Input.");
    if (error == NULL)
        error = op_tag_keys_check(call, &input->tag_keys);
    if (error == NULL)
        error = op_tags_table(call, &name, &change->table);
    if (error != NULL) {
        op_fail(call, error);
        return;
    }
    change->call = call;
    change->input = input;
    db_table_alter(call->environment->db, change->table, call->now_ms, remove_tags, change, done,
                   change);
}
