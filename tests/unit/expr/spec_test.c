/*
 * Runs the cases of tests/spec (the format is described in README.md there): every expression
 * is parsed, its placeholders checked, and evaluated or applied; then again with less and less
 * memory, where the answer must be the same or that memory is exhausted.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "expr/legacy.h"
#include "item/value_json.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, FILES_MAX = 64, SMALL_ARENAS = 14 };

enum kind {
    KIND_CONDITION,
    KIND_FILTER,
    KIND_PROJECTION,
    KIND_KEY,
    KIND_UPDATE,
    KIND_EXPECTED,
    KIND_LEGACY_FILTER,
    KIND_KEY_CONDITIONS,
    KIND_ATTRIBUTE_UPDATES,
};

static const struct kind_row {
    const char *name;
    const char *prefix; /* what ~ stands for in an error */
} kinds[] = {
    [KIND_CONDITION] = {"condition", "Invalid ConditionExpression:"},
    [KIND_FILTER] = {"filter", "Invalid FilterExpression:"},
    [KIND_PROJECTION] = {"projection", "Invalid ProjectionExpression:"},
    [KIND_KEY] = {"key-condition", "Invalid KeyConditionExpression:"},
    [KIND_UPDATE] = {"update", "Invalid UpdateExpression:"},
    [KIND_EXPECTED] = {"expected", "One or more parameter values were invalid:"},
    [KIND_LEGACY_FILTER] = {"legacy-filter", "One or more parameter values were invalid:"},
    [KIND_KEY_CONDITIONS] = {"key-conditions", "One or more parameter values were invalid:"},
    [KIND_ATTRIBUTE_UPDATES] = {"attribute-updates", "One or more parameter values were invalid:"},
};

/* What directives have set. JSON texts; absent: not given. */
struct setting {
    enum kind kind;
    enum legacy_joint joint;
    bool unused_is_error;
    struct slice names;
    struct slice values;
    struct slice item;
};

/* --- reading JSON --- */

static struct json_reader reader_of(struct arena *arena, struct slice json)
{
    struct json_reader reader;
    json_reader_init(&reader, json, arena);
    return reader;
}

/* Sets the kinds of exhaustion apart from the broken case. */
static bool read_item(struct arena *arena, struct slice json, struct slice *ret_item)
{
    *ret_item = ITEM_EMPTY;
    if (!slice_present(json))
        return true;
    struct json_reader reader = reader_of(arena, json);
    struct item_reading reading;
    if (item_from_json(&reader, arena, &reading) != NULL || reading.problem != NULL)
        return false;
    *ret_item = reading.item;
    return true;
}

static bool read_names(struct arena *arena, struct slice json, struct expr_name **ret_names,
                       size_t *ret_count)
{
    *ret_names = NULL;
    *ret_count = 0;
    if (!slice_present(json))
        return true;
    struct expr_name *names = ARENA_NEW_ARRAY(arena, struct expr_name, json.size);
    if (names == NULL)
        return false;
    struct json_reader reader = reader_of(arena, json);
    struct slice placeholder;
    json_enter_object(&reader);
    while (json_next_member(&reader, &placeholder))
        names[(*ret_count)++] = (struct expr_name){placeholder, json_read_string(&reader)};
    *ret_names = names;
    return !reader.failed;
}

static bool read_value(struct json_reader *reader, struct arena *arena, struct value *ret_value)
{
    struct value_reading reading;
    if (value_from_json(reader, arena, &reading) != NULL || reading.problem != NULL)
        return false;
    *ret_value = reading.value;
    return true;
}

static bool read_values(struct json_reader *reader, struct arena *arena,
                        struct legacy_condition *condition)
{
    struct value *values = ARENA_NEW_ARRAY(arena, struct value, (size_t)(reader->end - reader->at));
    if (values == NULL)
        return false;
    condition->argument_count = 0;
    json_enter_array(reader);
    while (json_next_element(reader))
        if (!read_value(reader, arena, &values[condition->argument_count++]))
            return false;
    condition->arguments = values;
    condition->has_arguments = true;
    return true;
}

static bool read_condition(struct json_reader *reader, struct arena *arena,
                           struct legacy_condition *condition)
{
    struct slice member;
    json_enter_object(reader);
    while (json_next_member(reader, &member)) {
        if (slice_equal(member, SLICE("ComparisonOperator"))) {
            condition->comparison_operator = json_read_string(reader);
        } else if (slice_equal(member, SLICE("Exists"))) {
            condition->has_exists = true;
            condition->exists = json_peek(reader) == JSON_TRUE;
            json_read_literal(reader);
        } else if (slice_equal(member, SLICE("Value"))) {
            struct value *value = ARENA_NEW(arena, struct value);
            if (value == NULL || !read_value(reader, arena, value))
                return false;
            condition->has_value = true;
            condition->arguments = value;
            condition->argument_count = 1;
        } else if (!read_values(reader, arena, condition)) {
            return false;
        }
    }
    return true;
}

static bool read_update(struct json_reader *reader, struct arena *arena,
                        struct legacy_update *update)
{
    struct slice member;
    json_enter_object(reader);
    while (json_next_member(reader, &member)) {
        if (slice_equal(member, SLICE("Action")))
            update->action = json_read_string(reader);
        else if (!read_value(reader, arena, &update->value))
            return false;
    }
    return true;
}

/* --- answers: "true", JSON, terms, or "! error"; NULL text when memory is exhausted --- */

static struct slice exhausted(void)
{
    return SLICE_ABSENT;
}

static struct slice error_answer(struct arena *arena, const struct error *error)
{
    struct buf out;
    if (error == error_exhausted())
        return exhausted();
    buf_init(&out, arena, ARENA_BYTES);
    buf_append(&out, SLICE("! "));
    if (error->kind != ERROR_VALIDATION)
        buf_append_format(&out, "(%s) ", error_kind_name(error->kind));
    buf_append(&out, error->message);
    return out.failed ? exhausted() : buf_slice(&out);
}

static struct slice item_answer(struct arena *arena, struct slice item)
{
    struct buf out;
    struct json_writer writer;
    buf_init(&out, arena, ARENA_BYTES);
    json_writer_init(&writer, &out);
    assert_true(value_check(value_of_item(item)));
    item_to_json(&writer, item);
    return out.failed ? exhausted() : buf_slice(&out);
}

static struct slice condition_answer(const struct expr_condition *condition, struct slice item)
{
    return expr_condition_holds(condition, item) ? SLICE("true") : SLICE("false");
}

static struct slice key_answer(struct arena *arena, const struct expr_key_condition *condition)
{
    static const char *const operators[] = {
        [EXPR_KEY_EQUAL] = "=",
        [EXPR_KEY_LESS] = "<",
        [EXPR_KEY_LESS_OR_EQUAL] = "<=",
        [EXPR_KEY_GREATER] = ">",
        [EXPR_KEY_GREATER_OR_EQUAL] = ">=",
        [EXPR_KEY_BETWEEN] = "BETWEEN",
        [EXPR_KEY_BEGINS_WITH] = "begins_with",
        [EXPR_KEY_NOT_INDEXABLE] = "not indexable",
    };
    struct buf out;
    buf_init(&out, arena, ARENA_BYTES);
    for (size_t i = 0; i < condition->count; i++) {
        const struct expr_key_term *term = &condition->terms[i];
        buf_append_format(&out, "%s%.*s %s", i > 0 ? " AND " : "", SLICE_PRINT(term->name),
                          operators[term->operator]);
        for (size_t at = 0; at < 2 && value_present(term->operand[at]); at++) {
            struct json_writer writer;
            json_writer_init(&writer, &out);
            buf_append(&out, SLICE(" "));
            value_to_json(&writer, term->operand[at]);
        }
    }
    return out.failed ? exhausted() : buf_slice(&out);
}

static struct slice update_answer(struct arena *arena, const struct expr_update *update,
                                  struct slice item)
{
    struct slice new;
    const struct error *error = expr_update_apply(update, arena, item, &new);
    return error != NULL ? error_answer(arena, error) : item_answer(arena, new);
}

static struct slice projection_answer(struct arena *arena, const struct expr_projection *projection,
                                      struct slice item)
{
    struct slice part;
    if (!item_project(arena, item, projection->set, &part))
        return exhausted();
    return item_answer(arena, part);
}

/* --- running one case --- */

static struct slice run_expression(struct arena *arena, const struct setting *setting,
                                   struct expr_scope *scope, struct slice item, struct slice text)
{
    const struct expr_condition *condition = NULL;
    const struct expr_update *update = NULL;
    struct expr_projection projection = {.count = 0};
    struct expr_key_condition key = {NULL, 0};
    const struct error *error;
    if (setting->kind == KIND_UPDATE)
        error = expr_update_parse(scope, text, &update);
    else if (setting->kind == KIND_PROJECTION)
        error = expr_projection_parse(scope, text, &projection);
    else if (setting->kind == KIND_KEY)
        error = expr_key_condition_parse(scope, text, &key);
    else
        error = expr_condition_parse(scope,
                                     setting->kind == KIND_FILTER ? EXPR_FILTER_EXPRESSION
                                                                  : EXPR_CONDITION_EXPRESSION,
                                     text, &condition);
    if (error == NULL && setting->unused_is_error)
        error = expr_scope_check_all_used(scope);
    if (error != NULL)
        return error_answer(arena, error);
    if (setting->kind == KIND_UPDATE)
        return update_answer(arena, update, item);
    if (setting->kind == KIND_PROJECTION)
        return projection_answer(arena, &projection, item);
    if (setting->kind == KIND_KEY)
        return key_answer(arena, &key);
    return condition_answer(condition, item);
}

static struct slice run_updates(struct arena *arena, struct slice item, struct slice text)
{
    const struct expr_update *update;
    struct legacy_update *updates = ARENA_NEW_ARRAY(arena, struct legacy_update, text.size);
    struct json_reader reader = reader_of(arena, text);
    size_t count = 0;
    struct slice name;
    if (updates == NULL)
        return exhausted();
    json_enter_object(&reader);
    for (; json_next_member(&reader, &name); count++) {
        updates[count].name = name;
        if (!read_update(&reader, arena, &updates[count]))
            return exhausted();
    }
    const struct error *error = legacy_updates_build(arena, updates, count, &update);
    return error != NULL ? error_answer(arena, error) : update_answer(arena, update, item);
}

static struct slice run_legacy(struct arena *arena, const struct setting *setting,
                               struct slice item, struct slice text)
{
    struct legacy_condition *conditions =
        ARENA_NEW_ARRAY(arena, struct legacy_condition, text.size);
    struct json_reader reader = reader_of(arena, text);
    size_t count = 0;
    struct slice name;
    if (conditions == NULL)
        return exhausted();
    json_enter_object(&reader);
    for (; json_next_member(&reader, &name); count++) {
        conditions[count].name = name;
        conditions[count].expected = setting->kind == KIND_EXPECTED;
        if (!read_condition(&reader, arena, &conditions[count]))
            return exhausted();
    }
    const struct error *error;
    const struct expr_condition *condition = NULL;
    struct expr_key_condition key = {NULL, 0};
    if (setting->kind == KIND_KEY_CONDITIONS)
        error = legacy_key_conditions_build(arena, conditions, count, &key);
    else
        error = legacy_conditions_build(arena, conditions, count, setting->joint, &condition);
    if (error != NULL)
        return error_answer(arena, error);
    if (setting->kind == KIND_KEY_CONDITIONS)
        return key_answer(arena, &key);
    return condition_answer(condition, item);
}

static struct slice run(struct arena *arena, const struct setting *setting, struct slice text)
{
    struct slice item, values;
    struct expr_name *names;
    size_t name_count;
    if (!read_item(arena, setting->item, &item) || !read_item(arena, setting->values, &values) ||
        !read_names(arena, setting->names, &names, &name_count))
        return exhausted();
    if (setting->kind == KIND_ATTRIBUTE_UPDATES)
        return run_updates(arena, item, text);
    if (setting->kind >= KIND_EXPECTED)
        return run_legacy(arena, setting, item, text);
    struct expr_scope scope;
    struct value map = slice_present(setting->values) ? value_of_item(values) : VALUE_NONE;
    const struct error *error = expr_scope_init(&scope, arena, names, name_count, map);
    if (error != NULL)
        return error_answer(arena, error);
    return run_expression(arena, setting, &scope, item, text);
}

/* --- files --- */

struct file {
    char *path;
    struct slice text;
    unsigned line;
    unsigned cases;
    unsigned failures;
    struct arena arena; /* of what directives set */
};

static bool next_line(struct file *file, struct slice *ret_line)
{
    if (file->text.size == 0)
        return false;
    const uint8_t *end = memchr(file->text.data, '\n', file->text.size);
    size_t size = end == NULL ? file->text.size : (size_t)(end - file->text.data);
    *ret_line = slice_of(file->text.data, size);
    file->text = slice_after(file->text, end == NULL ? size : size + 1);
    file->line++;
    return true;
}

static void complain(struct file *file, const char *what, struct slice text)
{
    file->failures++;
    fprintf(stderr, "%s:%u: %s%.*s\n", file->path, file->line, what, SLICE_PRINT(text));
}

/* "<<a*300>>" stands for 300 times a. */
static struct slice expand(struct arena *arena, struct slice text)
{
    struct buf out;
    buf_init(&out, arena, ARENA_BYTES);
    while (text.size > 0) {
        const uint8_t *star = text.data[0] == '<' && text.size > 1 && text.data[1] == '<'
                                  ? memmem(text.data, text.size, "*", 1)
                                  : NULL;
        if (star == NULL) {
            buf_append_byte(&out, text.data[0]);
            text = slice_after(text, 1);
            continue;
        }
        struct slice part = slice_of(text.data + 2, (size_t)(star - text.data) - 2);
        char *end;
        for (long times = strtol((const char *)star + 1, &end, 10); times > 0; times--)
            buf_append(&out, part);
        text = slice_after(text, (size_t)((const uint8_t *)end - text.data) + 2);
    }
    assert_false(out.failed);
    return buf_slice(&out);
}

/* What stands behind a directive; absent for "-". */
static struct slice argument_of(struct file *file, struct slice line, struct slice directive)
{
    struct slice argument = slice_after(line, directive.size);
    return slice_equal(argument, SLICE("-")) ? SLICE_ABSENT : expand(&file->arena, argument);
}

static bool set_kind(struct setting *setting, struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!slice_equal(name, slice_of_cstring(kinds[i].name)))
            continue;
        *setting = (struct setting){.kind = (enum kind)i};
        return true;
    }
    return false;
}

static void read_directive(struct file *file, struct setting *setting, struct slice line)
{
    if (slice_starts_with(line, SLICE("@kind "))) {
        if (set_kind(setting, slice_after(line, strlen("@kind "))))
            return;
    } else if (slice_starts_with(line, SLICE("@names "))) {
        setting->names = argument_of(file, line, SLICE("@names "));
        return;
    } else if (slice_starts_with(line, SLICE("@values "))) {
        setting->values = argument_of(file, line, SLICE("@values "));
        return;
    } else if (slice_starts_with(line, SLICE("@item "))) {
        setting->item = argument_of(file, line, SLICE("@item "));
        return;
    } else if (slice_equal(line, SLICE("@unused error"))) {
        setting->unused_is_error = true;
        return;
    } else if (slice_starts_with(line, SLICE("@joint "))) {
        setting->joint = slice_equal(line, SLICE("@joint OR")) ? LEGACY_OR : LEGACY_AND;
        return;
    }
    complain(file, "no such directive: ", line);
}

static struct slice expected_of(struct arena *arena, const struct setting *setting,
                                struct slice line)
{
    struct slice expected = slice_after(line, strlen("=> "));
    if (!slice_starts_with(expected, SLICE("! ~")))
        return expand(arena, expected);
    struct buf out;
    buf_init(&out, arena, ARENA_BYTES);
    buf_append_format(&out, "! %s%.*s", kinds[setting->kind].prefix,
                      SLICE_PRINT(slice_after(expected, 3)));
    return expand(arena, buf_slice(&out));
}

/* With little memory there may be no answer, but no other one. */
static void run_small(struct file *file, const struct setting *setting, struct slice text,
                      struct slice expected)
{
    for (unsigned i = 0; i < SMALL_ARENAS; i++) {
        struct arena small;
        arena_init(&small, (size_t)128 << i);
        struct slice answer = run(&small, setting, text);
        if (slice_present(answer) && !slice_equal(answer, expected))
            complain(file, "with little memory: ", answer);
        arena_fini(&small);
    }
}

static void run_case(struct file *file, const struct setting *setting, struct slice expression)
{
    struct arena arena;
    struct slice line;
    arena_init(&arena, ARENA_BYTES);
    struct slice text = expand(&arena, expression);
    if (slice_equal(text, SLICE("(empty)")))
        text = SLICE("");
    if (!next_line(file, &line) || !slice_starts_with(line, SLICE("=> "))) {
        complain(file, "=> expected behind: ", expression);
    } else {
        struct slice expected = expected_of(&arena, setting, line);
        struct slice answer = run(&arena, setting, text);
        if (!slice_present(answer)) {
            complain(file, "the JSON of this case is not sound: ", expression);
        } else if (!slice_equal(answer, expected)) {
            complain(file, "expected: ", expected);
            fprintf(stderr, "    answer: %.*s\n", SLICE_PRINT(answer));
        } else {
            run_small(file, setting, text, expected);
        }
    }
    file->cases++;
    arena_fini(&arena);
}

static void run_file(void **state)
{
    struct file file = {.path = *state};
    struct setting setting = {0};
    FILE *stream = fopen(file.path, "rb");
    assert_non_null(stream);
    static char text[1024 * 1024];
    size_t size = fread(text, 1, sizeof(text), stream);
    fclose(stream);
    assert_in_range(size, 1, sizeof(text) - 1);
    arena_init(&file.arena, ARENA_BYTES);
    file.text = slice_of(text, size);
    struct slice line;
    while (next_line(&file, &line)) {
        if (line.size == 0 || line.data[0] == ';')
            continue;
        if (line.data[0] == '@')
            read_directive(&file, &setting, line);
        else
            run_case(&file, &setting, line);
    }
    arena_fini(&file.arena);
    assert_true(file.cases > 0);
    assert_int_equal(file.failures, 0);
}

static int compare_tests(const void *left, const void *right)
{
    return strcmp(((const struct CMUnitTest *)left)->name,
                  ((const struct CMUnitTest *)right)->name);
}

int main(void)
{
    static struct CMUnitTest tests[FILES_MAX];
    size_t count = 0;
    DIR *folder = opendir(TESTS_DIR "/spec");
    if (folder == NULL)
        return 1;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *end = strstr(entry->d_name, ".test");
        if (end == NULL || end[strlen(".test")] != '\0' || count == FILES_MAX)
            continue;
        char *path = NULL;
        if (asprintf(&path, "%s/spec/%s", TESTS_DIR, entry->d_name) < 0)
            return 1;
        const char *name = strrchr(path, '/') + 1;
        tests[count++] = (struct CMUnitTest){name, run_file, NULL, NULL, path};
    }
    closedir(folder);
    if (count == 0)
        return 1;
    qsort(tests, count, sizeof(*tests), compare_tests);
    int failed = _cmocka_run_group_tests("spec", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        free(tests[i].initial_state);
    return failed;
}
