/*
 * TagResource: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
 *
 * The service shows new tags a moment later and refuses another change until then; here they are
 * there at once.
 */

#include "ops/tags.h"
#include "ops/validation_error.h"

struct tag_resource {
    struct op_call *call;
    const struct model_tag_resource_input *input;
    const struct db_table *table; /* with a reference */
};

static void put_tag(struct db_tag *tags, size_t *count, const struct model_tag *given)
{
    struct db_tag tag = {given->key, given->value};
    for (size_t i = 0; i < *count; i++) {
        if (slice_equal(tags[i].key, tag.key)) {
            tags[i] = tag;
            return;
        }
    }
    tags[(*count)++] = tag;
}

static const struct error *add_tags(void *context, struct arena *arena, struct db_table *table)
{
    const struct tag_resource *change = context;
    const struct model_list_tag_list *given = &change->input->tags;
    struct db_tag *tags = ARENA_NEW_ARRAY(arena, struct db_tag, table->tag_count + given->count);
    if (tags == NULL)
        return error_exhausted();
    size_t count = table->tag_count;
    if (count > 0)
        memcpy(tags, table->tags, count * sizeof(*tags));
    for (size_t i = 0; i < given->count; i++)
        put_tag(tags, &count, &given->items[i]);
    table->tags = tags;
    table->tag_count = count;
    return op_tags_check_count(arena, count);
}

static void done(void *context, const struct error *error, const struct db_table *table)
{
    struct tag_resource *change = context;
    struct op_call *call = change->call;
    if (error != NULL)
        error = op_error_copy(call, error);
    op_table_release(call, table);
    op_table_release(call, change->table);
    op_finish(call, error, NULL);
}

void op_tag_resource(struct op_call *call)
{
    const struct model_tag_resource_input *input = call->input;
    struct tag_resource *change = ARENA_NEW(call->arena, struct tag_resource);
    struct op_table_name name;
    const struct error *error = change == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_tags_arn_read(call, input->resource_arn, &name);
    if (error == NULL && input->tags.count == 0)
        error = op_validation_error(call, "Atleast one Tag needs to be provided as Input.");
    if (error == NULL)
        error = op_tags_check(call, &input->tags);
    if (error == NULL)
        error = op_tags_table(call, &name, &change->table);
    if (error != NULL) {
        op_fail(call, error);
        return;
    }
    change->call = call;
    change->input = input;
    db_table_alter(call->environment->db, change->table, call->now_ms, add_tags, change, done,
                   change);
}
