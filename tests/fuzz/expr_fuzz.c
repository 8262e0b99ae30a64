/* fuzz: hr_expr hr_item hr_json */
/* about: expr/ -expr/build.c -expr/legacy_*.c */

/* The first byte picks the kind of expression, the rest is its text. Names and values of all types
 * stand ready. What parses is evaluated on an item that has all of them too, and on an empty one;
 * what an update makes must be a sound item. */

#include <stdint.h>

#include "base/check.h"
#include "expr/expr.h"
#include "item/value_json.h"

enum { ARENA_BYTES = 8 * 1024 * 1024, KIND_COUNT = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char item_text[] =
    "{\"a\":{\"S\":\"abc\"},\"b\":{\"N\":\"12.5\"},\"c\":{\"B\":\"AQID\"},\"t\":{\"BOOL\":true},"
    "\"z\":{\"NULL\":true},\"ss\":{\"SS\":[\"a\",\"b\"]},\"ns\":{\"NS\":[\"1\",\"2\"]},"
    "\"bs\":{\"BS\":[\"AQ==\"]},\"x.y\":{\"S\":\"dot\"},\"m\":{\"M\":{\"a\":{\"N\":\"1\"},"
    "\"m\":{\"M\":{\"a\":{\"L\":[]}}}}},\"list\":{\"L\":[{\"S\":\"0\"},{\"N\":\"1\"},{\"L\":[{"
    "\"M\":"
    "{\"a\":{\"S\":\"deep\"}}}]}]}}";

static const char values_text[] =
    "{\":s\":{\"S\":\"a\"},\":n\":{\"N\":\"2\"},\":big\":{\"N\":\"9E125\"},\":b\":{\"B\":\"AQ==\"},"
    "\":t\":{\"BOOL\":false},\":z\":{\"NULL\":true},\":ss\":{\"SS\":[\"b\",\"c\"]},"
    "\":ns\":{\"NS\":[\"2\"]},\":bs\":{\"BS\":[\"AQ==\"]},\":l\":{\"L\":[{\"N\":\"1\"}]},"
    "\":m\":{\"M\":{\"k\":{\"S\":\"v\"}}},\":type\":{\"S\":\"S\"}}";

static struct slice read_item(struct arena *arena, const char *text)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, slice_of_cstring(text), arena);
    CHECK(item_from_json(&reader, arena, &reading) == NULL && reading.problem == NULL);
    return reading.item;
}

static bool count_path(void *context, struct path path)
{
    CHECK(path.count > 0 && path.count <= PATH_DEPTH_MAX);
    ++*(size_t *)context;
    return true;
}

static const struct error *run_condition(struct expr_scope *scope, enum expr_parameter parameter,
                                         struct slice text, struct slice item)
{
    const struct expr_condition *condition;
    const struct error *error = expr_condition_parse(scope, parameter, text, &condition);
    if (error != NULL)
        return error;
    size_t paths = 0;
    expr_condition_visit_paths(condition, count_path, &paths);
    bool holds = expr_condition_holds(condition, item);
    CHECK(holds == expr_condition_holds(condition, item));
    (void)expr_condition_holds(condition, ITEM_EMPTY);
    return NULL;
}

static const struct error *run_projection(struct expr_scope *scope, struct slice text,
                                          struct slice item)
{
    struct expr_projection projection;
    struct slice part;
    const struct error *error = expr_projection_parse(scope, text, &projection);
    if (error != NULL)
        return error;
    if (item_project(scope->arena, item, projection.set, &part))
        CHECK(value_check(value_of_item(part)));
    return NULL;
}

static const struct error *run_key(struct expr_scope *scope, struct slice text)
{
    struct expr_key_condition condition;
    const struct error *error = expr_key_condition_parse(scope, text, &condition);
    if (error != NULL)
        return error;
    CHECK(condition.count > 0);
    for (size_t i = 0; i < condition.count; i++)
        CHECK(value_present(condition.terms[i].operand[0]));
    return NULL;
}

static const struct error *run_update(struct expr_scope *scope, struct slice text,
                                      struct slice item)
{
    const struct expr_update *update;
    struct slice new;
    const struct error *error = expr_update_parse(scope, text, &update);
    if (error != NULL)
        return error;
    size_t paths = 0;
    expr_update_visit_paths(update, count_path, &paths);
    CHECK(expr_update_charge_bytes(update) > 0);
    if (expr_update_apply(update, scope->arena, ITEM_EMPTY, &new) == NULL)
        CHECK(value_check(value_of_item(new)));
    error = expr_update_apply(update, scope->arena, item, &new);
    if (error == NULL)
        CHECK(value_check(value_of_item(new)));
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct expr_name names[] = {
        {SLICE("#a"), SLICE("a")},    {SLICE("#b"), SLICE("b")},     {SLICE("#m"), SLICE("m")},
        {SLICE("#l"), SLICE("list")}, {SLICE("#dot"), SLICE("x.y")}, {SLICE("#i"), SLICE("[0]")},
    };
    struct arena arena;
    struct expr_scope scope;
    arena_init(&arena, ARENA_BYTES);
    struct slice text = slice_of(data + 1, size - 1);
    struct slice item = read_item(&arena, item_text);
    struct value values = value_of_item(read_item(&arena, values_text));
    const struct error *error = expr_scope_init(&scope, &arena, names, COUNT_OF(names), values);
    CHECK(error == NULL);
    switch (data[0] % KIND_COUNT) {
    case 0:
        error = run_condition(&scope, EXPR_CONDITION_EXPRESSION, text, item);
        break;
    case 1:
        error = run_projection(&scope, text, item);
        break;
    case 2:
        error = run_key(&scope, text);
        break;
    case 3:
        error = run_condition(&scope, EXPR_FILTER_EXPRESSION, text, item);
        break;
    default:
        error = run_update(&scope, text, item);
    }
    CHECK(error == NULL || error->message.size > 0);
    const struct error *unused = expr_scope_check_all_used(&scope);
    CHECK(unused == NULL || unused->message.size > 0);
    arena_fini(&arena);
    return 0;
}
