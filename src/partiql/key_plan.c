#include "partiql/key_plan.h"

#include <stdlib.h>

#include "partiql/key_range.h"
#include "partiql/problem.h"

/* --- conditions on one attribute --- */

/* A condition that compares an attribute of the item with values. */
struct comparison {
    struct slice name;
    enum node_kind kind; /* NODE_EQUAL to NODE_IN; NODE_CALL: begins_with */
    const struct node *node;
    struct value operands[2]; /* not of NODE_IN */
};

static bool names_attribute(const struct node *node)
{
    return node->kind == NODE_PATH && node->path.count == 1;
}

static enum node_kind mirrored(enum node_kind kind)
{
    switch (kind) {
    case NODE_LESS:
        return NODE_GREATER;
    case NODE_LESS_OR_EQUAL:
        return NODE_GREATER_OR_EQUAL;
    case NODE_GREATER:
        return NODE_LESS;
    case NODE_GREATER_OR_EQUAL:
        return NODE_LESS_OR_EQUAL;
    default:
        return kind;
    }
}

/* The attribute first, behind it only values; of two operands also the other way round. */
static bool read_comparison(const struct node *node, struct comparison *ret_comparison)
{
    bool is_prefix = node->kind == NODE_CALL && node->function == FUNCTION_BEGINS_WITH;
    if (!is_prefix && (node->kind < NODE_EQUAL || node->kind > NODE_IN))
        return false;
    const struct node *attribute = node->operands[0];
    uint32_t first = 1;
    enum node_kind kind = node->kind;
    if (!names_attribute(attribute) && node->operand_count == 2 && !is_prefix && kind != NODE_IN) {
        attribute = node->operands[1];
        first = 0;
        kind = mirrored(kind);
    }
    if (!names_attribute(attribute))
        return false;
    struct comparison comparison = {attribute->path.elements[0].name, kind, node, {{0}}};
    uint32_t end = first == 0 ? 1 : node->operand_count;
    for (uint32_t i = first; i < end; i++) {
        if (node->operands[i]->kind != NODE_VALUE)
            return false;
        if (kind != NODE_IN)
            comparison.operands[i - first] = node->operands[i]->value;
    }
    *ret_comparison = comparison;
    return true;
}

static bool compares(const struct comparison *comparison,
                     const struct partiql_key_attribute *attribute)
{
    return slice_present(attribute->name) && slice_equal(comparison->name, attribute->name);
}

/* --- one item --- */

struct match {
    const struct partiql_key *key;
    bool with_lists;
    struct partiql_item_key *found;
};

static void demand(struct match *match, const struct partiql_key_attribute *attribute,
                   struct value *value, struct value demanded)
{
    if (!value_present(*value)) {
        *value = demanded;
    } else if (!value_equal(*value, demanded) && match->found->match != PARTIQL_MATCH_SEVERAL) {
        match->found->match = PARTIQL_MATCH_SEVERAL;
        match->found->name = attribute->name;
    }
}

/* The one value that the condition demands of its attribute. */
static bool read_demand(const struct match *match, const struct node *node,
                        struct comparison *ret_comparison, struct value *ret_value)
{
    if (!read_comparison(node, ret_comparison))
        return false;
    if (ret_comparison->kind == NODE_EQUAL) {
        *ret_value = ret_comparison->operands[0];
        return true;
    }
    if (ret_comparison->kind != NODE_IN || !match->with_lists || node->operand_count != 2)
        return false;
    *ret_value = node->operands[1]->value;
    return true;
}

static void match_node(struct match *match, const struct node *node)
{
    if (node->kind == NODE_AND) {
        for (uint32_t i = 0; i < node->operand_count; i++)
            match_node(match, node->operands[i]);
        return;
    }
    struct comparison comparison;
    struct value value;
    bool demands = read_demand(match, node, &comparison, &value);
    if (demands && compares(&comparison, &match->key->partition))
        demand(match, &match->key->partition, &match->found->partition, value);
    else if (demands && compares(&comparison, &match->key->sort))
        demand(match, &match->key->sort, &match->found->sort, value);
    else
        match->found->nothing_else = false;
}

void partiql_match_item(const struct partiql_statement *statement, const struct partiql_key *key,
                        bool with_lists, struct partiql_item_key *ret_match)
{
    *ret_match = (struct partiql_item_key){.match = PARTIQL_MATCH_ITEM, .nothing_else = true};
    struct match match = {key, with_lists, ret_match};
    if (statement->where != NULL)
        match_node(&match, statement->where->root);
    bool complete = value_present(ret_match->partition) &&
                    (!slice_present(key->sort.name) || value_present(ret_match->sort));
    if (!complete)
        ret_match->match = PARTIQL_MATCH_NONE;
}

const struct error *partiql_check_key_type(struct arena *arena,
                                           const struct partiql_key_attribute *attribute,
                                           struct value value)
{
    if (value.type == attribute->type)
        return NULL;
    return problem(arena,
                   "Key attribute's data type should match its data type in table's schema: Key "
                   "%.*s",
                   SLICE_PRINT(attribute->name));
}

/* --- branches of a WHERE --- */

/* Last one first; branches that part have the same tail. */
struct filter {
    const struct node *node;
    const struct filter *before;
};

/* What one way through the ORs demands. */
struct branch {
    struct value partition; /* VALUE_NONE: nothing yet */
    struct key_range sort;
    const struct filter *filters; /* what else it says */
    size_t filter_count;
    bool has_loose_sort; /* says something of the sort key that is no range */
};

struct branches {
    struct branch *items;
    size_t count;
};

struct planner {
    struct arena *arena;
    const struct partiql_key *key;
};

/* Does every branch name a value of the partition key? */
static bool pins_partition(const struct planner *planner, const struct node *node)
{
    struct comparison comparison;
    switch (node->kind) {
    case NODE_AND:
        for (uint32_t i = 0; i < node->operand_count; i++)
            if (pins_partition(planner, node->operands[i]))
                return true;
        return false;
    case NODE_OR:
        for (uint32_t i = 0; i < node->operand_count; i++)
            if (!pins_partition(planner, node->operands[i]))
                return false;
        return true;
    default:
        return (node->kind == NODE_EQUAL || node->kind == NODE_IN) &&
               read_comparison(node, &comparison) &&
               compares(&comparison, &planner->key->partition);
    }
}

/* Is there a condition on the key that can be read by? */
static bool mentions_key(const struct planner *planner, const struct node *node)
{
    struct comparison comparison;
    if (node->kind == NODE_AND || node->kind == NODE_OR) {
        for (uint32_t i = 0; i < node->operand_count; i++)
            if (mentions_key(planner, node->operands[i]))
                return true;
        return false;
    }
    if (node->kind == NODE_NOT_EQUAL || !read_comparison(node, &comparison))
        return false;
    return compares(&comparison, &planner->key->partition) ||
           compares(&comparison, &planner->key->sort);
}

static const struct error *too_many(const struct planner *planner)
{
    return problem(planner->arena, "Too many decomposed read operations for a given query.");
}

static const struct error *make_branches(const struct planner *planner, size_t count,
                                         struct branches *ret_branches)
{
    if (count > PARTIQL_RANGES_MAX)
        return too_many(planner);
    struct branch *items = ARENA_NEW_ARRAY(planner->arena, struct branch, count);
    if (items == NULL)
        return error_exhausted();
    *ret_branches = (struct branches){items, count};
    return NULL;
}

static bool reads_attribute(void *context, struct path path)
{
    return !slice_equal(*(const struct slice *)context, path.elements[0].name);
}

static const struct error *add_filter(const struct planner *planner, struct branch *branch,
                                      const struct node *node)
{
    struct filter *filter = ARENA_NEW(planner->arena, struct filter);
    if (filter == NULL)
        return error_exhausted();
    *filter = (struct filter){node, branch->filters};
    branch->filters = filter;
    branch->filter_count++;
    struct slice sort = planner->key->sort.name;
    if (slice_present(sort) && !node_visit_paths(node, reads_attribute, &sort))
        branch->has_loose_sort = true;
    return NULL;
}

static const struct error *add_filter_to_all(const struct planner *planner,
                                             struct branches *branches, const struct node *node)
{
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < branches->count; i++)
        error = add_filter(planner, &branches->items[i], node);
    return error;
}

/* A second value of the partition key is left to the WHERE to refuse. */
static const struct error *demand_partition(const struct planner *planner, struct branch *branch,
                                            const struct node *node, struct value value)
{
    if (!value_present(branch->partition))
        branch->partition = value;
    else if (!value_equal(branch->partition, value))
        return add_filter(planner, branch, node);
    return NULL;
}

static const struct error *check_types(const struct planner *planner,
                                       const struct comparison *comparison,
                                       const struct partiql_key_attribute *attribute)
{
    const struct node *node = comparison->node;
    for (uint32_t i = 0; i < node->operand_count; i++) {
        if (node->operands[i]->kind != NODE_VALUE)
            continue;
        const struct error *error =
            partiql_check_key_type(planner->arena, attribute, node->operands[i]->value);
        if (error != NULL)
            return error;
    }
    return NULL;
}

/* One branch for each value of an IN. */
static const struct error *split_list(const struct planner *planner, struct branches *branches,
                                      const struct node *node, bool is_partition)
{
    size_t values = node->operand_count - 1;
    struct branches split;
    const struct error *error = make_branches(planner, branches->count * values, &split);
    for (size_t i = 0; error == NULL && i < split.count; i++) {
        struct branch *branch = &split.items[i];
        *branch = branches->items[i / values];
        struct value operands[2] = {node->operands[1 + i % values]->value, VALUE_NONE};
        if (is_partition)
            error = demand_partition(planner, branch, node, operands[0]);
        else
            key_range_cut(&branch->sort, NODE_EQUAL, operands);
    }
    if (error == NULL)
        *branches = split;
    return error;
}

static const struct error *expand_key(const struct planner *planner, struct branches *branches,
                                      const struct comparison *comparison)
{
    bool is_partition = compares(comparison, &planner->key->partition);
    const struct error *error = check_types(
        planner, comparison, is_partition ? &planner->key->partition : &planner->key->sort);
    if (error != NULL)
        return error;
    if (comparison->kind == NODE_IN)
        return split_list(planner, branches, comparison->node, is_partition);
    for (size_t i = 0; error == NULL && i < branches->count; i++) {
        struct branch *branch = &branches->items[i];
        if (!is_partition)
            key_range_cut(&branch->sort, comparison->kind, comparison->operands);
        else if (comparison->kind == NODE_EQUAL)
            error = demand_partition(planner, branch, comparison->node, comparison->operands[0]);
        else
            error = add_filter(planner, branch, comparison->node);
    }
    return error;
}

static const struct error *expand(const struct planner *planner, const struct node *node,
                                  struct branches *branches);

/* The branches of all operands, one behind the other. */
static const struct error *expand_or(const struct planner *planner, const struct node *node,
                                     struct branches *branches)
{
    struct branches *parts = ARENA_NEW_ARRAY(planner->arena, struct branches, node->operand_count);
    if (parts == NULL)
        return error_exhausted();
    size_t count = 0;
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct error *error = make_branches(planner, branches->count, &parts[i]);
        if (error != NULL)
            return error;
        memcpy(parts[i].items, branches->items, branches->count * sizeof(struct branch));
        error = expand(planner, node->operands[i], &parts[i]);
        if (error != NULL)
            return error;
        count += parts[i].count;
        if (count > PARTIQL_RANGES_MAX)
            return too_many(planner);
    }
    struct branch *all = ARENA_NEW_ARRAY(planner->arena, struct branch, count);
    if (all == NULL)
        return error_exhausted();
    count = 0;
    for (uint32_t i = 0; i < node->operand_count; i++) {
        memcpy(&all[count], parts[i].items, parts[i].count * sizeof(*all));
        count += parts[i].count;
    }
    *branches = (struct branches){all, count};
    return NULL;
}

/* ORs about other attributes than the key's stay whole: they are a filter (observed). */
static const struct error *expand(const struct planner *planner, const struct node *node,
                                  struct branches *branches)
{
    struct comparison comparison;
    if (node->kind == NODE_AND) {
        for (uint32_t i = 0; i < node->operand_count; i++) {
            const struct error *error = expand(planner, node->operands[i], branches);
            if (error != NULL)
                return error;
        }
        return NULL;
    }
    if (mentions_key(planner, node)) {
        if (node->kind == NODE_OR)
            return expand_or(planner, node, branches);
        if (read_comparison(node, &comparison))
            return expand_key(planner, branches, &comparison);
    }
    return add_filter_to_all(planner, branches, node);
}

/* --- from branches to ranges --- */

static int compare_branches(const void *left, const void *right)
{
    const struct branch *one = left;
    const struct branch *other = right;
    int order = value_compare(one->partition, other->partition);
    return order != 0 ? order : key_range_compare(&one->sort, &other->sort);
}

static bool have_same_partition(const struct branch *left, const struct branch *right)
{
    return value_equal(left->partition, right->partition);
}

/* Branches that cannot be read apart, of one partition: one read of the whole partition, for the
 * WHERE to choose from. */
static void merge_partitions(struct branches *branches)
{
    size_t kept = 0;
    for (size_t i = 0; i < branches->count; i++) {
        if (kept > 0 && have_same_partition(&branches->items[kept - 1], &branches->items[i]))
            continue;
        branches->items[kept] = branches->items[i];
        branches->items[kept++].sort = (struct key_range){0};
    }
    branches->count = kept;
}

static bool have_overlap(const struct branches *branches)
{
    for (size_t i = 0; i < branches->count; i++)
        for (size_t j = i + 1; j < branches->count; j++)
            if (have_same_partition(&branches->items[i], &branches->items[j]) &&
                key_ranges_overlap(&branches->items[i].sort, &branches->items[j].sort))
                return true;
    return false;
}

/* Ranges must not overlap, unless a branch says something of the sort key that is no range, such as
 * <> (both observed). */
static const struct error *separate(const struct planner *planner, struct branches *branches)
{
    bool loose = false;
    size_t kept = 0;
    for (size_t i = 0; i < branches->count; i++) {
        loose |= branches->items[i].has_loose_sort;
        if (!key_range_is_empty(&branches->items[i].sort))
            branches->items[kept++] = branches->items[i];
    }
    branches->count = kept;
    qsort(branches->items, branches->count, sizeof(*branches->items), compare_branches);
    if (!have_overlap(branches))
        return NULL;
    if (!loose)
        return problem(planner->arena, "Overlapping conditions with range keys are not supported "
                                       "in where clause");
    merge_partitions(branches);
    return NULL;
}

/* In order of mention. */
static const struct error *list_filters(const struct planner *planner, const struct branch *branch,
                                        struct partiql_range *range)
{
    const struct node **filters =
        ARENA_NEW_ARRAY(planner->arena, const struct node *, branch->filter_count);
    if (filters == NULL)
        return error_exhausted();
    size_t position = branch->filter_count;
    for (const struct filter *filter = branch->filters; filter != NULL; filter = filter->before)
        filters[--position] = filter->node;
    range->filters = filters;
    range->filter_count = branch->filter_count;
    return NULL;
}

static const struct error *make_ranges(const struct planner *planner,
                                       const struct branches *branches, struct partiql_plan *plan)
{
    struct partiql_range *ranges =
        ARENA_NEW_ARRAY(planner->arena, struct partiql_range, branches->count);
    if (ranges == NULL)
        return error_exhausted();
    for (size_t i = 0; i < branches->count; i++) {
        const struct branch *branch = &branches->items[i];
        ranges[i].terms[0] = (struct expr_key_term){
            planner->key->partition.name, EXPR_KEY_EQUAL, {branch->partition, VALUE_NONE}};
        ranges[i].term_count = 1;
        if (key_range_term(&branch->sort, planner->key->sort.name, &ranges[i].terms[1]))
            ranges[i].term_count = 2;
        ranges[i].sort = &branch->sort;
        const struct error *error = list_filters(planner, branch, &ranges[i]);
        if (error != NULL)
            return error;
    }
    plan->ranges = ranges;
    plan->range_count = branches->count;
    return NULL;
}

/* --- ORDER BY --- */

static const struct partiql_order *find_order(const struct partiql_statement *statement,
                                              struct slice name)
{
    for (size_t i = 0; slice_present(name) && i < statement->order_count; i++)
        if (slice_equal(statement->orders[i].name, name))
            return &statement->orders[i];
    return NULL;
}

static const struct error *check_order(struct arena *arena,
                                       const struct partiql_statement *statement,
                                       const struct partiql_key *key, bool keyed)
{
    if (statement->order_count == 0)
        return NULL;
    if (statement->where == NULL)
        return problem(arena,
                       "Must have WHERE clause in the statement when using ORDER BY clause.");
    for (size_t i = 0; i < statement->order_count; i++) {
        struct slice name = statement->orders[i].name;
        if (!slice_equal(name, key->partition.name) && !slice_equal(name, key->sort.name))
            return problem(arena,
                           "Attribute %.*s in ORDER BY clause must be part of the primary "
                           "key",
                           SLICE_PRINT(name));
    }
    if (keyed)
        return NULL;
    return problem(arena, "Must have at least one non-optional hash key condition in WHERE clause "
                          "when using ORDER BY clause.");
}

static size_t count_partitions(const struct branches *branches)
{
    size_t count = 0;
    for (size_t i = 0; i < branches->count; i++)
        count += i == 0 || !have_same_partition(&branches->items[i - 1], &branches->items[i]);
    return count;
}

static void reverse(struct branch *items, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct branch other = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = other;
    }
}

/* Branches stand ascending. ORDER BY without the sort key reads each partition backward, whatever
 * it says of the partition key (observed). */
static const struct error *order_branches(const struct planner *planner,
                                          const struct partiql_statement *statement,
                                          struct branches *branches, struct partiql_plan *plan)
{
    if (statement->order_count == 0)
        return NULL;
    const struct partiql_order *partition = find_order(statement, planner->key->partition.name);
    const struct partiql_order *sort = find_order(statement, planner->key->sort.name);
    if (partition == NULL && count_partitions(branches) > 1)
        return problem(planner->arena,
                       "Must have hash key in ORDER BY clause when more than one hash key "
                       "condition specified in WHERE clause.");
    plan->backward = sort == NULL || sort->descending;
    bool partitions_backward = partition != NULL && partition->descending;
    if (partitions_backward)
        reverse(branches->items, branches->count);
    if (partitions_backward == plan->backward)
        return NULL;
    for (size_t first = 0, end; first < branches->count; first = end) {
        for (end = first + 1; end < branches->count; end++)
            if (!have_same_partition(&branches->items[first], &branches->items[end]))
                break;
        reverse(&branches->items[first], end - first);
    }
    return NULL;
}

/* --- the plan --- */

static const struct error *plan_keyed(const struct planner *planner,
                                      const struct partiql_statement *statement,
                                      struct partiql_plan *plan)
{
    struct branches branches;
    const struct error *error = make_branches(planner, 1, &branches);
    if (error == NULL)
        error = expand(planner, statement->where->root, &branches);
    if (error == NULL)
        error = separate(planner, &branches);
    if (error == NULL)
        error = order_branches(planner, statement, &branches, plan);
    if (error == NULL)
        error = make_ranges(planner, &branches, plan);
    return error;
}

const struct error *partiql_plan_select(struct arena *arena,
                                        const struct partiql_statement *statement,
                                        const struct partiql_key *key,
                                        struct partiql_plan *ret_plan)
{
    struct partiql_plan plan = {0};
    struct planner planner = {.arena = arena, .key = key};
    if (statement->where != NULL)
        plan.keyed = pins_partition(&planner, statement->where->root);
    const struct error *error = check_order(arena, statement, key, plan.keyed);
    if (error == NULL && plan.keyed)
        error = plan_keyed(&planner, statement, &plan);
    if (error == NULL)
        *ret_plan = plan;
    return error;
}

bool partiql_range_has(const struct partiql_range *range, struct value sort)
{
    return !value_present(sort) || key_range_has(range->sort, sort);
}

void partiql_range_visit_filters(const struct partiql_range *range, expr_visit_path *visit,
                                 void *context)
{
    for (size_t i = 0; i < range->filter_count; i++)
        if (!node_visit_paths(range->filters[i], visit, context))
            return;
}
