/* fuzz: hr_partiql hr_expr hr_item hr_json hr_num */
/* about: partiql/ expr/build.c */

/* A statement, which is UTF-8 whenever it comes out of a request; parameters of all types stand
 * ready. What is sound is planned, and its WHERE, columns and update are tried on an item of all
 * types and on an empty one: an item that the WHERE wants lies in exactly one read of the plan, and
 * what an update makes is a sound item. */

#include <stdint.h>

#include "base/check.h"
#include "item/value_json.h"
#include "partiql/key_plan.h"
#include "json/json_reader.h"

enum { ARENA_BYTES = 8 * 1024 * 1024, PARAMETERS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char item_text[] =
    "{\"k\":{\"S\":\"a\"},\"s\":{\"S\":\"b\"},\"n\":{\"N\":\"12.5\"},\"b\":{\"B\":\"AQID\"},"
    "\"t\":{\"BOOL\":true},\"z\":{\"NULL\":true},\"ss\":{\"SS\":[\"a\",\"b\"]},\"ns\":{\"NS\":["
    "\"1\",\"2\"]},\"x.y\":{\"S\":\"dot\"},\"m\":{\"M\":{\"a\":{\"N\":\"1\"},\"m\":{\"M\":{\"a\":{"
    "\"L\":[]}}}}},\"l\":{\"L\":[{\"S\":\"0\"},{\"N\":\"1\"},{\"L\":[{\"M\":{\"a\":{\"S\":\"deep\"}"
    "}}]}]}}";

static const char parameters_text[] =
    "{\"0\":{\"S\":\"a\"},\"1\":{\"N\":\"2\"},\"2\":{\"B\":\"AQ==\"},\"3\":{\"SS\":[\"b\",\"c\"]},"
    "\"4\":{\"L\":[{\"N\":\"1\"}]},\"5\":{\"M\":{\"k\":{\"S\":\"v\"}}},\"6\":{\"NULL\":true},"
    "\"7\":{\"BOOL\":false}}";

static struct slice read_item(struct arena *arena, const char *text)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, slice_of_cstring(text), arena);
    CHECK(item_from_json(&reader, arena, &reading) == NULL && reading.problem == NULL);
    return reading.item;
}

static void read_parameters(struct arena *arena, struct value *ret_parameters)
{
    static const char names[] = "01234567";
    struct value map = value_of_item(read_item(arena, parameters_text));
    for (size_t i = 0; i < PARAMETERS; i++) {
        ret_parameters[i] = value_map_find(map, slice_of(names + i, 1));
        CHECK(value_present(ret_parameters[i]));
    }
}

/* The key of the item, as the plans see it. */
static const struct partiql_key key = {{SLICE_INIT("k"), VALUE_STRING},
                                       {SLICE_INIT("s"), VALUE_STRING}};

static size_t count_reads(const struct partiql_plan *plan, struct slice item)
{
    struct value partition = value_map_find(value_of_item(item), key.partition.name);
    struct value sort = value_map_find(value_of_item(item), key.sort.name);
    size_t count = 0;
    for (size_t i = 0; i < plan->range_count; i++)
        count += value_equal(plan->ranges[i].terms[0].operand[0], partition) &&
                 partiql_range_has(&plan->ranges[i], sort);
    return count;
}

static void run_select(struct arena *arena, const struct partiql_statement *statement,
                       struct slice item)
{
    struct partiql_plan plan;
    struct slice part;
    const struct error *error = partiql_plan_select(arena, statement, &key, &plan);
    CHECK(error == NULL || error->message.size > 0);
    if (error == NULL && plan.keyed) {
        CHECK(plan.range_count <= PARTIQL_RANGES_MAX);
        size_t reads = count_reads(&plan, item);
        CHECK(reads <= 1);
        CHECK(reads == 1 || !expr_condition_holds(statement->where, item));
    }
    if (partiql_project(arena, item, statement->columns, statement->column_count, &part))
        CHECK(value_check(value_of_item(part)));
}

static void run_update(struct arena *arena, const struct expr_update *update, struct slice item)
{
    struct slice new;
    if (expr_update_apply(update, arena, item, &new) == NULL)
        CHECK(value_check(value_of_item(new)));
    if (expr_update_apply(update, arena, ITEM_EMPTY, &new) == NULL)
        CHECK(value_check(value_of_item(new)));
}

static void run(struct arena *arena, const struct partiql_statement *statement, struct slice item)
{
    struct partiql_item_key found;
    partiql_match_item(statement, &key, true, &found);
    CHECK(found.match != PARTIQL_MATCH_ITEM || value_present(found.sort));
    bool holds = expr_condition_holds(statement->where, item);
    CHECK(holds == expr_condition_holds(statement->where, item));
    (void)expr_condition_holds(statement->where, ITEM_EMPTY);
    if (statement->kind == PARTIQL_INSERT)
        CHECK(value_check(value_of_item(statement->item)));
    else if (statement->kind == PARTIQL_UPDATE)
        run_update(arena, statement->update, item);
    else if (statement->kind != PARTIQL_DELETE)
        run_select(arena, statement, item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct value parameters[PARAMETERS];
    struct partiql_parsed parsed;
    struct partiql_statement statement;
    if (!value_check(value_string(slice_of(data, size))))
        return 0;
    arena_init(&arena, ARENA_BYTES);
    struct slice item = read_item(&arena, item_text);
    read_parameters(&arena, parameters);
    const struct error *error = partiql_parse(&arena, slice_of(data, size), &parsed);
    if (error == NULL)
        error = partiql_build(&arena, &parsed, parameters, PARAMETERS, &statement);
    if (error == NULL)
        run(&arena, &statement, item);
    else
        CHECK(error->message.size > 0);
    arena_fini(&arena);
    return 0;
}
