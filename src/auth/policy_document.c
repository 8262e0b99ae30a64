#include "auth/policy_document.h"

#include "json/json_reader.h"

/* Statement: [{Condition: {operator: {key: [value]}}}] and what surrounds it is six deep. */
enum { DEPTH_MAX = 8 };

struct parser {
    struct json_reader json;
    enum policy_document_problem problem; /* the first one; reading goes on, but means nothing */
};

static void fail(struct parser *parser, enum policy_document_problem problem)
{
    if (parser->problem == POLICY_DOCUMENT_GOOD)
        parser->problem = problem;
}

/* How many elements the array, or members the object, has that comes next. */
static size_t count_inside(const struct parser *parser)
{
    struct json_reader ahead = parser->json;
    struct slice name;
    size_t count = 0;
    if (json_peek(&ahead) == JSON_ARRAY) {
        for (json_enter_array(&ahead); json_next_element(&ahead); json_skip(&ahead))
            count++;
    } else {
        for (json_enter_object(&ahead); json_next_member(&ahead, &name); json_skip(&ahead))
            count++;
    }
    return count;
}

static void *allocate(struct parser *parser, size_t count, size_t size)
{
    void *items = arena_alloc_zeroed(parser->json.arena, count, size);
    if (items == NULL)
        fail(parser, POLICY_DOCUMENT_EXHAUSTED);
    return items;
}

static struct slice take_string(struct parser *parser)
{
    if (json_peek(&parser->json) == JSON_STRING)
        return json_read_string(&parser->json);
    fail(parser, POLICY_DOCUMENT_SYNTAX);
    json_skip(&parser->json);
    return SLICE_ABSENT;
}

/* The value of a condition: IAM takes booleans and numbers without quotes as well. */
static struct slice take_scalar(struct parser *parser)
{
    switch (json_peek(&parser->json)) {
    case JSON_TRUE:
        json_read_literal(&parser->json);
        return SLICE("true");
    case JSON_FALSE:
        json_read_literal(&parser->json);
        return SLICE("false");
    case JSON_NUMBER:
        return json_read_number(&parser->json);
    default:
        return take_string(parser);
    }
}

/* One text or a list of them. */
static void take_texts(struct parser *parser, struct slice (*take)(struct parser *parser),
                       struct policy_texts *ret_texts)
{
    bool is_list = json_peek(&parser->json) == JSON_ARRAY;
    size_t count = is_list ? count_inside(parser) : 1;
    struct slice *items = allocate(parser, count, sizeof(*items));
    if (items == NULL)
        return;
    *ret_texts = (struct policy_texts){items, count};
    if (!is_list) {
        items[0] = take(parser);
        return;
    }
    json_enter_array(&parser->json);
    for (size_t i = 0; json_next_element(&parser->json); i++)
        items[i] = take(parser);
}

/* Enters the object that comes next; false: there is none. */
static bool enter_object(struct parser *parser)
{
    if (json_peek(&parser->json) == JSON_OBJECT) {
        json_enter_object(&parser->json);
        return true;
    }
    fail(parser, POLICY_DOCUMENT_SYNTAX);
    json_skip(&parser->json);
    return false;
}

static bool is_principal_type(struct slice name)
{
    return slice_equal(name, SLICE("AWS")) || slice_equal(name, SLICE("Service")) ||
           slice_equal(name, SLICE("Federated")) || slice_equal(name, SLICE("CanonicalUser"));
}

/* {type: value, or list of values} */
static void take_principal_map(struct parser *parser, struct document_principals *principals)
{
    size_t type_count = count_inside(parser);
    struct policy_texts *values = allocate(parser, type_count, sizeof(*values));
    struct slice *types = allocate(parser, type_count, sizeof(*types));
    if (values == NULL || types == NULL || !enter_object(parser))
        return;
    size_t total = 0;
    for (size_t i = 0; json_next_member(&parser->json, &types[i]); i++) {
        if (!is_principal_type(types[i]))
            fail(parser, POLICY_DOCUMENT_SYNTAX);
        for (size_t other = 0; other < i; other++) {
            if (slice_equal(types[other], types[i]))
                fail(parser, POLICY_DOCUMENT_SYNTAX);
        }
        take_texts(parser, take_string, &values[i]);
        total += values[i].count;
    }
    struct document_principal *items = allocate(parser, total, sizeof(*items));
    if (items == NULL)
        return;
    size_t count = 0;
    for (size_t i = 0; i < type_count; i++) {
        for (size_t k = 0; k < values[i].count; k++)
            items[count++] = (struct document_principal){types[i], values[i].items[k]};
    }
    principals->items = items;
    principals->count = count;
}

static void take_principals(struct parser *parser, void *element)
{
    struct document_principals *principals = element;
    principals->is_present = true;
    if (json_peek(&parser->json) != JSON_STRING) {
        take_principal_map(parser, principals);
        return;
    }
    if (!slice_equal(take_string(parser), SLICE("*")))
        fail(parser, POLICY_DOCUMENT_SYNTAX);
    struct document_principal *anyone = allocate(parser, 1, sizeof(*anyone));
    if (anyone == NULL)
        return;
    *anyone = (struct document_principal){SLICE("AWS"), SLICE("*")};
    principals->is_text = true;
    principals->items = anyone;
    principals->count = 1;
}

/* How many keys all operators of the Condition have together that comes next. */
static size_t count_conditions(const struct parser *parser)
{
    struct parser ahead = *parser;
    struct slice name;
    size_t count = 0;
    for (json_enter_object(&ahead.json); json_next_member(&ahead.json, &name);) {
        if (json_peek(&ahead.json) == JSON_OBJECT)
            count += count_inside(&ahead);
        json_skip(&ahead.json);
    }
    return count;
}

/* {operator: {key: values}} */
static void take_conditions(struct parser *parser, void *element)
{
    struct document_statement *statement = element;
    if (json_peek(&parser->json) != JSON_OBJECT) {
        fail(parser, POLICY_DOCUMENT_SYNTAX);
        json_skip(&parser->json);
        return;
    }
    struct document_condition *conditions =
        allocate(parser, count_conditions(parser), sizeof(*conditions));
    if (conditions == NULL)
        return;
    size_t count = 0;
    struct slice comparison;
    json_enter_object(&parser->json);
    while (json_next_member(&parser->json, &comparison)) {
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(conditions[i].comparison, comparison))
                fail(parser, POLICY_DOCUMENT_SYNTAX);
        }
        if (!enter_object(parser))
            continue;
        size_t first = count;
        struct slice key;
        while (json_next_member(&parser->json, &key)) {
            for (size_t i = first; i < count; i++) {
                if (slice_equal(conditions[i].key, key))
                    fail(parser, POLICY_DOCUMENT_SYNTAX);
            }
            conditions[count] = (struct document_condition){.comparison = comparison, .key = key};
            take_texts(parser, take_scalar, &conditions[count++].values);
        }
    }
    statement->conditions = conditions;
    statement->condition_count = count;
}

static void take_text_element(struct parser *parser, void *element)
{
    struct slice *text = element;
    *text = take_string(parser);
}

static void take_texts_element(struct parser *parser, void *element)
{
    struct policy_texts *texts = element;
    take_texts(parser, take_string, texts);
}

/* An element of a statement: where it goes, and how it is taken. */
struct element_row {
    struct slice name;
    void (*take)(struct parser *parser, void *element);
    size_t offset;
};

static const struct element_row statement_elements[] = {
    {SLICE_INIT("Sid"), take_text_element, offsetof(struct document_statement, sid)},
    {SLICE_INIT("Effect"), take_text_element, offsetof(struct document_statement, effect)},
    {SLICE_INIT("Action"), take_texts_element, offsetof(struct document_statement, action)},
    {SLICE_INIT("NotAction"), take_texts_element, offsetof(struct document_statement, not_action)},
    {SLICE_INIT("Resource"), take_texts_element, offsetof(struct document_statement, resource)},
    {SLICE_INIT("NotResource"), take_texts_element,
     offsetof(struct document_statement, not_resource)},
    {SLICE_INIT("Principal"), take_principals, offsetof(struct document_statement, principal)},
    {SLICE_INIT("NotPrincipal"), take_principals,
     offsetof(struct document_statement, not_principal)},
    {SLICE_INIT("Condition"), take_conditions, 0}, /* fills two members */
};

/* Takes the members of the object that comes next; each may be there once. */
static void take_members(struct parser *parser, const struct element_row *rows, size_t row_count,
                         void *object)
{
    unsigned seen = 0;
    struct slice name;
    if (!enter_object(parser))
        return;
    while (json_next_member(&parser->json, &name)) {
        size_t row = 0;
        while (row < row_count && !slice_equal(rows[row].name, name))
            row++;
        if (row == row_count || (seen & (1u << row)) != 0) {
            fail(parser, POLICY_DOCUMENT_SYNTAX);
            json_skip(&parser->json);
            continue;
        }
        seen |= 1u << row;
        rows[row].take(parser, (uint8_t *)object + rows[row].offset);
    }
}

static void take_statement(struct parser *parser, struct document_statement *statement)
{
    take_members(parser, statement_elements, COUNT_OF(statement_elements), statement);
}

/* One statement or a list of them. */
static void take_statements(struct parser *parser, void *element)
{
    struct policy_document *document = element;
    bool is_list = json_peek(&parser->json) == JSON_ARRAY;
    size_t count = is_list ? count_inside(parser) : 1;
    struct document_statement *statements = allocate(parser, count, sizeof(*statements));
    if (statements == NULL)
        return;
    document->statements = statements;
    document->statement_count = count;
    if (!is_list) {
        take_statement(parser, statements);
        return;
    }
    json_enter_array(&parser->json);
    for (size_t i = 0; json_next_element(&parser->json); i++)
        take_statement(parser, &statements[i]);
}

static void take_id(struct parser *parser, void *element)
{
    (void)element;
    (void)take_string(parser);
}

static const struct element_row document_elements[] = {
    {SLICE_INIT("Version"), take_text_element, offsetof(struct policy_document, version)},
    {SLICE_INIT("Id"), take_id, 0},
    {SLICE_INIT("Statement"), take_statements, 0},
};

enum policy_document_problem policy_document_read(struct arena *arena, struct slice json,
                                                  struct policy_document *ret_document)
{
    if (!json_check(json, DEPTH_MAX))
        return POLICY_DOCUMENT_NOT_JSON;
    struct parser parser = {.problem = POLICY_DOCUMENT_GOOD};
    json_reader_init(&parser.json, json, arena);
    switch (json_peek(&parser.json)) {
    case JSON_OBJECT:
        break;
    case JSON_NULL:
        return POLICY_DOCUMENT_NULL;
    default:
        return POLICY_DOCUMENT_NOT_JSON;
    }
    struct policy_document document = {0};
    take_members(&parser, document_elements, COUNT_OF(document_elements), &document);
    if (parser.json.exhausted)
        return POLICY_DOCUMENT_EXHAUSTED;
    if (parser.json.failed)
        fail(&parser, POLICY_DOCUMENT_SYNTAX);
    if (parser.problem == POLICY_DOCUMENT_GOOD)
        *ret_document = document;
    return parser.problem;
}
