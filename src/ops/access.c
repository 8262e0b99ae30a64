/* Which actions on which resources a request comes to. */

#include "ops/access.h"

#include "ops/access_part.h"
#include "ops/stream_name.h"

enum { ARN_BYTES_MAX = 4096, FIRST_ACCESSES = 4 };

const struct error *op_access_list(const struct op_call *call, struct op_accesses *ret_accesses)
{
    struct op_accesses accesses = {.call = call};
    const struct error *error = op_row(call->operation)->access(&accesses);
    if (error == NULL)
        *ret_accesses = accesses;
    return error;
}

/* A new access at the end, zeroed; NULL when memory is exhausted. */
static struct op_access *add(struct op_accesses *accesses, struct slice action)
{
    if (accesses->count == accesses->room) {
        size_t room = accesses->room == 0 ? FIRST_ACCESSES : accesses->room * 2;
        struct op_access *items = ARENA_NEW_ARRAY(accesses->call->arena, struct op_access, room);
        if (items == NULL)
            return NULL;
        if (accesses->count > 0)
            memcpy(items, accesses->items, accesses->count * sizeof(*items));
        accesses->items = items;
        accesses->room = room;
    }
    struct op_access *access = &accesses->items[accesses->count++];
    access->action = action;
    return access;
}

/* "dynamodb:" and the operation's name. */
static bool own_action(const struct op_call *call, struct slice *ret_action)
{
    struct buf text;
    buf_init(&text, call->arena, ARN_BYTES_MAX);
    buf_append_format(&text, "dynamodb:%.*s", SLICE_PRINT(model_operation_name(call->operation)));
    *ret_action = buf_slice(&text);
    return !text.failed;
}

static const struct error *add_own(struct op_accesses *accesses, struct slice resource)
{
    struct slice action;
    if (!own_action(accesses->call, &action))
        return error_exhausted();
    struct op_access *access = add(accesses, action);
    if (access == NULL)
        return error_exhausted();
    access->resource = resource;
    return NULL;
}

/* With --shared-db a table is found from every region, and is in the one where it was made: its ARN
 * must not depend on who asks. Other tables are where they are looked for. */
static const struct error *settle_region(const struct op_call *call, struct op_table_name *name)
{
    struct db *db = call->environment->db;
    if (!db_regions_share(db, name->region, SLICE("nowhere")))
        return NULL;
    const struct db_table *table =
        db_table_acquire(db, name->account, name->region, name->name, call->now_ms);
    if (table == NULL)
        return NULL;
    bool is_copied = arena_copy(call->arena, table->region, &name->region);
    op_table_release(call, table);
    return is_copied ? NULL : error_exhausted();
}

/* The access is to that table, or to an index of it. */
static const struct error *set_table(const struct op_call *call, struct op_access *access,
                                     const struct op_table_name *given, struct slice index)
{
    access->table = *given;
    access->index = index;
    struct op_table_name *name = &access->table;
    const struct error *error = settle_region(call, name);
    if (error != NULL)
        return error;
    struct buf arn;
    buf_init(&arn, call->arena, ARN_BYTES_MAX);
    buf_append(&arn, SLICE("arn:aws:dynamodb:"));
    buf_append(&arn, name->region);
    buf_append_byte(&arn, ':');
    buf_append(&arn, name->account);
    buf_append(&arn, SLICE(":table/"));
    buf_append(&arn, name->name);
    if (slice_present(index)) {
        buf_append(&arn, SLICE("/index/"));
        buf_append(&arn, index);
    }
    access->resource = buf_slice(&arn);
    return arn.failed ? error_exhausted() : NULL;
}

static const struct error *add_table(struct op_accesses *accesses, struct slice action,
                                     struct slice given, struct slice index,
                                     struct op_access **ret_access)
{
    struct op_table_name name;
    const struct error *error = op_table_name_read(accesses->call, given, &name);
    if (error != NULL)
        return error;
    struct op_access *access = add(accesses, action);
    if (access == NULL)
        return error_exhausted();
    *ret_access = access;
    return set_table(accesses->call, access, &name, index);
}

/* With room for the parts of an access to items. */
static const struct error *add_items(struct op_accesses *accesses, struct slice action,
                                     struct slice given, struct slice index, size_t part_count,
                                     struct op_access_part **ret_parts)
{
    struct op_access *access = NULL;
    const struct error *error = add_table(accesses, action, given, index, &access);
    if (error != NULL)
        return error;
    struct op_access_part *parts =
        ARENA_NEW_ARRAY(accesses->call->arena, struct op_access_part, part_count);
    if (parts == NULL)
        return error_exhausted();
    access->parts = parts;
    access->part_count = part_count;
    *ret_parts = parts;
    return NULL;
}

static const struct error *add_page(struct op_accesses *accesses, struct slice action,
                                    struct slice given, struct slice index,
                                    const struct op_access_part *part)
{
    struct op_access_part *parts = NULL;
    const struct error *error = add_items(accesses, action, given, index, 1, &parts);
    if (error == NULL)
        *parts = *part;
    return error;
}

static const struct error *add_item(struct op_accesses *accesses, struct slice action,
                                    struct slice given, const struct op_access_part *part)
{
    return add_page(accesses, action, given, SLICE_ABSENT, part);
}

/* --- no items --- */

const struct error *op_access_anything(struct op_accesses *accesses)
{
    return add_own(accesses, SLICE("*"));
}

/* Not any table in particular; the service's messages name them all (observed). */
const struct error *op_access_tables(struct op_accesses *accesses)
{
    const struct op_call *call = accesses->call;
    struct buf arn;
    buf_init(&arn, call->arena, ARN_BYTES_MAX);
    buf_append_format(&arn, "arn:aws:dynamodb:%.*s:%.*s:table/*", SLICE_PRINT(call->region),
                      SLICE_PRINT(call->environment->account));
    return arn.failed ? error_exhausted() : add_own(accesses, buf_slice(&arn));
}

const struct error *op_access_table(struct op_accesses *accesses)
{
    const struct op_call *call = accesses->call;
    struct op_access *access;
    struct slice action;
    if (!own_action(call, &action))
        return error_exhausted();
    return add_table(accesses, action,
                     model_input_text(call->operation, call->input, SLICE("TableName")),
                     SLICE_ABSENT, &access);
}

/* The access is to that stream, whose table may be gone. */
static const struct error *set_stream(const struct op_call *call, struct op_access *access,
                                      const struct op_stream_name *name)
{
    const struct op_table_name *table = &name->table;
    struct db_stream *stream = db_stream_acquire(call->environment->db, table->account,
                                                 table->region, table->name, name->label);
    const struct error *error = set_table(call, access, table, SLICE_ABSENT);
    access->stream_label = name->label;
    if (stream != NULL) {
        struct db_stream_facts facts = db_stream_facts(stream);
        access->resource = op_stream_arn(call->arena, &facts);
        db_stream_release(stream);
        return slice_present(access->resource) ? error : error_exhausted();
    }
    struct buf arn;
    buf_init(&arn, call->arena, ARN_BYTES_MAX);
    buf_append_format(&arn, "%.*s/stream/%.*s", SLICE_PRINT(access->resource),
                      SLICE_PRINT(name->label));
    access->resource = buf_slice(&arn);
    return arn.failed ? error_exhausted() : error;
}

/* The ARN of a table or of one of its streams has one spelling here, the one that policies have;
 * what is neither stays as it was given. */
const struct error *op_access_resource(struct op_accesses *accesses)
{
    const struct op_call *call = accesses->call;
    const struct error *error =
        add_own(accesses, model_input_text(call->operation, call->input, SLICE("ResourceArn")));
    if (error != NULL)
        return error;
    struct op_access *access = &accesses->items[accesses->count - 1];
    struct op_table_name table;
    struct op_stream_name stream;
    if (op_table_arn_read(access->resource, &table))
        return set_table(call, access, &table, SLICE_ABSENT);
    if (op_stream_name_read(call, access->resource, &stream) == NULL)
        return set_stream(call, access, &stream);
    return NULL;
}

const struct error *op_access_stream(struct op_accesses *accesses)
{
    const struct op_call *call = accesses->call;
    struct slice arn = model_input_text(call->operation, call->input, SLICE("StreamArn"));
    struct op_stream_name name;
    const struct error *error = op_stream_name_read(call, arn, &name);
    if (error == NULL)
        error = add_own(accesses, arn);
    return error != NULL ? error : set_stream(call, &accesses->items[accesses->count - 1], &name);
}

const struct error *op_access_iterator(struct op_accesses *accesses)
{
    const struct op_call *call = accesses->call;
    const struct model_get_records_input *input = call->input;
    struct op_iterator iterator;
    struct db_stream *stream;
    const struct error *error = op_iterator_check(call, input->shard_iterator, &iterator);
    if (error == NULL)
        error = op_iterator_stream(call, &iterator, &stream);
    if (error != NULL)
        return error;
    struct db_stream_facts facts = db_stream_facts(stream);
    struct slice arn = op_stream_arn(call->arena, &facts);
    db_stream_release(stream);
    struct op_stream_name name;
    error = slice_present(arn) ? op_stream_name_read(call, arn, &name) : error_exhausted();
    if (error == NULL)
        error = add_own(accesses, arn);
    return error != NULL ? error : set_stream(call, &accesses->items[accesses->count - 1], &name);
}

const struct error *op_access_create_table(struct op_accesses *accesses)
{
    const struct model_create_table_input *input = accesses->call->input;
    struct op_access *access;
    const struct error *error = op_access_table(accesses);
    if (error == NULL && input->tags.count > 0)
        error = add_table(accesses, SLICE("dynamodb:TagResource"), input->table_name, SLICE_ABSENT,
                          &access);
    if (error == NULL && slice_present(input->resource_policy))
        error = add_table(accesses, SLICE("dynamodb:PutResourcePolicy"), input->table_name,
                          SLICE_ABSENT, &access);
    return error;
}

/* --- items --- */

/* What inputs of one kind have in common, by their members' names. */
#define READ_OF(input)                                                                             \
    .projection = (input)->projection_expression, .names = &(input)->expression_attribute_names,   \
    .attributes_to_get = &(input)->attributes_to_get,                                              \
    .return_consumed_capacity = &(input)->return_consumed_capacity, .reads = true
#define PAGE_OF(input)                                                                             \
    READ_OF(input), .filter = (input)->filter_expression,                                          \
                    .values = &(input)->expression_attribute_values, .select = &(input)->select
#define CONDITION_OF(input)                                                                        \
    .condition = (input)->condition_expression, .names = &(input)->expression_attribute_names,     \
    .values = &(input)->expression_attribute_values,                                               \
    .return_values_on_failure = &(input)->return_values_on_condition_check_failure,                \
    .has_return = true
#define WRITE_OF(input)                                                                            \
    CONDITION_OF(input), .expected = &(input)->expected, .return_values = &(input)->return_values, \
                         .return_consumed_capacity = &(input)->return_consumed_capacity

const struct error *op_access_get_item(struct op_accesses *accesses)
{
    const struct model_get_item_input *input = accesses->call->input;
    const struct op_access_part part = {READ_OF(input), .key = &input->key};
    return add_item(accesses, SLICE("dynamodb:GetItem"), input->table_name, &part);
}

const struct error *op_access_put_item(struct op_accesses *accesses)
{
    const struct model_put_item_input *input = accesses->call->input;
    const struct op_access_part part = {WRITE_OF(input), .item = &input->item};
    return add_item(accesses, SLICE("dynamodb:PutItem"), input->table_name, &part);
}

const struct error *op_access_delete_item(struct op_accesses *accesses)
{
    const struct model_delete_item_input *input = accesses->call->input;
    const struct op_access_part part = {WRITE_OF(input), .key = &input->key};
    return add_item(accesses, SLICE("dynamodb:DeleteItem"), input->table_name, &part);
}

const struct error *op_access_update_item(struct op_accesses *accesses)
{
    const struct model_update_item_input *input = accesses->call->input;
    const struct op_access_part part = {
        WRITE_OF(input),
        .key = &input->key,
        .update = input->update_expression,
        .attribute_updates = &input->attribute_updates,
    };
    return add_item(accesses, SLICE("dynamodb:UpdateItem"), input->table_name, &part);
}

const struct error *op_access_query(struct op_accesses *accesses)
{
    const struct model_query_input *input = accesses->call->input;
    const struct op_access_part part = {
        PAGE_OF(input),
        .key_condition = input->key_condition_expression,
        .key_conditions = &input->key_conditions,
        .legacy_filter = &input->query_filter,
    };
    return add_page(accesses, SLICE("dynamodb:Query"), input->table_name, input->index_name, &part);
}

const struct error *op_access_scan(struct op_accesses *accesses)
{
    const struct model_scan_input *input = accesses->call->input;
    const struct op_access_part part = {PAGE_OF(input), .legacy_filter = &input->scan_filter};
    return add_page(accesses, SLICE("dynamodb:Scan"), input->table_name, input->index_name, &part);
}

/* --- batches: one access for each table --- */

const struct error *op_access_batch_get_item(struct op_accesses *accesses)
{
    const struct model_batch_get_item_input *input = accesses->call->input;
    for (size_t i = 0; i < input->request_items.count; i++) {
        const struct model_entry_batch_get_request_map *entry = &input->request_items.entries[i];
        const struct model_keys_and_attributes *wanted = &entry->value;
        struct op_access_part *parts;
        const struct error *error = add_items(accesses, SLICE("dynamodb:BatchGetItem"), entry->key,
                                              SLICE_ABSENT, wanted->keys.count, &parts);
        if (error != NULL)
            return error;
        for (size_t j = 0; j < wanted->keys.count; j++)
            parts[j] = (struct op_access_part){
                .key = &wanted->keys.items[j],
                .return_consumed_capacity = &input->return_consumed_capacity,
                .reads = true,
                /* The same for all keys: looked at once. */
                .projection = j == 0 ? wanted->projection_expression : SLICE_ABSENT,
                .names = &wanted->expression_attribute_names,
                .attributes_to_get = &wanted->attributes_to_get,
            };
    }
    return NULL;
}

const struct error *op_access_batch_write_item(struct op_accesses *accesses)
{
    const struct model_batch_write_item_input *input = accesses->call->input;
    for (size_t i = 0; i < input->request_items.count; i++) {
        const struct model_entry_batch_write_item_request_map *entry =
            &input->request_items.entries[i];
        const struct model_list_write_requests *wanted = &entry->value;
        struct op_access_part *parts;
        const struct error *error = add_items(accesses, SLICE("dynamodb:BatchWriteItem"),
                                              entry->key, SLICE_ABSENT, wanted->count, &parts);
        if (error != NULL)
            return error;
        for (size_t j = 0; j < wanted->count; j++) {
            const struct model_write_request *request = &wanted->items[j];
            parts[j].return_consumed_capacity = &input->return_consumed_capacity;
            if (request->put_request != NULL)
                parts[j].item = &request->put_request->item;
            if (request->delete_request != NULL)
                parts[j].key = &request->delete_request->key;
        }
    }
    return NULL;
}

/* --- transactions: one access for each action, called like the operation on a single item --- */

static void enclose(struct op_accesses *accesses)
{
    struct slice name = model_operation_name(accesses->call->operation);
    for (size_t i = 0; i < accesses->count; i++)
        accesses->items[i].enclosing = name;
}

const struct error *op_access_transact_get_items(struct op_accesses *accesses)
{
    const struct model_transact_get_items_input *input = accesses->call->input;
    for (size_t i = 0; i < input->transact_items.count; i++) {
        const struct model_get *get = input->transact_items.items[i].get;
        const struct op_access_part part = {
            .key = &get->key,
            .projection = get->projection_expression,
            .names = &get->expression_attribute_names,
            .return_consumed_capacity = &input->return_consumed_capacity,
            .reads = true,
        };
        const struct error *error =
            add_item(accesses, SLICE("dynamodb:GetItem"), get->table_name, &part);
        if (error != NULL)
            return error;
    }
    enclose(accesses);
    return NULL;
}

/* An action of TransactWriteItems; more than one in an element is refused by the operation, and all
 * are asked for here. */
static const struct error *add_actions(struct op_accesses *accesses,
                                       const struct model_transact_write_item *element)
{
    const struct model_transact_write_items_input *input = accesses->call->input;
    const struct model_enum *capacity = &input->return_consumed_capacity;
    const struct error *error = NULL;
    if (element->put != NULL) {
        const struct op_access_part part = {CONDITION_OF(element->put), .item = &element->put->item,
                                            .return_consumed_capacity = capacity};
        error = add_item(accesses, SLICE("dynamodb:PutItem"), element->put->table_name, &part);
    }
    if (error == NULL && element->delete != NULL) {
        const struct op_access_part part = {CONDITION_OF(element->delete),
                                            .key = &element->delete->key,
                                            .return_consumed_capacity = capacity};
        error =
            add_item(accesses, SLICE("dynamodb:DeleteItem"), element->delete->table_name, &part);
    }
    if (error == NULL && element->condition_check != NULL) {
        const struct op_access_part part = {CONDITION_OF(element->condition_check),
                                            .key = &element->condition_check->key,
                                            .return_consumed_capacity = capacity};
        error = add_item(accesses, SLICE("dynamodb:ConditionCheckItem"),
                         element->condition_check->table_name, &part);
    }
    if (error == NULL && element->update != NULL) {
        const struct op_access_part part = {
            CONDITION_OF(element->update), .key = &element->update->key,
            .update = element->update->update_expression, .return_consumed_capacity = capacity};
        error =
            add_item(accesses, SLICE("dynamodb:UpdateItem"), element->update->table_name, &part);
    }
    return error;
}

const struct error *op_access_transact_write_items(struct op_accesses *accesses)
{
    const struct model_transact_write_items_input *input = accesses->call->input;
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < input->transact_items.count; i++)
        error = add_actions(accesses, &input->transact_items.items[i]);
    /* Elements without any action are the operation's to refuse. */
    if (error == NULL && accesses->count == 0)
        error = add_own(accesses, SLICE("*"));
    enclose(accesses);
    return error;
}

/* --- PartiQL --- */

static struct slice statement_action(enum partiql_kind kind)
{
    static const struct slice actions[] = {
        [PARTIQL_SELECT] = SLICE_INIT("dynamodb:PartiQLSelect"),
        [PARTIQL_INSERT] = SLICE_INIT("dynamodb:PartiQLInsert"),
        [PARTIQL_UPDATE] = SLICE_INIT("dynamodb:PartiQLUpdate"),
        [PARTIQL_DELETE] = SLICE_INIT("dynamodb:PartiQLDelete"),
        [PARTIQL_EXISTS] = SLICE_INIT("dynamodb:PartiQLSelect"),
    };
    return actions[kind];
}

static const struct error *
add_statement(struct op_accesses *accesses, struct slice text,
              const struct model_list_prepared_statement_parameters *parameters,
              const struct model_enum *return_values_on_failure,
              const struct model_enum *return_consumed_capacity)
{
    const struct op_call *call = accesses->call;
    struct partiql_parsed *parsed = ARENA_NEW(call->arena, struct partiql_parsed);
    if (parsed == NULL)
        return error_exhausted();
    const struct error *error = partiql_parse(call->arena, text, parsed);
    if (error != NULL)
        return error;
    struct op_access *access = add(accesses, statement_action(parsed->kind));
    struct op_access_part *part = ARENA_NEW(call->arena, struct op_access_part);
    if (access == NULL || part == NULL)
        return error_exhausted();
    *part = (struct op_access_part){
        .statement = parsed,
        .parameters = parameters,
        .return_values_on_failure =
            parsed->kind == PARTIQL_SELECT ? NULL : return_values_on_failure,
        .return_consumed_capacity = return_consumed_capacity,
        .reads = parsed->kind == PARTIQL_SELECT || parsed->kind == PARTIQL_EXISTS,
        .has_return = parsed->kind == PARTIQL_UPDATE || parsed->kind == PARTIQL_DELETE,
    };
    access->parts = part;
    access->part_count = 1;
    struct op_table_name name = op_statement_table_name(call, parsed);
    return set_table(call, access, &name, parsed->index);
}

const struct error *op_access_statement(struct op_accesses *accesses)
{
    const struct model_execute_statement_input *input = accesses->call->input;
    return add_statement(accesses, input->statement, &input->parameters,
                         &input->return_values_on_condition_check_failure,
                         &input->return_consumed_capacity);
}

/* Each statement of a batch succeeds, fails and is refused for itself. One that cannot be read does
 * nothing. */
const struct error *op_access_statements(struct op_accesses *accesses)
{
    const struct model_batch_execute_statement_input *input = accesses->call->input;
    for (size_t i = 0; i < input->statements.count; i++) {
        size_t before = accesses->count;
        const struct model_batch_statement_request *request = &input->statements.items[i];
        const struct error *error = add_statement(
            accesses, request->statement, &request->parameters,
            &request->return_values_on_condition_check_failure, &input->return_consumed_capacity);
        if (error != NULL && error->kind != ERROR_VALIDATION)
            return error;
        if (error == NULL && accesses->count > before) {
            accesses->items[before].is_apart = true;
            accesses->items[before].statement = i;
        }
    }
    enclose(accesses);
    return NULL;
}

const struct error *op_access_transaction(struct op_accesses *accesses)
{
    const struct model_execute_transaction_input *input = accesses->call->input;
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < input->transact_statements.count; i++) {
        const struct model_parameterized_statement *statement =
            &input->transact_statements.items[i];
        error = add_statement(accesses, statement->statement, &statement->parameters,
                              &statement->return_values_on_condition_check_failure,
                              &input->return_consumed_capacity);
    }
    enclose(accesses);
    return error;
}
