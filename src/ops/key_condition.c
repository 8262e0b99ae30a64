#include "ops/key_condition.h"

#include "ops/validation_error.h"

#define WORDS_INVALID "Invalid KeyConditionExpression: "

static const struct db_key_schema *key_of(const struct db_read *read)
{
    return read->index != NULL ? &read->index->key : &read->table->key;
}

static const struct expr_key_term *find_term(const struct expr_key_condition *condition,
                                             struct slice name)
{
    for (size_t i = 0; i < condition->count; i++)
        if (slice_equal(condition->terms[i].name, name))
            return &condition->terms[i];
    return NULL;
}

static size_t operand_count(const struct expr_key_term *term)
{
    return term->operator== EXPR_KEY_BETWEEN ? 2 : 1;
}

static const struct error *missed(const struct op_call *call, const struct db_attribute *attribute)
{
    return op_validation_error(call, "Query condition missed key schema element: %.*s",
                               SLICE_PRINT(attribute->name));
}

static const struct error *not_supported(const struct op_call *call)
{
    return op_validation_error(call, "Query key condition not supported");
}

static const struct error *check_empty(const struct op_call *call, const struct db_read *read,
                                       const struct db_attribute *attribute, struct value value)
{
    if (value.type == VALUE_NUMBER || value.body.size > 0)
        return NULL;
    const char *type = value.type == VALUE_STRING ? "string" : "binary";
    if (read->index == NULL || db_key_schema_has(&read->table->key, attribute->name))
        return op_validation_error(call,
                                   "One or more parameter values are not valid. The "
                                   "AttributeValue for a key attribute cannot contain an empty %s "
                                   "value. Key: %.*s",
                                   type, SLICE_PRINT(attribute->name));
    return op_validation_error(call,
                               "One or more parameter values are not valid. A value specified for "
                               "a secondary index key is not supported. The AttributeValue for a "
                               "key attribute cannot contain an empty %s value. IndexName: %.*s, "
                               "IndexKey: %.*s",
                               type, SLICE_PRINT(read->index->name), SLICE_PRINT(attribute->name));
}

static const struct error *check_operands(const struct op_call *call, const struct db_read *read,
                                          const struct db_attribute *attribute,
                                          const struct expr_key_term *term, bool is_partition)
{
    if (term->operator== EXPR_KEY_NOT_INDEXABLE)
        return op_validation_error(
            call, "Attempted conditional constraint is not an indexable operation");
    for (size_t i = 0; i < operand_count(term); i++) {
        struct value value = term->operand[i];
        if (value.type != attribute->type)
            return op_validation_error(call, "One or more parameter values were invalid: Condition "
                                             "parameter type does not match schema type");
        const struct error *error = check_empty(call, read, attribute, value);
        if (error != NULL)
            return error;
        if (is_partition && value.body.size > DB_PARTITION_KEY_BYTES_MAX)
            return op_validation_error(call,
                                       "One or more parameter values were invalid: Size of hashkey "
                                       "has exceeded the maximum size limit of2048 bytes");
        if (!is_partition && value.body.size > DB_SORT_KEY_BYTES_MAX)
            return op_validation_error(call,
                                       "One or more parameter values were invalid: Aggregated size "
                                       "of all range keys has exceeded the size limit of 1024 "
                                       "bytes");
    }
    return NULL;
}

static const struct error *match_partition(const struct op_call *call,
                                           const struct expr_key_condition *condition,
                                           const struct db_key_schema *schema, struct db_read *read)
{
    for (size_t i = 0; i < schema->partition_count; i++) {
        const struct db_attribute *attribute = &schema->partition[i];
        const struct expr_key_term *term = find_term(condition, attribute->name);
        if (term == NULL)
            return missed(call, attribute);
        const struct error *error = check_operands(call, read, attribute, term, true);
        if (error != NULL)
            return error;
        if (term->operator!= EXPR_KEY_EQUAL)
            return not_supported(call);
        read->partition[i] = term->operand[0];
    }
    return NULL;
}

static enum db_sort_operator sort_operator_of(enum expr_key_operator operator)
{
    switch (operator) {
    case EXPR_KEY_EQUAL:
        return DB_SORT_EQUAL;
    case EXPR_KEY_LESS:
        return DB_SORT_LESS;
    case EXPR_KEY_LESS_OR_EQUAL:
        return DB_SORT_LESS_OR_EQUAL;
    case EXPR_KEY_GREATER:
        return DB_SORT_GREATER;
    case EXPR_KEY_GREATER_OR_EQUAL:
        return DB_SORT_GREATER_OR_EQUAL;
    case EXPR_KEY_BETWEEN:
        return DB_SORT_BETWEEN;
    case EXPR_KEY_BEGINS_WITH:
        return DB_SORT_BEGINS_WITH;
    case EXPR_KEY_NOT_INDEXABLE:
        break;
    }
    return DB_SORT_ANY;
}

/* The names of the sort key attributes before that place which have no equality. */
static const struct error *gap_before(const struct op_call *call,
                                      const struct expr_key_condition *condition,
                                      const struct db_key_schema *schema, size_t place)
{
    struct buf names;
    buf_init(&names, call->arena, SIZE_MAX);
    for (size_t i = 0; i < place; i++) {
        const struct expr_key_term *term = find_term(condition, schema->sort[i].name);
        if (term != NULL && term->operator== EXPR_KEY_EQUAL)
            continue;
        if (names.size > 0)
            buf_append(&names, SLICE(", "));
        buf_append(&names, schema->sort[i].name);
    }
    if (names.failed)
        return error_exhausted();
    if (names.size == 0)
        return NULL;
    return op_validation_error(call,
                               "RANGE key attributes %.*s must have equality conditions specified "
                               "in the query because a condition is present on key attribute %.*s",
                               SLICE_PRINT(buf_slice(&names)),
                               SLICE_PRINT(schema->sort[place].name));
}

static const struct error *check_gaps(const struct op_call *call,
                                      const struct expr_key_condition *condition,
                                      const struct db_key_schema *schema)
{
    for (size_t i = 1; i < schema->sort_count; i++) {
        if (find_term(condition, schema->sort[i].name) == NULL)
            continue;
        const struct error *error = gap_before(call, condition, schema, i);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static const struct error *match_sort(const struct op_call *call,
                                      const struct expr_key_condition *condition,
                                      const struct db_key_schema *schema, struct db_read *read)
{
    size_t used = schema->partition_count;
    for (size_t i = 0; i < schema->sort_count && used < condition->count; i++) {
        const struct db_attribute *attribute = &schema->sort[i];
        const struct expr_key_term *term = find_term(condition, attribute->name);
        if (term == NULL)
            return missed(call, attribute);
        const struct error *error = check_operands(call, read, attribute, term, false);
        if (error != NULL)
            return error;
        used++;
        if (term->operator== EXPR_KEY_EQUAL) {
            read->sort_equal[read->sort_equal_count++] = term->operand[0];
            continue;
        }
        read->sort_operator = sort_operator_of(term->operator);
        read->sort_operand[0] = term->operand[0];
        read->sort_operand[1] = term->operand[1];
        break;
    }
    return used == condition->count ? NULL : not_supported(call);
}

static const struct error *check_count(const struct op_call *call,
                                       const struct expr_key_condition *condition,
                                       const struct db_read *read, bool is_legacy)
{
    const struct db_key_schema *schema = key_of(read);
    size_t attributes = (size_t)schema->partition_count + schema->sort_count;
    if (condition->count <= attributes)
        return NULL;
    if (op_is_new_wording(call) && !is_legacy)
        return op_validation_error(call,
                                   "The number of query conditions (%zu) exceeds the number of key "
                                   "attributes defined in the schema (%zu)",
                                   condition->count, attributes);
    if (attributes <= 2 && condition->count > 2)
        return op_validation_error(call, "Conditions can be of length 1 or 2 only");
    return not_supported(call);
}

const struct error *op_key_condition_error(const struct op_call *call, const struct error *error)
{
    if (error == NULL || error->kind != ERROR_VALIDATION || !op_is_new_wording(call) ||
        slice_starts_with(error->message, SLICE(WORDS_INVALID)))
        return error;
    return op_validation_error(call, WORDS_INVALID "%.*s", SLICE_PRINT(error->message));
}

const struct error *op_key_condition_match(const struct op_call *call,
                                           const struct expr_key_condition *condition,
                                           bool is_legacy, struct db_read *read)
{
    const struct db_key_schema *schema = key_of(read);
    bool has_start = slice_present(read->exclusive_start);
    read->sort_equal_count = 0;
    read->sort_operator = DB_SORT_ANY;
    const struct error *error = NULL;
    if (has_start)
        error = db_read_check_start_count(read, call->arena);
    if (error == NULL && has_start)
        error = db_read_check_start_partition(read, call->arena);
    if (error == NULL)
        error = check_count(call, condition, read, is_legacy);
    if (error == NULL)
        error = match_partition(call, condition, schema, read);
    if (error == NULL && has_start)
        error = db_read_check_start_sort(read, call->arena);
    if (error == NULL)
        error = check_gaps(call, condition, schema);
    if (error == NULL)
        error = match_sort(call, condition, schema, read);
    return error;
}
