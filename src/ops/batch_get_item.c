/*
 * BatchGetItem:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */

#include "item/value_size.h"
#include "ops/capacity.h"
#include "ops/expressions.h"
#include "ops/key_paths.h"
#include "ops/table_name.h"
#include "ops/throttle.h"
#include "ops/validation_error.h"

enum {
    KEYS_MAX = 100,
    RESPONSE_BYTES_MAX = 16 * 1024 * 1024,
    KEYS_AT_ONCE = 16, /* bounds what is read beyond the response's limit */
};

/* One table's part of the request. */
struct part {
    struct op_table_name name;
    const struct model_keys_and_attributes *wanted;
    const struct db_table *table;
    struct expr_projection projection;
    struct op_capacity capacity;
    struct item_reading *items;
    size_t item_count;
    struct item_reading *left; /* unprocessed keys */
    size_t left_count;
    bool is_throttled; /* what is not read yet is left */
};

struct batch_get {
    const struct op_call *call;
    const struct model_batch_get_item_input *input;
    struct part *parts;
    size_t part_count;
    size_t bytes; /* of the response so far */
    bool full;
    bool any_taken;                /* a key was looked up */
    const struct error *throttled; /* NULL: no table was */
};

static const struct error *check_keys(const struct op_call *call, const struct part *part)
{
    const struct model_list_key_list *keys = &part->wanted->keys;
    for (size_t i = 0; i < keys->count; i++) {
        const struct error *problem = op_item_problem(call, &keys->items[i]);
        if (problem != NULL)
            return problem;
        for (size_t j = 0; j < i; j++)
            if (slice_equal(keys->items[i].item, keys->items[j].item))
                return op_validation_error(call, "Provided list of item keys contains duplicates");
    }
    return NULL;
}

static const struct error *check_part(const struct op_call *call, struct part *part)
{
    const struct model_keys_and_attributes *wanted = part->wanted;
    const struct op_expressions expressions = {
        (const struct op_parameter[]){
            {"ProjectionExpression", slice_present(wanted->projection_expression)}, {NULL, false}},
        (const struct op_parameter[]){{"AttributesToGet", wanted->attributes_to_get.present},
                                      {NULL, false}},
        &wanted->expression_attribute_names,
        NULL,
    };
    const struct error *error = op_expressions_check(call, &expressions);
    if (error == NULL)
        error = op_attributes_to_get_check(call, &wanted->attributes_to_get);
    if (error != NULL)
        return error;
    struct expr_scope scope;
    error = op_expressions_scope(call, &expressions, &scope);
    if (error == NULL)
        error = op_projection_parse(call, &scope, wanted->projection_expression,
                                    &wanted->attributes_to_get, &part->projection);
    if (error == NULL)
        error = expr_scope_check_all_used(&scope);
    if (error == NULL)
        error = check_keys(call, part);
    return error;
}

/* The service refuses expression and legacy projections side by side, also of two tables. */
static const struct error *check_mixing(const struct batch_get *batch)
{
    bool expression = false, legacy = false;
    for (size_t i = 0; i < batch->part_count; i++) {
        expression |= slice_present(batch->parts[i].wanted->projection_expression);
        legacy |= batch->parts[i].wanted->attributes_to_get.present;
    }
    if (!expression || !legacy)
        return NULL;
    return op_validation_error(batch->call,
                               "Can not use both expression and non-expression parameters in the "
                               "same request: Non-expression parameters: {AttributesToGet} "
                               "Expression parameters: {ProjectionExpression}");
}

static const struct error *check_count(const struct batch_get *batch)
{
    size_t keys = 0;
    for (size_t i = 0; i < batch->part_count; i++)
        keys += batch->parts[i].wanted->keys.count;
    if (keys <= KEYS_MAX)
        return NULL;
    return op_validation_error(batch->call, "Too many items requested for the BatchGetItem call");
}

/* Everything that needs no data. */
static const struct error *check(struct batch_get *batch)
{
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < batch->part_count; i++)
        error = op_table_name_read(batch->call, batch->input->request_items.entries[i].key,
                                   &batch->parts[i].name);
    if (error == NULL)
        error = check_count(batch);
    if (error == NULL)
        error = check_mixing(batch);
    for (size_t i = 0; error == NULL && i < batch->part_count; i++)
        error = check_part(batch->call, &batch->parts[i]);
    return error;
}

static const struct error *find(struct batch_get *batch)
{
    const struct op_call *call = batch->call;
    for (size_t i = 0; i < batch->part_count; i++) {
        struct part *part = &batch->parts[i];
        const struct error *error = op_table_for_items(call, &part->name, &part->table);
        for (size_t j = 0; error == NULL && j < part->wanted->keys.count; j++)
            error = db_table_check_key(part->table, call->arena, part->wanted->keys.items[j].item);
        if (error == NULL)
            error = op_key_paths_check_projection(call, part->table, &part->projection);
        if (error == NULL)
            error = op_capacity_init(&part->capacity, call->arena, part->name.given, part->table);
        if (error != NULL)
            return error;
        part->items = ARENA_NEW_ARRAY(call->arena, struct item_reading, part->wanted->keys.count);
        part->left = ARENA_NEW_ARRAY(call->arena, struct item_reading, part->wanted->keys.count);
        if (part->items == NULL || part->left == NULL)
            return error_exhausted();
    }
    return NULL;
}

static const struct error *take_item(struct batch_get *batch, struct part *part, struct slice key,
                                     struct slice item)
{
    bool consistent = part->wanted->consistent_read.value;
    size_t bytes = slice_present(item) ? item_size_bytes(item) : 0;
    if (batch->bytes + bytes > RESPONSE_BYTES_MAX)
        batch->full = true;
    if (batch->full || part->is_throttled) {
        part->left[part->left_count++].item = key;
        return NULL;
    }
    double units = op_read_units(bytes, consistent);
    op_throttle_charge_read(batch->call, part->table, NULL, units);
    batch->any_taken = true;
    batch->bytes += bytes;
    part->capacity.table_units += units;
    if (!slice_present(item))
        return NULL;
    if (part->projection.count > 0 &&
        !item_project(batch->call->arena, item, part->projection.set, &item))
        return error_exhausted();
    part->items[part->item_count++].item = item;
    return NULL;
}

static void check_throttle(struct batch_get *batch, struct part *part)
{
    const struct error *throttled = op_throttle_check(batch->call, part->table, NULL, false);
    if (throttled == NULL)
        return;
    part->is_throttled = true;
    batch->throttled = throttled;
}

static const struct error *read_part(struct batch_get *batch, struct part *part)
{
    const struct model_list_key_list *keys = &part->wanted->keys;
    for (size_t first = 0; first < keys->count; first += KEYS_AT_ONCE) {
        struct db_get gets[KEYS_AT_ONCE] = {0};
        size_t count = keys->count - first < KEYS_AT_ONCE ? keys->count - first : KEYS_AT_ONCE;
        for (size_t i = 0; i < count; i++)
            gets[i] = (struct db_get){.table = part->table, .key = keys->items[first + i].item};
        const struct error *error = NULL;
        check_throttle(batch, part);
        if (!batch->full && !part->is_throttled)
            error = db_get(batch->call->environment->db, batch->call->arena, gets, count);
        for (size_t i = 0; error == NULL && i < count; i++)
            error = take_item(batch, part, gets[i].key, gets[i].item);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static const struct error *show_capacity(const struct batch_get *batch,
                                         struct model_batch_get_item_output *output)
{
    struct model_enum mode = batch->input->return_consumed_capacity;
    if (!op_capacity_wanted(mode))
        return NULL;
    struct model_consumed_capacity *consumed =
        ARENA_NEW_ARRAY(batch->call->arena, struct model_consumed_capacity, batch->part_count);
    if (consumed == NULL)
        return error_exhausted();
    for (size_t i = 0; i < batch->part_count; i++) {
        const struct error *error =
            op_capacity_fill(&batch->parts[i].capacity, batch->call->arena,
                             mode.value == MODEL_RETURN_CONSUMED_CAPACITY_INDEXES, &consumed[i]);
        if (error != NULL)
            return error;
    }
    output->consumed_capacity.present = true;
    output->consumed_capacity.count = batch->part_count;
    output->consumed_capacity.items = consumed;
    return NULL;
}

static const struct error *answer(const struct batch_get *batch,
                                  struct model_batch_get_item_output *output)
{
    struct arena *arena = batch->call->arena;
    struct model_entry_batch_get_response_map *responses =
        ARENA_NEW_ARRAY(arena, struct model_entry_batch_get_response_map, batch->part_count);
    struct model_entry_batch_get_request_map *left =
        ARENA_NEW_ARRAY(arena, struct model_entry_batch_get_request_map, batch->part_count);
    if (responses == NULL || left == NULL)
        return error_exhausted();
    size_t left_count = 0;
    for (size_t i = 0; i < batch->part_count; i++) {
        const struct part *part = &batch->parts[i];
        responses[i].key = part->name.given;
        responses[i].value.present = true;
        responses[i].value.count = part->item_count;
        responses[i].value.items = part->items;
        if (part->left_count == 0)
            continue;
        /* All that a retry needs: the rest of what was asked for, asked in the same way. */
        left[left_count].key = part->name.given;
        left[left_count].value = *part->wanted;
        left[left_count].value.keys.count = part->left_count;
        left[left_count].value.keys.items = part->left;
        left_count++;
    }
    output->responses.present = true;
    output->responses.count = batch->part_count;
    output->responses.entries = responses;
    output->unprocessed_keys.present = true;
    output->unprocessed_keys.count = left_count;
    output->unprocessed_keys.entries = left;
    return show_capacity(batch, output);
}

static const struct error *init(struct batch_get *batch, const struct op_call *call)
{
    batch->call = call;
    batch->input = call->input;
    if (batch->input->request_items.count == 0)
        return op_validation_error(call, "The requestItems parameter is required for BatchGetItem");
    batch->part_count = batch->input->request_items.count;
    batch->parts = ARENA_NEW_ARRAY(call->arena, struct part, batch->part_count);
    if (batch->parts == NULL)
        return error_exhausted();
    for (size_t i = 0; i < batch->part_count; i++)
        batch->parts[i].wanted = &batch->input->request_items.entries[i].value;
    return NULL;
}

void op_batch_get_item(struct op_call *call)
{
    struct batch_get batch = {0};
    struct model_batch_get_item_output *output =
        ARENA_NEW(call->arena, struct model_batch_get_item_output);
    const struct error *error = output == NULL ? error_exhausted() : init(&batch, call);
    if (error == NULL)
        error = check(&batch);
    if (error == NULL)
        error = find(&batch);
    for (size_t i = 0; error == NULL && i < batch.part_count; i++)
        error = read_part(&batch, &batch.parts[i]);
    if (error == NULL && !batch.any_taken)
        error = batch.throttled; /* else what is left is UnprocessedKeys */
    if (error == NULL)
        error = answer(&batch, output);
    for (size_t i = 0; i < batch.part_count && batch.parts != NULL; i++)
        if (batch.parts[i].table != NULL)
            op_table_release(call, batch.parts[i].table);
    op_finish(call, error, output);
}
