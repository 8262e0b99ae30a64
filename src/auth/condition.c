#include "auth/condition.h"

#include "auth/letters.h"
#include "base/base64.h"

/* How one value of a request and one operand compare. */
enum relation {
    RELATION_NONE, /* one of them is not of the operator's type */
    RELATION_LESS,
    RELATION_EQUAL,
    RELATION_GREATER, /* or, where there is no order, just not equal */
};

struct operand_type {
    const struct error *(*read)(struct arena *arena, struct slice text, unsigned features,
                                struct auth_operand *operand);
    /* Of the value to the operand, which has no variables. NULL: the operator looks at no value. */
    enum relation (*compare)(const struct auth_operand *operand, struct slice value);
};

/* Bits of the relations at which an operator holds. */
enum {
    LESS = 1 << RELATION_LESS,
    EQUAL = 1 << RELATION_EQUAL,
    GREATER = 1 << RELATION_GREATER,
};

struct auth_operator {
    struct slice name;
    const struct operand_type *type;
    unsigned holds_at;
    bool is_negated; /* holds when the rest of the row does for none of the operands */
};

static const struct error *read_text(struct arena *arena, struct slice text, unsigned features,
                                     struct auth_operand *operand)
{
    operand->is_good = true;
    return auth_pattern_read(arena, text, features & ~(unsigned)AUTH_PATTERN_WILDCARDS,
                             &operand->pattern);
}

static const struct error *read_like(struct arena *arena, struct slice text, unsigned features,
                                     struct auth_operand *operand)
{
    operand->is_good = true;
    return auth_pattern_read(arena, text, features | AUTH_PATTERN_WILDCARDS, &operand->pattern);
}

static const struct error *read_arn(struct arena *arena, struct slice text, unsigned features,
                                    struct auth_operand *operand)
{
    const struct error *error =
        auth_arn_pattern_read(arena, text, false, features | AUTH_PATTERN_WILDCARDS, &operand->arn);
    operand->is_good = error == NULL && operand->arn.is_arn;
    return error;
}

static const struct error *read_number(struct arena *arena, struct slice text, unsigned features,
                                       struct auth_operand *operand)
{
    (void)arena;
    (void)features;
    operand->is_good = auth_read_number(text, &operand->number);
    return NULL;
}

static const struct error *read_date(struct arena *arena, struct slice text, unsigned features,
                                     struct auth_operand *operand)
{
    (void)arena;
    (void)features;
    operand->is_good = auth_read_date(text, &operand->date_ms);
    return NULL;
}

static const struct error *read_bool(struct arena *arena, struct slice text, unsigned features,
                                     struct auth_operand *operand)
{
    (void)arena;
    (void)features;
    operand->is_good = auth_read_bool(text, &operand->is_true);
    return NULL;
}

/* A policy has binary values as base64. */
static const struct error *read_binary(struct arena *arena, struct slice text, unsigned features,
                                       struct auth_operand *operand)
{
    (void)features;
    uint8_t *bytes = arena_alloc_bytes(arena, base64_decoded_size_max(text.size));
    size_t size;
    if (bytes == NULL)
        return error_exhausted();
    operand->is_good = base64_decode(text, bytes, &size);
    if (operand->is_good)
        operand->binary = slice_of(bytes, size);
    return NULL;
}

static const struct error *read_network(struct arena *arena, struct slice text, unsigned features,
                                        struct auth_operand *operand)
{
    (void)arena;
    (void)features;
    operand->is_good = auth_read_network(text, &operand->network);
    return NULL;
}

static enum relation equal_or_not(bool is_equal)
{
    return is_equal ? RELATION_EQUAL : RELATION_GREATER;
}

static enum relation ordered(int order)
{
    return order < 0 ? RELATION_LESS : order == 0 ? RELATION_EQUAL : RELATION_GREATER;
}

static enum relation compare_text(const struct auth_operand *operand, struct slice value)
{
    return equal_or_not(auth_pattern_matches(&operand->pattern, value));
}

static enum relation compare_ignoring_case(const struct auth_operand *operand, struct slice value)
{
    /* Without wildcards a pattern is one text, or none. */
    const struct auth_pattern *pattern = &operand->pattern;
    struct slice text = pattern->count > 0 ? pattern->pieces[0].text : SLICE("");
    return equal_or_not(auth_equal_ignoring_case(text, value));
}

static enum relation compare_arn(const struct auth_operand *operand, struct slice value)
{
    struct auth_arn arn;
    if (!auth_arn_read(value, &arn))
        return RELATION_NONE;
    return equal_or_not(auth_arn_pattern_matches(&operand->arn, &arn));
}

static enum relation compare_number(const struct auth_operand *operand, struct slice value)
{
    struct num number;
    if (!auth_read_number(value, &number))
        return RELATION_NONE;
    return ordered(num_compare(&number, &operand->number));
}

static enum relation compare_date(const struct auth_operand *operand, struct slice value)
{
    int64_t ms;
    if (!auth_read_date(value, &ms))
        return RELATION_NONE;
    return ordered((ms > operand->date_ms) - (ms < operand->date_ms));
}

static enum relation compare_bool(const struct auth_operand *operand, struct slice value)
{
    bool is_true;
    return auth_read_bool(value, &is_true) ? equal_or_not(is_true == operand->is_true)
                                           : RELATION_NONE;
}

static enum relation compare_binary(const struct auth_operand *operand, struct slice value)
{
    return equal_or_not(slice_equal(operand->binary, value));
}

static enum relation compare_address(const struct auth_operand *operand, struct slice value)
{
    struct auth_address address;
    if (!auth_read_address(value, &address))
        return RELATION_NONE;
    return equal_or_not(auth_network_contains(&operand->network, &address));
}

static const struct operand_type type_text = {read_text, compare_text};
static const struct operand_type type_any_case = {read_text, compare_ignoring_case};
static const struct operand_type type_like = {read_like, compare_text};
static const struct operand_type type_number = {read_number, compare_number};
static const struct operand_type type_date = {read_date, compare_date};
static const struct operand_type type_boolean = {read_bool, compare_bool};
static const struct operand_type type_binary = {read_binary, compare_binary};
static const struct operand_type type_address = {read_network, compare_address};
static const struct operand_type type_arn = {read_arn, compare_arn};
static const struct operand_type type_missing = {read_bool, NULL};

/* ArnEquals and ArnLike are the same (IAM user guide, "ARN condition operators"). */
static const struct auth_operator operators[] = {
    {SLICE_INIT("StringEquals"), &type_text, EQUAL, false},
    {SLICE_INIT("StringNotEquals"), &type_text, EQUAL, true},
    {SLICE_INIT("StringEqualsIgnoreCase"), &type_any_case, EQUAL, false},
    {SLICE_INIT("StringNotEqualsIgnoreCase"), &type_any_case, EQUAL, true},
    {SLICE_INIT("StringLike"), &type_like, EQUAL, false},
    {SLICE_INIT("StringNotLike"), &type_like, EQUAL, true},
    {SLICE_INIT("NumericEquals"), &type_number, EQUAL, false},
    {SLICE_INIT("NumericNotEquals"), &type_number, EQUAL, true},
    {SLICE_INIT("NumericLessThan"), &type_number, LESS, false},
    {SLICE_INIT("NumericLessThanEquals"), &type_number, LESS | EQUAL, false},
    {SLICE_INIT("NumericGreaterThan"), &type_number, GREATER, false},
    {SLICE_INIT("NumericGreaterThanEquals"), &type_number, GREATER | EQUAL, false},
    {SLICE_INIT("DateEquals"), &type_date, EQUAL, false},
    {SLICE_INIT("DateNotEquals"), &type_date, EQUAL, true},
    {SLICE_INIT("DateLessThan"), &type_date, LESS, false},
    {SLICE_INIT("DateLessThanEquals"), &type_date, LESS | EQUAL, false},
    {SLICE_INIT("DateGreaterThan"), &type_date, GREATER, false},
    {SLICE_INIT("DateGreaterThanEquals"), &type_date, GREATER | EQUAL, false},
    {SLICE_INIT("Bool"), &type_boolean, EQUAL, false},
    {SLICE_INIT("BinaryEquals"), &type_binary, EQUAL, false},
    {SLICE_INIT("IpAddress"), &type_address, EQUAL, false},
    {SLICE_INIT("NotIpAddress"), &type_address, EQUAL, true},
    {SLICE_INIT("ArnEquals"), &type_arn, EQUAL, false},
    {SLICE_INIT("ArnNotEquals"), &type_arn, EQUAL, true},
    {SLICE_INIT("ArnLike"), &type_arn, EQUAL, false},
    {SLICE_INIT("ArnNotLike"), &type_arn, EQUAL, true},
    {SLICE_INIT("Null"), &type_missing, EQUAL, false},
};

static const struct auth_operator *find_operator(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        if (auth_equal_ignoring_case(operators[i].name, name))
            return &operators[i];
    }
    return NULL;
}

bool auth_condition_read_operator(struct slice name, struct auth_condition *condition)
{
    static const struct {
        struct slice prefix;
        enum auth_set set;
    } sets[] = {
        {SLICE_INIT("ForAllValues:"), AUTH_SET_ALL},
        {SLICE_INIT("ForAnyValue:"), AUTH_SET_ANY},
    };
    struct slice suffix = SLICE("IfExists");
    enum auth_set set = AUTH_SET_NONE;
    for (size_t i = 0; i < COUNT_OF(sets) && set == AUTH_SET_NONE; i++) {
        if (!auth_starts_with_ignoring_case(name, sets[i].prefix))
            continue;
        set = sets[i].set;
        name = slice_after(name, sets[i].prefix.size);
    }
    bool if_exists = name.size > suffix.size &&
                     auth_equal_ignoring_case(slice_after(name, name.size - suffix.size), suffix);
    if (if_exists)
        name.size -= suffix.size;
    const struct auth_operator *row = find_operator(name);
    if (row == NULL || (if_exists && row->type == &type_missing))
        return false;
    *condition = (struct auth_condition){.row = row, .set = set, .if_exists = if_exists};
    return true;
}

bool auth_condition_has_wildcards(const struct auth_condition *condition)
{
    return condition->row->type == &type_like || condition->row->type == &type_arn;
}

bool auth_condition_compares_dates(const struct auth_condition *condition)
{
    return condition->row->type == &type_date;
}

const struct error *auth_condition_read_operand(struct arena *arena,
                                                const struct auth_condition *condition,
                                                struct slice text, unsigned features,
                                                struct auth_operand *ret_operand)
{
    *ret_operand = (struct auth_operand){0};
    return condition->row->type->read(arena, text, features, ret_operand);
}

const struct auth_pattern *auth_condition_patterns(const struct auth_condition *condition,
                                                   const struct auth_operand *operand,
                                                   size_t *ret_count)
{
    const struct operand_type *type = condition->row->type;
    bool is_text = type == &type_text || type == &type_any_case || type == &type_like;
    *ret_count = is_text ? 1 : type == &type_arn && operand->is_good ? AUTH_ARN_PARTS : 0;
    if (*ret_count == 0)
        return NULL;
    return is_text ? &operand->pattern : operand->arn.parts;
}

/* The operands without variables. One with a variable that has no value equals nothing (IAM user
 * guide, "Policy variables with no value"). */
static const struct error *fill_operands(const struct auth_condition *condition,
                                         const struct auth_scope *scope,
                                         const struct auth_operand **ret_operands)
{
    *ret_operands = condition->operands;
    if (!condition->has_variables)
        return NULL;
    struct auth_operand *filled =
        ARENA_NEW_ARRAY(scope->arena, struct auth_operand, condition->operand_count);
    if (filled == NULL)
        return error_exhausted();
    void *context = (void *)(uintptr_t)scope;
    for (size_t i = 0; i < condition->operand_count; i++) {
        const struct auth_operand *operand = &condition->operands[i];
        const struct error *error = NULL;
        bool is_known = true;
        filled[i].is_good = operand->is_good;
        if (condition->row->type != &type_arn)
            error = auth_pattern_fill(&operand->pattern, scope->arena, auth_scope_variable, context,
                                      &filled[i].pattern, &is_known);
        else if (operand->is_good)
            error = auth_arn_pattern_fill(&operand->arn, scope->arena, auth_scope_variable, context,
                                          &filled[i].arn, &is_known);
        if (error != NULL)
            return error;
        filled[i].is_unknown = !is_known;
    }
    *ret_operands = filled;
    return NULL;
}

/* Does the operator hold for this value of the key, whatever set it is in? */
static bool holds_for(const struct auth_condition *condition, const struct auth_operand *operands,
                      struct slice value)
{
    const struct auth_operator *row = condition->row;
    bool is_comparable = true;
    for (size_t i = 0; i < condition->operand_count; i++) {
        if (operands[i].is_unknown)
            continue;
        enum relation relation = RELATION_NONE;
        if (operands[i].is_good)
            relation = row->type->compare(&operands[i], value);
        if (relation == RELATION_NONE)
            is_comparable = false;
        else if ((row->holds_at & (1u << relation)) != 0)
            return !row->is_negated;
    }
    return row->is_negated && is_comparable;
}

/* "Null": {key: "true"}: the key is missing. */
static bool holds_for_missing(const struct auth_condition *condition, bool is_missing)
{
    for (size_t i = 0; i < condition->operand_count; i++) {
        const struct auth_operand *operand = &condition->operands[i];
        if (operand->is_good && operand->is_true == is_missing)
            return true;
    }
    return false;
}

static bool holds_without_value(const struct auth_condition *condition)
{
    switch (condition->set) {
    case AUTH_SET_ALL:
        return true;
    case AUTH_SET_ANY:
        return condition->if_exists;
    default:
        return condition->if_exists || condition->row->is_negated;
    }
}

const struct error *auth_condition_holds(const struct auth_condition *condition,
                                         const struct auth_scope *scope, bool *ret_holds)
{
    struct auth_values values;
    const struct error *error = auth_scope_find(scope, condition->key, &values);
    if (error != NULL)
        return error;
    if (condition->row->type == &type_missing) {
        *ret_holds = holds_for_missing(condition, values.count == 0);
        return NULL;
    }
    /* To set operators an empty text is no value. */
    bool is_empty =
        condition->set != AUTH_SET_NONE && values.count == 1 && values.items[0].size == 0;
    if (values.count == 0 || is_empty) {
        *ret_holds = holds_without_value(condition);
        return NULL;
    }
    if (condition->set == AUTH_SET_NONE && values.count > 1) {
        *ret_holds = false;
        return NULL;
    }
    const struct auth_operand *operands;
    error = fill_operands(condition, scope, &operands);
    if (error != NULL)
        return error;
    bool is_enough = condition->set == AUTH_SET_ANY; /* for a value to hold, or not to */
    bool holds = !is_enough;
    for (size_t i = 0; i < values.count && holds != is_enough; i++)
        holds = holds_for(condition, operands, values.items[i]);
    *ret_holds = holds;
    return NULL;
}
