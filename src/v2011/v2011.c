#include "v2011/v2011.h"

#include "base/check.h"
#include "v2011/request.h"

struct v2011_row {
    enum model_operation current;
    v2011_input *input;
    v2011_output *output;
};

/* By operation, from MODEL_OPERATION_COUNT on, where the current version's end. */
static const struct v2011_row rows[] = {
#define V2011_ROW(operation, function)                                                             \
    [MODEL_OPERATION_V2011_##operation - MODEL_OPERATION_COUNT] = {                                \
        MODEL_OPERATION_##operation, v2011_##function##_input, v2011_##function##_output},
#include "v2011/operations.def"
#undef V2011_ROW
};

bool v2011_is_operation(enum model_operation operation)
{
    return operation != MODEL_OPERATION_NONE &&
           model_operation_service(operation) == MODEL_SERVICE_V2011_DYNAMODB;
}

static const struct v2011_row *row(enum model_operation operation)
{
    CHECK(v2011_is_operation(operation));
    return &rows[operation - MODEL_OPERATION_COUNT];
}

enum model_operation v2011_current_operation(enum model_operation operation)
{
    return v2011_is_operation(operation) ? row(operation)->current : operation;
}

const struct error *v2011_translate_input(struct op_call *call, enum model_operation operation,
                                          void *asked, struct v2011_request **ret_request)
{
    struct v2011_request *request = ARENA_NEW(call->arena, struct v2011_request);
    if (request == NULL)
        return error_exhausted();
    request->call = call;
    request->operation = operation;
    request->asked = asked;
    void *input;
    const struct error *error = row(operation)->input(request, asked, &input);
    if (error != NULL)
        return error;
    call->operation = row(operation)->current;
    call->input = input;
    *ret_request = request;
    return NULL;
}

const struct error *v2011_check(const struct v2011_request *request)
{
    return request->operation == MODEL_OPERATION_V2011_QUERY ? v2011_query_check(request) : NULL;
}

const struct error *v2011_translate_output(const struct v2011_request *request, const void *output,
                                           void **ret_answer)
{
    return row(request->operation)->output(request, output, ret_answer);
}

/* A key with too many or too few elements was told apart from one of another type (observed,
 * January 2012). */
const struct error *v2011_translate_error(const struct v2011_request *request,
                                          const struct error *error)
{
    bool is_key_error =
        error->kind == ERROR_VALIDATION &&
        slice_equal(error->message, SLICE("The provided key element does not match the schema"));
    if (!is_key_error || !request->key_size_differs)
        return error;
    return error_make(request->call->arena, ERROR_VALIDATION,
                      "One or more parameter values were invalid: The provided key size does not "
                      "match with that of the schema");
}

const struct error *v2011_make_tables(struct v2011_request *request, size_t count)
{
    request->tables = ARENA_NEW_ARRAY(request->call->arena, struct v2011_table, count);
    request->table_count = count;
    return request->tables == NULL ? error_exhausted() : NULL;
}

const struct error *v2011_find_table(struct v2011_request *request, struct slice name)
{
    const struct error *error = v2011_make_tables(request, 1);
    if (error != NULL)
        return error;
    return v2011_table_look_up(request->call, name, &request->tables[0]);
}

const struct v2011_table *v2011_table_of_name(const struct v2011_request *request,
                                              struct slice name)
{
    for (size_t i = 0; i < request->table_count; i++)
        if (slice_equal(request->tables[i].name, name))
            return &request->tables[i];
    CHECK(!"a table that was not asked for");
    return NULL;
}

const struct error *v2011_read_key(struct v2011_request *request, const struct v2011_table *table,
                                   struct model_v2011_key *key, struct item_reading *ret_item)
{
    if (table->is_there && !v2011_key_fits(table, key))
        request->key_size_differs = true;
    return v2011_key_to_item(request->call->arena, table, key, ret_item);
}

struct model_double v2011_units_of_table(const struct model_list_consumed_capacity_multiple *list,
                                         struct slice table_name)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i].table_name, table_name))
            return list->items[i].capacity_units;
    return (struct model_double){0};
}
