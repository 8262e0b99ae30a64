#include "ops/statement_select.h"

#include "ops/capacity.h"
#include "ops/key_condition.h"
#include "ops/statement_index.h"
#include "ops/statement_token.h"
#include "ops/throttle.h"
#include "ops/validation_error.h"

/* Of several reads, the service answers so many items at once (developer guide, "PartiQL
 * arithmetic, comparison, and logical operators", IN). */
enum { DECOMPOSED_ITEMS_MAX = 10 };

struct page {
    struct op_select *select;
    const struct op_statement *statement;
    const struct op_call *call;
    struct partiql_plan plan;
    uint64_t fingerprint;
    struct op_statement_position position; /* where reading goes on */
    bool fetch_items;                      /* of a local index: columns come from the table */
    struct path_set seen;                  /* fetch_items: what the WHERE sees of an item */
    struct item_reading *items;
    size_t item_count;
    size_t item_capacity;
    bool exhausted;
    bool full;
    uint32_t evaluated;
    size_t bytes;
    struct op_capacity capacity;
};

/* --- items --- */

static bool grow(struct page *page)
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

static bool keep(struct page *page, struct slice item)
{
    const struct partiql_statement *select = &page->statement->statement;
    if (page->item_count == page->item_capacity && !grow(page))
        return false;
    struct slice kept;
    bool fits = select->column_count > 0 ? partiql_project(page->call->arena, item, select->columns,
                                                           select->column_count, &kept)
                                         : arena_copy(page->call->arena, item, &kept);
    if (fits)
        page->items[page->item_count++].item = kept;
    return fits;
}

/* Is it the item of the read that found it, not of another one that meets it? */
static bool is_in_range(const struct page *page, struct slice item)
{
    struct slice sort = page->statement->key.sort.name;
    return !page->plan.keyed || !slice_present(sort) ||
           partiql_range_has(&page->plan.ranges[page->position.range],
                             value_map_find(value_of_item(item), sort));
}

/* Does the WHERE hold? Of a local index, for what its entry has of the item. */
static bool matches(struct page *page, struct slice item, bool *ret_matches)
{
    const struct expr_condition *where = page->statement->statement.where;
    if (!page->fetch_items) {
        *ret_matches = expr_condition_holds(where, item);
        return true;
    }
    struct arena_mark mark = arena_mark(page->call->arena);
    struct slice seen;
    bool fits = item_project(page->call->arena, item, page->seen, &seen);
    if (fits)
        *ret_matches = expr_condition_holds(where, seen);
    arena_rewind(page->call->arena, mark);
    return fits;
}

static bool visit(void *context, struct slice item)
{
    struct page *page = context;
    bool holds;
    if (!is_in_range(page, item) || (matches(page, item, &holds) && (!holds || keep(page, item))))
        return true;
    page->exhausted = true;
    return false;
}

/* --- one read --- */

/* Entries that may still be evaluated; 0: no bound. */
static uint32_t entries_left(const struct page *page)
{
    struct model_integer limit = page->select->limit;
    uint32_t left = 0;
    if (limit.present && limit.value < UINT32_MAX)
        left = (uint32_t)limit.value - page->evaluated;
    if (page->plan.range_count <= 1)
        return left;
    uint32_t items_left = (uint32_t)(DECOMPOSED_ITEMS_MAX - page->item_count);
    return left == 0 || left > items_left ? items_left : left;
}

static bool is_full(const struct page *page)
{
    struct model_integer limit = page->select->limit;
    return (limit.present && page->evaluated >= limit.value) || page->bytes >= DB_PAGE_BYTES ||
           (page->plan.range_count > 1 && page->item_count >= DECOMPOSED_ITEMS_MAX);
}

static const struct error *begin_read(const struct page *page, struct db_read *read)
{
    *read = (struct db_read){
        .table = page->statement->table,
        .index = page->statement->index,
        .whole = !page->plan.keyed,
        .backward = page->plan.backward,
        .fetch_items = page->fetch_items,
        .visit = visit,
        .context = (void *)page,
    };
    const struct error *error = NULL;
    if (page->plan.keyed) {
        const struct partiql_range *range = &page->plan.ranges[page->position.range];
        struct expr_key_condition condition = {(struct expr_key_term *)range->terms,
                                               range->term_count};
        error = op_key_condition_match(page->call, &condition, false, read);
    }
    read->exclusive_start = page->position.start; /* not the client's: a token has it */
    if (error == NULL && slice_present(read->exclusive_start) &&
        db_read_check_start(read, page->call->arena) != NULL)
        error = op_validation_error(page->call, "Invalid NextToken");
    return error;
}

/* One range, or what is left of it, as far as the page goes. */
static const struct error *read_range(struct page *page)
{
    struct db_read read;
    size_t bytes = 0, fetched_units_bytes = 0;
    const struct error *error = begin_read(page, &read);
    do {
        read.limit = entries_left(page);
        if (error == NULL)
            error = db_read_items(page->call->environment->db, page->call->arena, &read);
        if (error == NULL && page->exhausted)
            error = error_exhausted();
        if (error != NULL)
            return error;
        page->evaluated += read.scanned;
        page->bytes += read.scanned_bytes;
        bytes += read.scanned_bytes;
        fetched_units_bytes += read.fetched_units_bytes;
        page->full = is_full(page);
        read.exclusive_start = read.last_evaluated;
    } while (!page->full && slice_present(read.last_evaluated));
    double units = op_read_units(bytes, page->select->consistent);
    if (read.index == NULL)
        page->capacity.table_units += units;
    else
        op_capacity_add_index(&page->capacity, read.index, units);
    if (fetched_units_bytes > 0)
        page->capacity.table_units += op_read_units(fetched_units_bytes, page->select->consistent);
    page->position.start = read.last_evaluated;
    if (!slice_present(read.last_evaluated))
        page->position.range++;
    return NULL;
}

/* --- the page --- */

static uint64_t range_count(const struct page *page)
{
    return page->plan.keyed ? page->plan.range_count : 1;
}

static const struct error *plan(struct page *page)
{
    const struct op_statement *statement = page->statement;
    const struct error *error = NULL;
    if (statement->index != NULL)
        error = op_statement_index_check(statement, page->select->consistent, &page->fetch_items);
    if (error == NULL)
        error = partiql_plan_select(page->call->arena, &statement->statement, &statement->key,
                                    &page->plan);
    if (error == NULL && statement->index != NULL && page->plan.keyed)
        error = op_statement_index_check_filters(statement, &page->plan);
    if (error == NULL && page->fetch_items)
        error = op_statement_index_paths(statement, &page->seen);
    if (error == NULL)
        error = op_capacity_init(&page->capacity, page->call->arena, statement->name.given,
                                 statement->table);
    return error;
}

static const struct error *find_position(struct page *page)
{
    struct arena *arena = page->call->arena;
    if (!op_statement_fingerprint(page->statement, &page->fingerprint))
        return error_exhausted();
    page->position.start = SLICE_ABSENT;
    if (!slice_present(page->select->next_token))
        return NULL;
    const struct error *error = op_statement_token_read(arena, page->select->next_token,
                                                        page->fingerprint, &page->position);
    if (error == NULL && page->position.range >= range_count(page))
        error = op_validation_error(page->call, "Invalid NextToken");
    return error;
}

static const struct error *answer(struct page *page)
{
    struct op_select *select = page->select;
    select->items.present = true;
    select->items.count = page->item_count;
    select->items.items = page->items;
    select->last_evaluated = page->position.start;
    if (page->position.range < range_count(page)) {
        select->continuation =
            op_statement_token_make(page->call->arena, page->fingerprint, &page->position);
        if (!slice_present(select->continuation))
            return error_exhausted();
    }
    return op_capacity_show(&page->capacity, page->call->arena, select->return_consumed_capacity,
                            &select->consumed);
}

const struct error *op_select_page(struct op_select *select)
{
    struct page page = {
        .select = select, .statement = select->statement, .call = select->statement->call};
    const struct error *error = plan(&page);
    if (error == NULL)
        error = find_position(&page);
    if (error == NULL)
        error = op_throttle_check(page.call, page.statement->table, page.statement->index, false);
    while (error == NULL && !page.full && page.position.range < range_count(&page))
        error = read_range(&page);
    if (error != NULL)
        return error;
    op_throttle_charge_reads(page.call, &page.capacity);
    return answer(&page);
}
