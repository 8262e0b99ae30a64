#include "ops/page.h"

#include "ops/throttle.h"
#include "ops/validation_error.h"

static bool is_projected_by_request(const struct op_page_request *request)
{
    return slice_present(request->projection_expression) || request->attributes_to_get->present;
}

const struct error *op_page_check_select(const struct op_page *page)
{
    const struct op_page_request *request = page->request;
    int select = request->select.value;
    if (select == MODEL_SELECT_SPECIFIC_ATTRIBUTES && !is_projected_by_request(request))
        return op_validation_error(
            page->call,
            "%sMust specify the AttributesToGet or ProjectionExpression "
            "when choosing to get SPECIFIC_ATTRIBUTES",
            page->call->operation == MODEL_OPERATION_QUERY ? "1 validation error detected: " : "");
    if (select != 0 && select != MODEL_SELECT_SPECIFIC_ATTRIBUTES &&
        is_projected_by_request(request)) {
        struct slice what =
            select == MODEL_SELECT_COUNT ? SLICE("only the Count") : request->select.text;
        return op_validation_error(page->call, "Cannot specify the %s when choosing to get %.*s",
                                   slice_present(request->projection_expression)
                                       ? "ProjectionExpression"
                                       : "AttributesToGet",
                                   SLICE_PRINT(what));
    }
    if (select == MODEL_SELECT_ALL_PROJECTED_ATTRIBUTES && !slice_present(request->index_name))
        return op_validation_error(
            page->call,
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
    return NULL;
}

/* The words with which a problem in a start key stands alone (observed). */
static const char *const START_ALONE[] = {
    "contains duplicates",   "number set", "numeric value", "significant digits",
    "number with magnitude",
};

const struct error *op_page_check_start_values(const struct op_page *page)
{
    const struct error *problem = op_item_problem(page->call, page->request->exclusive_start_key);
    if (problem == NULL)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(START_ALONE); i++)
        if (memmem(problem->message.data, problem->message.size, START_ALONE[i],
                   strlen(START_ALONE[i])) != NULL)
            return problem;
    struct buf message;
    buf_init(&message, page->call->arena, SIZE_MAX);
    buf_append(&message, SLICE("The provided starting key is invalid: "));
    buf_append(&message, problem->message);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(page->call->arena, ERROR_VALIDATION, buf_slice(&message));
}

static bool is_in_index(const struct db_table *table, const struct db_index *index,
                        struct slice name)
{
    if (index->projection == DB_PROJECT_ALL || db_key_schema_has(&table->key, name) ||
        db_key_schema_has(&index->key, name))
        return true;
    for (size_t i = 0; i < index->non_key_attribute_count; i++)
        if (slice_equal(index->non_key_attributes[i], name))
            return true;
    return false;
}

/* NULL when the index has all that the projection asks for. */
static const struct slice *first_missing(const struct op_page *page)
{
    for (size_t i = 0; i < page->projection.count; i++) {
        const struct slice *name = &page->projection.paths[i].elements[0].name;
        if (!is_in_index(page->table, page->read.index, *name))
            return name;
    }
    return NULL;
}

static const struct error *check_global(const struct op_page *page)
{
    const struct db_index *index = page->read.index;
    if (page->request->consistent)
        return op_validation_error(
            page->call, "Consistent reads are not supported on global secondary indexes");
    if (index->backfilling || index->status == DB_STATUS_CREATING)
        return op_validation_error(page->call,
                                   "Cannot read from backfilling global secondary index: %.*s",
                                   SLICE_PRINT(index->name));
    return NULL;
}

const struct error *op_page_choose_index(struct op_page *page)
{
    page->read.table = page->table;
    if (!slice_present(page->request->index_name))
        return NULL;
    page->read.index = db_table_index(page->table, page->request->index_name);
    if (page->read.index == NULL || page->read.index->status == DB_STATUS_DELETING)
        return op_validation_error(page->call, "The table does not have the specified index: %.*s",
                                   SLICE_PRINT(page->request->index_name));
    return page->read.index->global ? check_global(page) : NULL;
}

static const struct error *check_projected_global(const struct op_page *page)
{
    const struct db_index *index = page->read.index;
    if (page->request->select.value == MODEL_SELECT_ALL_ATTRIBUTES &&
        index->projection != DB_PROJECT_ALL)
        return op_validation_error(page->call,
                                   "One or more parameter values were invalid: Select type "
                                   "ALL_ATTRIBUTES is not supported for global secondary index "
                                   "%.*s because its projection type is not ALL",
                                   SLICE_PRINT(index->name));
    const struct slice *missing = first_missing(page);
    if (missing != NULL)
        return op_validation_error(page->call,
                                   "One or more parameter values were invalid: Global secondary "
                                   "index %.*s does not project [%.*s]",
                                   SLICE_PRINT(index->name), SLICE_PRINT(*missing));
    return NULL;
}

const struct error *op_page_check_projected(struct op_page *page)
{
    if (page->read.index == NULL)
        return NULL;
    if (page->read.index->global)
        return check_projected_global(page);
    /* A local index can look up in the table what it does not have. */
    if (page->request->select.value == MODEL_SELECT_ALL_ATTRIBUTES)
        page->read.fetch_items = page->read.index->projection != DB_PROJECT_ALL;
    else
        page->read.fetch_items = first_missing(page) != NULL;
    return NULL;
}

static bool grow(struct op_page *page)
{
    size_t capacity = page->item_capacity == 0 ? 16 : page->item_capacity * 2;
    struct item_reading *items = ARENA_NEW_ARRAY(page->call->arena, struct item_reading, capacity);
    if (items == NULL)
        return false;
    if (page->item_count > 0)
        memcpy(items, page->items, page->item_count * sizeof(*items));
    page->items = items;
    page->item_capacity = capacity;
    return true;
}

static bool keep(struct op_page *page, struct slice item)
{
    if (page->request->select.value == MODEL_SELECT_COUNT) {
        page->item_count++;
        return true;
    }
    if (page->item_count == page->item_capacity && !grow(page))
        return false;
    struct slice kept;
    bool fits = page->projection.count > 0
                    ? item_project(page->call->arena, item, page->projection.set, &kept)
                    : arena_copy(page->call->arena, item, &kept);
    if (!fits)
        return false;
    page->items[page->item_count++].item = kept;
    return true;
}

static bool visit(void *context, struct slice item)
{
    struct op_page *page = context;
    if (expr_condition_holds(page->filter, item) && !keep(page, item)) {
        page->exhausted = true;
        return false;
    }
    return true;
}

static const struct error *charge(struct op_page *page)
{
    if (!op_capacity_wanted(page->request->return_consumed_capacity) &&
        page->call->environment->throttle == NULL)
        return NULL;
    struct op_capacity capacity;
    const struct error *error =
        op_capacity_init(&capacity, page->call->arena, page->name.given, page->table);
    if (error != NULL)
        return error;
    bool consistent = page->request->consistent;
    double units = op_read_units(page->read.scanned_bytes, consistent);
    if (page->read.index == NULL)
        capacity.table_units = units;
    else
        op_capacity_add_index(&capacity, page->read.index, units);
    if (page->read.fetched_units_bytes > 0)
        capacity.table_units = op_read_units(page->read.fetched_units_bytes, consistent);
    op_throttle_charge_reads(page->call, &capacity);
    return op_capacity_show(&capacity, page->call->arena, page->request->return_consumed_capacity,
                            &page->consumed);
}

const struct error *op_page_read(struct op_page *page)
{
    struct db_read *read = &page->read;
    const struct op_page_request *request = page->request;
    int64_t limit = request->limit.present ? request->limit.value : 0;
    read->limit = limit > UINT32_MAX ? 0 : (uint32_t)limit;
    read->visit = visit;
    read->context = page;
    const struct error *error = op_throttle_check(page->call, page->table, read->index, false);
    if (error == NULL)
        error = db_read_items(page->call->environment->db, page->call->arena, read);
    if (error != NULL)
        return error;
    if (read->is_cut)
        return NULL;
    if (page->exhausted)
        return error_exhausted();
    return charge(page);
}

void op_page_answer(const struct op_page *page, struct op_page_output *ret_output)
{
    *ret_output = (struct op_page_output){
        .count = {true, (int64_t)page->item_count},
        .scanned_count = {true, page->read.scanned},
        .last_evaluated_key = {.item = page->read.last_evaluated},
    };
    if (page->request->select.value != MODEL_SELECT_COUNT) {
        ret_output->items.present = true;
        ret_output->items.count = page->item_count;
        ret_output->items.items = page->items;
    }
}
