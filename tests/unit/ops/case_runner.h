#ifndef HASHRANGE_TESTS_UNIT_OPS_CASE_RUNNER_H
#define HASHRANGE_TESTS_UNIT_OPS_CASE_RUNNER_H

/*
 * Runs files of requests and expected answers against the operations over an in-memory store: JSON
 * in, JSON out, through the same decoding, validation and encoding as the server, but without HTTP.
 *
 *   # a comment
 *   > PutItem {"TableName":"t","Item":{"k":{"S":"a"}}}     a request
 *   < {}                                                   its whole answer (< alone: empty), or
 *   ~ "Count":3                                            some text in its answer (repeatable), or
 *   ! ValidationException: words                           its error: name, words exactly, or
 *   !~ ResourceInUseException: words                       its error: name, some of its words
 *   & "Code":"None"                                        some text in the body of its error
 *   ? PutItem {...}                                        what the request would do, answered with
 *                                                          "action resource key=[values]; ..."
 *   = keys dynamodb:Select aws:TagKeys                     the condition keys in it from here on
 *   = classic                                              from here on in the classic wording
 *   = new                                                  from here on in the new wording
 *   = clock 5000                                           moves the clock on by 5,000 ms
 *   = work                                                 does all background work that is due
 *   = enforce                                              from here on throughput is enforced
 *   = collection 5000                                      item collections have at most 5,000
 * bytes
 *
 * ${x*2048} in a request or an answer stands for 2,048 times x. A request may go on on lines that
 * begin with a blank. Every file starts with an empty database.
 */

#include <pthread.h>

#include "base/case_files.h"
#include "ops/access.h"
#include "ops/throttle.h"
#include "store/failing_calls.h"
#include "store/mem/mem_store.h"
#include "json/json_reader.h"

enum { CASE_ARENA_BYTES = 128 * 1024 * 1024 };

struct case_runner;
typedef bool case_other(struct case_runner *runner, char sign, struct slice name,
                        struct slice json);

struct case_runner {
    const char *path;
    unsigned line;
    struct arena process; /* the database's */
    struct store *store;  /* a fault_store */
    struct op_environment environment;
    int64_t now_ms;
    unsigned requests;
    unsigned failures;
    char keys[512]; /* of = keys */
    bool faults;    /* of = faults */
    bool memory;    /* of = memory */
    /* Takes a line that begins with '>' or '?', or leaves it; NULL: takes none. */
    case_other *other;
    /* the last request's */
    enum model_validation validation;
    struct arena arena;
    struct slice answer;    /* JSON of the output or the error */
    const char *error_name; /* NULL: success */
    struct slice error_message;
    bool expected; /* something was expected of it */
};

struct case_call {
    struct op_call call; /* first */
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_ended;
};

static inline void case_finish(struct op_call *call)
{
    struct case_call *self = (struct case_call *)call;
    pthread_mutex_lock(&self->mutex);
    self->is_ended = true;
    pthread_cond_signal(&self->ended);
    pthread_mutex_unlock(&self->mutex);
}

static inline const struct error *case_replace_byte(struct arena *arena, struct slice text,
                                                    uint8_t from, uint8_t to,
                                                    struct slice *ret_text)
{
    uint8_t *copy = arena_alloc_bytes(arena, text.size);
    if (copy == NULL)
        return error_exhausted();
    for (size_t i = 0; i < text.size; i++)
        copy[i] = text.data[i] == from ? to : text.data[i];
    *ret_text = slice_of(copy, text.size);
    return NULL;
}

/* In the place of the policy language, which is another layer's: anything in braces is a policy,
 * and one that mentions "lock" locks its caller out. It is kept with '#' for '@', and shown with
 * '@' again. */
static inline const struct error *case_show_policy(struct op_call *call, struct slice kept,
                                                   struct slice *ret_policy)
{
    return case_replace_byte(call->arena, kept, '#', '@', ret_policy);
}

static inline const struct error *case_check_policy(struct op_call *call, struct slice arn,
                                                    struct slice policy, bool confirmed,
                                                    struct slice *ret_kept)
{
    assert_true(slice_starts_with(arn, SLICE("arn:aws:dynamodb:")));
    if (policy.size < 2 || policy.data[0] != '{')
        return error_make(call->arena, ERROR_MALFORMED_POLICY_DOCUMENT, "no braces");
    if (memmem(policy.data, policy.size, "lock", 4) != NULL && !confirmed)
        return error_make(call->arena, ERROR_ACCESS_DENIED, "locked out");
    return case_replace_byte(call->arena, policy, '@', '#', ret_kept);
}

static inline void case_make_call(struct case_runner *runner, enum model_operation operation,
                                  void *input, struct case_call *self)
{
    *self = (struct case_call){
        .call = {.environment = &runner->environment,
                 .arena = &runner->arena,
                 .operation = operation,
                 .validation = runner->validation,
                 .region = SLICE("eu-west-1"),
                 .caller = SLICE("arn:aws:iam::000000000000:root"),
                 .now_ms = runner->now_ms,
                 .input = input,
                 .check_policy = case_check_policy,
                 .show_policy = case_show_policy,
                 .finish = case_finish},
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .ended = PTHREAD_COND_INITIALIZER,
    };
}

/* Runs the operation; whether it has ended when this returns is its own affair. */
static inline void case_start_call(struct case_runner *runner, enum model_operation operation,
                                   void *input, struct case_call *self)
{
    case_make_call(runner, operation, input, self);
    op_row(operation)->run(&self->call);
}

static inline void case_await_call(struct case_call *self)
{
    pthread_mutex_lock(&self->mutex);
    while (!self->is_ended)
        pthread_cond_wait(&self->ended, &self->mutex);
    pthread_mutex_unlock(&self->mutex);
}

static inline void case_answer(struct case_runner *runner, enum model_operation operation,
                               const struct error *error, const void *output)
{
    struct buf out;
    struct json_writer writer;
    runner->arena.limit_bytes = CASE_ARENA_BYTES; /* = memory is about the operation */
    buf_init(&out, &runner->arena, CASE_TEXT_BYTES);
    json_writer_init(&writer, &out);
    runner->error_name = NULL;
    if (error != NULL) {
        runner->error_name = error_kind_name(error->kind);
        runner->error_message = error->message;
        model_encode_error(model_operation_service(operation), error, &writer);
    } else {
        model_encode_output(operation, output, &writer);
    }
    assert_false(out.failed);
    runner->answer = buf_slice(&out);
}

/* Decodes and validates; *ret_error is what is wrong. */
static inline enum model_operation case_decode(struct case_runner *runner, struct slice name,
                                               struct slice json, void **ret_input,
                                               const struct error **ret_error)
{
    enum model_operation operation = model_operation_of_name(name);
    unsigned depth = 0;
    if (operation == MODEL_OPERATION_NONE || op_row(operation)->run == NULL ||
        !json_measure(json, 512, &depth))
        fail_msg("%s:%u: no such operation, or not JSON", runner->path, runner->line);
    const struct error *error = model_decode_input(&runner->arena, operation, json, ret_input);
    runner->validation =
        model_validation_of_request(operation, runner->environment.validation, depth);
    if (error == NULL)
        error = model_validate_input(&runner->arena, operation, runner->validation, *ret_input);
    *ret_error = error;
    return operation;
}

static inline void case_request(struct case_runner *runner, struct slice name, struct slice json)
{
    void *input = NULL;
    const struct error *error;
    enum model_operation operation = case_decode(runner, name, json, &input, &error);
    struct case_call call = {0};
    if (error == NULL) {
        case_start_call(runner, operation, input, &call);
        case_await_call(&call);
        error = call.call.error;
    }
    case_answer(runner, operation, error, call.call.output);
    runner->expected = false;
    runner->requests++;
}

/* One condition key of an access: " key=[values]", nothing when it has none. */
static inline const struct error *case_show_key(const struct op_call *call,
                                                const struct op_access *access, const char *key,
                                                struct buf *out)
{
    struct op_access_values values;
    bool present;
    const struct error *error =
        op_access_look_up(call, access, slice_of_cstring(key), &values, &present);
    if (error != NULL || !present)
        return error;
    buf_append_format(out, " %s=[", key);
    for (size_t i = 0; i < values.count; i++)
        buf_append_format(out, i == 0 ? "%.*s" : ",%.*s", SLICE_PRINT(values.items[i]));
    buf_append_byte(out, ']');
    return NULL;
}

/* What a call that is ready to run would do. */
static inline const struct error *case_show_accesses(struct case_runner *runner,
                                                     const struct op_call *call)
{
    struct op_accesses accesses = {.count = 0};
    struct buf out;
    buf_init(&out, &runner->arena, CASE_TEXT_BYTES);
    const struct error *error = op_access_list(call, &accesses);
    for (size_t i = 0; error == NULL && i < accesses.count; i++) {
        const struct op_access *access = &accesses.items[i];
        char keys[sizeof(runner->keys)];
        char *rest = keys;
        memcpy(keys, runner->keys, sizeof(keys));
        buf_append_format(&out, i == 0 ? "%.*s %.*s" : "; %.*s %.*s", SLICE_PRINT(access->action),
                          SLICE_PRINT(access->resource));
        for (char *key; error == NULL && (key = strsep(&rest, " ")) != NULL;) {
            if (*key != '\0')
                error = case_show_key(call, access, key, &out);
        }
    }
    runner->error_name = NULL;
    runner->answer = buf_slice(&out);
    return error;
}

static inline void case_access(struct case_runner *runner, struct slice name, struct slice json)
{
    void *input = NULL;
    const struct error *error;
    enum model_operation operation = case_decode(runner, name, json, &input, &error);
    struct case_call call;
    case_make_call(runner, operation, input, &call);
    if (error == NULL)
        error = case_show_accesses(runner, &call.call);
    if (error != NULL)
        case_answer(runner, operation, error, NULL);
    runner->expected = false;
    runner->requests++;
}

static inline void case_named(struct case_runner *runner, char sign, struct slice name,
                              struct slice json)
{
    if (runner->other != NULL && runner->other(runner, sign, name, json))
        return;
    (sign == '>' ? case_request : case_access)(runner, name, json);
}

/* = faults */
static inline void case_named_with_faults(struct case_runner *runner, struct slice name,
                                          struct slice json)
{
    struct failing_calls failing = {.store = runner->store};
    while (failing_calls_begin(&failing)) {
        case_named(runner, '>', name, json);
        if (failing_calls_end(&failing) &&
            !case_has(runner->answer, SLICE("InternalServerError"))) {
            print_error("%s:%u: call %u failed, got %.*s\n", runner->path, runner->line,
                        (unsigned)failing.nth, SLICE_PRINT(runner->answer));
            runner->failures++;
        }
        arena_reset(&runner->arena);
    }
    if (failing.nth == 1)
        fail_msg("%s:%u: it does not call the store", runner->path, runner->line);
}

/* = memory: until the answer is another one than that there is not enough. */
static inline void case_named_with_little_memory(struct case_runner *runner, struct slice name,
                                                 struct slice json)
{
    unsigned failures = 0;
    for (size_t limit = 8; limit < CASE_ARENA_BYTES; limit += limit / 8) {
        arena_fini(&runner->arena);
        arena_init(&runner->arena, limit);
        case_named(runner, '>', name, json);
        if (runner->error_name == NULL ||
            runner->error_message.data != error_exhausted()->message.data)
            break;
        failures++;
    }
    if (failures == 0)
        fail_msg("%s:%u: no memory is enough", runner->path, runner->line);
}

static inline void case_swept(struct case_runner *runner, struct slice name, struct slice json)
{
    struct slice copy;
    assert_true(arena_copy(&runner->process, json, &copy));
    if (runner->faults)
        case_named_with_faults(runner, name, copy);
    if (runner->memory)
        case_named_with_little_memory(runner, name, copy);
    else
        case_named(runner, '>', name, copy);
    runner->faults = runner->memory = false;
}

static inline void case_complain(struct case_runner *runner, const char *sign, struct slice text)
{
    runner->failures++;
    print_error("%s:%u: expected %s%.*s\n", runner->path, runner->line, sign, SLICE_PRINT(text));
    if (runner->error_name != NULL)
        print_error("    got !%s: %.*s\n", runner->error_name, SLICE_PRINT(runner->error_message));
    else
        print_error("    got <%.*s\n", SLICE_PRINT(runner->answer));
}

static inline void case_expect_error(struct case_runner *runner, struct slice text, bool part)
{
    const uint8_t *colon = memchr(text.data, ':', text.size);
    struct slice name = colon == NULL ? text : slice_of(text.data, (size_t)(colon - text.data));
    struct slice words = SLICE("");
    if (colon != NULL)
        words = slice_after(text, name.size + (name.size + 1 < text.size ? 2 : 1));
    bool same =
        runner->error_name != NULL && slice_equal(slice_of_cstring(runner->error_name), name) &&
        (part ? case_has(runner->error_message, words) : slice_equal(runner->error_message, words));
    if (!same)
        case_complain(runner, part ? "!~ " : "! ", text);
}

static inline struct slice case_expand(struct case_runner *runner, struct slice text)
{
    struct buf out;
    struct slice repeated;
    size_t count, size;
    buf_init(&out, &runner->arena, CASE_TEXT_BYTES);
    while (text.size > 0) {
        if (!case_repetition(text, &repeated, &count, &size)) {
            buf_append_byte(&out, text.data[0]);
            text = slice_after(text, 1);
            continue;
        }
        for (size_t i = 0; i < count; i++)
            buf_append(&out, repeated);
        text = slice_after(text, size);
    }
    assert_false(out.failed);
    return buf_slice(&out);
}

static inline int64_t case_number(struct slice text)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%.*s", SLICE_PRINT(text));
    return strtoll(digits, NULL, 10);
}

/* The same data, with another limit. */
static inline void case_reopen(struct case_runner *runner, int64_t collection_bytes_max)
{
    struct db_options options = {.store = runner->store,
                                 .collection_bytes_max = collection_bytes_max};
    db_close(runner->environment.db);
    assert_null(db_open(&runner->process, &options, &runner->environment.db));
}

static inline void case_work(struct case_runner *runner)
{
    while (db_catalog_work(runner->environment.db, runner->now_ms)) {
    }
}

static inline void case_all_work(struct case_runner *runner)
{
    case_work(runner);
    while (db_token_work(runner->environment.db, runner->now_ms)) {
    }
    while (db_stream_work(runner->environment.db, runner->now_ms)) {
    }
    while (db_expiry_work(runner->environment.db, runner->now_ms)) {
    }
}

/* What fails is tried again after a while. */
static inline void case_work_with_faults(struct case_runner *runner)
{
    enum { RETRY_MS = 60 * 1000 };
    bool reached = true;
    for (uint64_t n = 1; reached; n++) {
        uint64_t calls = fault_store_calls(runner->store, FAULT_ANY);
        struct fault_rule rule = {
            .call = FAULT_ANY, .effect = FAULT_FAIL, .first = n, .error_kind = ERROR_INTERNAL};
        fault_store_add_rule(runner->store, &rule);
        case_all_work(runner);
        fault_store_clear_rules(runner->store);
        reached = fault_store_calls(runner->store, FAULT_ANY) - calls >= n;
        runner->now_ms += RETRY_MS;
    }
    case_all_work(runner);
}

static inline void case_setting(struct case_runner *runner, struct slice text)
{
    if (slice_equal(text, SLICE("classic")))
        runner->environment.validation = MODEL_VALIDATION_CLASSIC;
    else if (slice_equal(text, SLICE("new")))
        runner->environment.validation = MODEL_VALIDATION_NEW;
    else if (slice_equal(text, SLICE("work")))
        case_work(runner);
    else if (slice_equal(text, SLICE("work with faults")))
        case_work_with_faults(runner);
    else if (slice_equal(text, SLICE("faults")))
        runner->faults = true;
    else if (slice_equal(text, SLICE("memory")))
        runner->memory = true;
    else if (slice_equal(text, SLICE("enforce")))
        assert_null(op_throttle_open(runner->now_ms, &runner->environment.throttle));
    else if (slice_starts_with(text, SLICE("clock ")))
        runner->now_ms += case_number(slice_after(text, 6));
    else if (slice_starts_with(text, SLICE("collection ")))
        case_reopen(runner, case_number(slice_after(text, 11)));
    else if (slice_starts_with(text, SLICE("keys")))
        snprintf(runner->keys, sizeof(runner->keys), "%.*s", SLICE_PRINT(slice_after(text, 4)));
    else
        fail_msg("%s:%u: unknown setting", runner->path, runner->line);
}

static inline void case_line(struct case_runner *runner, struct slice line)
{
    bool is_blank_answer = slice_equal(line, SLICE("<"));
    if ((line.size < 2 && !is_blank_answer) || line.data[0] == '#')
        return;
    if (line.data[0] == '>' || line.data[0] == '?') {
        if (!runner->expected)
            fail_msg("%s:%u: nothing is expected of the request before", runner->path,
                     runner->line);
        arena_reset(&runner->arena);
        struct slice rest = slice_after(line, 2);
        const uint8_t *blank = memchr(rest.data, ' ', rest.size);
        size_t size = blank == NULL ? rest.size : (size_t)(blank - rest.data);
        struct slice json = blank == NULL ? SLICE("{}") : slice_after(rest, size + 1);
        json = case_expand(runner, json);
        if (runner->faults || runner->memory)
            case_swept(runner, slice_of(rest.data, size), json);
        else
            case_named(runner, (char)line.data[0], slice_of(rest.data, size), json);
        return;
    }
    struct slice text = SLICE("");
    if (!is_blank_answer)
        text = case_expand(runner, slice_after(line, line.data[1] == '~' ? 3 : 2));
    if (line.data[0] == '=') {
        case_setting(runner, text);
        return;
    }
    runner->expected = true;
    if (line.data[0] == '!')
        case_expect_error(runner, text, line.data[1] == '~');
    else if (line.data[0] == '<') {
        if (runner->error_name != NULL || !slice_equal(runner->answer, text))
            case_complain(runner, "< ", text);
    } else if (line.data[0] == '~') {
        if (runner->error_name != NULL || !case_has(runner->answer, text))
            case_complain(runner, "~ ", text);
    } else if (line.data[0] == '&') {
        if (runner->error_name == NULL || !case_has(runner->answer, text))
            case_complain(runner, "& ", text);
    } else
        fail_msg("%s:%u: unknown kind of line", runner->path, runner->line);
}

/* Over an in-memory store that can be made to fail. */
static inline void case_open(struct case_runner *runner, const char *path)
{
    *runner = (struct case_runner){
        .path = path,
        .now_ms = INT64_C(1700000000000),
        .expected = true,
        .environment = {.account = SLICE("000000000000"),
                        .endpoint = SLICE("localhost:8000"),
                        .ttl_change_ms = 3600000},
    };
    arena_init(&runner->process, CASE_ARENA_BYTES);
    arena_init(&runner->arena, CASE_ARENA_BYTES);
    assert_null(mem_store_open(&runner->process, &runner->store));
    assert_null(fault_store_open(&runner->process, runner->store, &runner->store));
    struct db_options options = {.store = runner->store};
    assert_null(db_open(&runner->process, &options, &runner->environment.db));
}

static inline void case_close(struct case_runner *runner)
{
    op_throttle_close(runner->environment.throttle);
    db_close(runner->environment.db);
    store_close(runner->store);
    arena_fini(&runner->arena);
    arena_fini(&runner->process);
}

/* For tests in C: a runner of its own for each, which ends as a cmocka fixture, with the runner as
 * *state. */
static inline struct case_runner *case_new(const char *name)
{
    struct case_runner *runner = calloc(1, sizeof(*runner));
    assert_non_null(runner);
    case_open(runner, name);
    return runner;
}

static inline int case_end(void **state)
{
    struct case_runner *runner = *state;
    fault_store_clear_rules(runner->store);
    case_close(runner);
    free(runner);
    return 0;
}

/* One request from a test in C; its answer is in the runner. */
static inline void case_do(struct case_runner *runner, const char *operation, const char *json)
{
    arena_reset(&runner->arena);
    case_request(runner, slice_of_cstring(operation), slice_of_cstring(json));
    runner->expected = true; /* by the test itself */
}

static inline void case_numbered_line(void *context, struct slice line, unsigned number)
{
    struct case_runner *runner = context;
    runner->line = number;
    case_line(runner, line);
}

/* other: see struct case_runner. */
static inline void case_run_file(const char *path, case_other *other)
{
    struct case_runner runner;
    case_open(&runner, path);
    runner.other = other;
    case_lines_take(path, case_numbered_line, &runner);
    if (!runner.expected)
        fail_msg("%s: nothing is expected of the last request", path);
    case_close(&runner);
    if (runner.requests == 0 || runner.failures > 0)
        fail_msg("%s: %u of the expectations failed", path, runner.failures);
}

#endif
