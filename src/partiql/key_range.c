#include "partiql/key_range.h"

static void raise_low(struct key_range *range, struct value value, bool open)
{
    int order = value_present(range->low) ? value_compare(value, range->low) : 1;
    if (order > 0 || (order == 0 && open)) {
        range->low = value;
        range->low_open = open;
    }
}

static void lower_high(struct key_range *range, struct value value, bool open)
{
    int order = value_present(range->high) ? value_compare(value, range->high) : -1;
    if (order < 0 || (order == 0 && open)) {
        range->high = value;
        range->high_open = open;
    }
}

/* Of two prefixes the longer counts; that they may not agree shows when they are read. */
static void set_prefix(struct key_range *range, struct value prefix)
{
    if (!value_present(range->prefix) || prefix.body.size > range->prefix.body.size)
        range->prefix = prefix;
}

void key_range_cut(struct key_range *range, enum node_kind kind, const struct value operands[2])
{
    if (kind == NODE_EQUAL || kind == NODE_GREATER_OR_EQUAL || kind == NODE_BETWEEN)
        raise_low(range, operands[0], false);
    if (kind == NODE_GREATER)
        raise_low(range, operands[0], true);
    if (kind == NODE_EQUAL || kind == NODE_LESS_OR_EQUAL)
        lower_high(range, operands[0], false);
    if (kind == NODE_LESS)
        lower_high(range, operands[0], true);
    if (kind == NODE_BETWEEN)
        lower_high(range, operands[1], false);
    if (kind == NODE_CALL)
        set_prefix(range, operands[0]);
}

bool key_range_is_empty(const struct key_range *range)
{
    if (!value_present(range->low) || !value_present(range->high))
        return false;
    int order = value_compare(range->low, range->high);
    return order > 0 || (order == 0 && (range->low_open || range->high_open));
}

bool key_range_has(const struct key_range *range, struct value value)
{
    if (value_present(range->low)) {
        int order = value_compare(value, range->low);
        if (order < 0 || (order == 0 && range->low_open))
            return false;
    }
    if (value_present(range->high)) {
        int order = value_compare(value, range->high);
        if (order > 0 || (order == 0 && range->high_open))
            return false;
    }
    return !value_present(range->prefix) || slice_starts_with(value.body, range->prefix.body);
}

/* Where the range begins: at low or at the prefix, whichever is later. */
static struct value start_of(const struct key_range *range, bool *ret_open)
{
    *ret_open = range->low_open;
    if (!value_present(range->prefix))
        return range->low;
    if (value_present(range->low) && value_compare(range->low, range->prefix) >= 0)
        return range->low;
    *ret_open = false;
    return range->prefix;
}

/* Is there room in the range at or behind the start of another? */
static bool reaches(const struct key_range *range, struct value start, bool start_open)
{
    if (!value_present(start))
        return true;
    if (value_present(range->prefix) && value_compare(start, range->prefix) > 0 &&
        !slice_starts_with(start.body, range->prefix.body))
        return false;
    if (!value_present(range->high))
        return true;
    int order = value_compare(start, range->high);
    return order < 0 || (order == 0 && !start_open && !range->high_open);
}

bool key_ranges_overlap(const struct key_range *left, const struct key_range *right)
{
    bool left_open, right_open;
    struct value left_start = start_of(left, &left_open);
    struct value right_start = start_of(right, &right_open);
    return reaches(left, right_start, right_open) && reaches(right, left_start, left_open);
}

int key_range_compare(const struct key_range *left, const struct key_range *right)
{
    bool left_open, right_open;
    struct value left_start = start_of(left, &left_open);
    struct value right_start = start_of(right, &right_open);
    if (!value_present(left_start) || !value_present(right_start))
        return (int)value_present(left_start) - (int)value_present(right_start);
    int order = value_compare(left_start, right_start);
    return order != 0 ? order : (int)left_open - (int)right_open;
}

bool key_range_term(const struct key_range *range, struct slice name,
                    struct expr_key_term *ret_term)
{
    struct expr_key_term term = {.name = name};
    bool low = value_present(range->low), high = value_present(range->high);
    if (low && high) {
        term.operator= value_equal(range->low, range->high) ? EXPR_KEY_EQUAL : EXPR_KEY_BETWEEN;
        term.operand[0] = range->low;
        term.operand[1] = range->high;
    } else if (value_present(range->prefix)) {
        term.operator= EXPR_KEY_BEGINS_WITH;
        term.operand[0] = range->prefix;
    } else if (low) {
        term.operator= range->low_open ? EXPR_KEY_GREATER : EXPR_KEY_GREATER_OR_EQUAL;
        term.operand[0] = range->low;
    } else if (high) {
        term.operator= range->high_open ? EXPR_KEY_LESS : EXPR_KEY_LESS_OR_EQUAL;
        term.operand[0] = range->high;
    } else {
        return false;
    }
    *ret_term = term;
    return true;
}
