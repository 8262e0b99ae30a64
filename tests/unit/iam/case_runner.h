#ifndef HASHRANGE_TESTS_UNIT_IAM_CASE_RUNNER_H
#define HASHRANGE_TESTS_UNIT_IAM_CASE_RUNNER_H

/*
 * Runs files of requests to IAM and expected answers: a form in, the inside of the result out.
 *
 *   # a comment
 *   > CreateUser UserName=bob&Path=/a/          a request
 *   < <User>...</User>                          its whole answer (< alone: empty), or
 *   ~ <UserName>bob</UserName>                  some text in its answer (repeatable), or
 *   ^ SecretAccessKey                           some text that is not in it, or
 *   ! NoSuchEntity: words                       its error: name in the Query protocol, exact words
 *   !~ AccessDenied: words                      the same, with some of its words
 *   = keep key AccessKeyId                      ${key} is from here on the text of that element
 *   = as ${key}                                 from here on the owner of that access key asks
 *   = as anyone                                 whoever signs may do everything (development)
 *   = clock 5000                                moves the clock on by 5,000 ms
 *   = restart                                   opens the directory again, over the same store
 *   = faults                                    the next request is first asked again and again,
 *                                               while another call of the store fails each time,
 *                                               and what it commits, too
 *   = memory                                    the next request, which must be one that may be
 *                                               repeated, is first asked again and again with too
 *                                               little memory
 *
 * In answers unique ids and secrets, which are random, are their prefix and a star: AIDA*. ${x*60}
 * stands for 60 times x. A request may go on on lines that begin with a blank, which stays. Every
 * file starts with an empty directory.
 */

#include "base/case_files.h"
#include "iam/iam_fixture.h"
#include "query/answer.h"
#include "store/failing_calls.h"

enum { CASE_NAMES_MAX = 32 };

struct case_runner {
    struct iam_fixture fixture;
    const char *path;
    unsigned line;
    struct slice answer;
    unsigned requests;
    unsigned failures;
    bool expected;
    struct {
        struct slice name;
        struct slice text;
    } kept[CASE_NAMES_MAX];
    size_t kept_count;
    bool faults; /* of = faults */
    bool memory; /* of = memory */
};

static inline bool case_is_base32(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= '2' && byte <= '7');
}

/* The size of a random id at the front: prefix and 16 or 17 characters; 0: there is none. */
static inline size_t case_id_size(struct slice text)
{
    static const char *const prefixes[] = {"AIDA", "AROA", "AGPA", "ANPA", "AIPA", "AKIA"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t size = 4;
        if (!slice_starts_with(text, slice_of_cstring(prefixes[i])))
            continue;
        while (size < text.size && case_is_base32(text.data[size]))
            size++;
        return size == 20 || size == 21 ? size : 0;
    }
    return 0;
}

static inline struct slice case_without_random(struct case_runner *runner, struct slice text)
{
    static const struct slice secret = SLICE_INIT("<SecretAccessKey>");
    struct buf out;
    buf_init(&out, &runner->fixture.arena, CASE_TEXT_BYTES);
    while (text.size > 0) {
        size_t size = case_id_size(text);
        if (slice_starts_with(text, secret)) {
            buf_append(&out, secret);
            buf_append_byte(&out, '*');
            size = secret.size + IAM_SECRET_BYTES;
        } else if (size > 0) {
            buf_append(&out, slice_of(text.data, 4));
            buf_append_byte(&out, '*');
        } else {
            size = 1;
            buf_append_byte(&out, text.data[0]);
        }
        text = slice_after(text, size);
    }
    assert_false(out.failed);
    return buf_slice(&out);
}

static inline void case_complain(struct case_runner *runner, const char *sign, struct slice text)
{
    const struct error *error = runner->fixture.error;
    runner->failures++;
    print_error("%s:%u: expected %s%.*s\n", runner->path, runner->line, sign, SLICE_PRINT(text));
    if (error != NULL)
        print_error("    got ! %s: %.*s\n", query_failure_of(error->kind).code,
                    SLICE_PRINT(error->message));
    else
        print_error("    got < %.*s\n", SLICE_PRINT(runner->answer));
}

static inline void case_expect_error(struct case_runner *runner, struct slice text, bool is_part)
{
    const struct error *error = runner->fixture.error;
    const uint8_t *colon = memchr(text.data, ':', text.size);
    struct slice name = colon == NULL ? text : slice_of(text.data, (size_t)(colon - text.data));
    struct slice words = SLICE("");
    if (colon != NULL)
        words = slice_after(text, name.size + 2);
    bool is_same = error != NULL &&
                   slice_equal(slice_of_cstring(query_failure_of(error->kind).code), name) &&
                   (is_part ? case_has(error->message, words) : slice_equal(error->message, words));
    if (!is_same)
        case_complain(runner, is_part ? "!~ " : "! ", text);
}

/* What was kept under that name; the one kept last. */
static inline struct slice case_kept(const struct case_runner *runner, struct slice name)
{
    for (size_t i = runner->kept_count; i > 0; i--) {
        if (slice_equal(runner->kept[i - 1].name, name))
            return runner->kept[i - 1].text;
    }
    fail_msg("%s:%u: nothing is kept as %.*s", runner->path, runner->line, SLICE_PRINT(name));
    return SLICE_ABSENT;
}

/* Takes "${name}" from the front. ${aws:username} and its like are policies' own. */
static inline bool case_kept_name(struct slice at, struct slice *ret_name)
{
    const uint8_t *end = slice_starts_with(at, SLICE("${")) ? memchr(at.data, '}', at.size) : NULL;
    if (end == NULL)
        return false;
    *ret_name = slice_of(at.data + 2, (size_t)(end - at.data) - 2);
    return !case_has(*ret_name, SLICE(":")) && !case_has(*ret_name, SLICE("*"));
}

static inline struct slice case_expand(struct case_runner *runner, struct slice text)
{
    struct buf out;
    struct slice inside;
    size_t count, size;
    buf_init(&out, &runner->fixture.process, CASE_TEXT_BYTES);
    while (text.size > 0) {
        if (case_kept_name(text, &inside)) {
            size = inside.size + 3;
            buf_append(&out, case_kept(runner, inside));
        } else if (case_repetition(text, &inside, &count, &size)) {
            for (size_t i = 0; i < count; i++)
                buf_append(&out, inside);
        } else {
            size = 1;
            buf_append_byte(&out, text.data[0]);
        }
        text = slice_after(text, size);
    }
    assert_false(out.failed);
    return buf_slice(&out);
}

static inline void case_keep(struct case_runner *runner, struct slice text)
{
    const uint8_t *blank = memchr(text.data, ' ', text.size);
    char element[64] = "";
    assert_non_null(blank);
    assert_true(runner->kept_count < CASE_NAMES_MAX);
    struct slice name = slice_of(text.data, (size_t)(blank - text.data));
    snprintf(element, sizeof(element), "%.*s", SLICE_PRINT(slice_after(text, name.size + 1)));
    struct slice found = iam_fixture_text(&runner->fixture, element);
    if (!slice_present(found))
        fail_msg("%s:%u: there is no %s", runner->path, runner->line, element);
    assert_true(arena_copy(&runner->fixture.process, name, &runner->kept[runner->kept_count].name));
    assert_true(
        arena_copy(&runner->fixture.process, found, &runner->kept[runner->kept_count++].text));
}

static inline void case_setting(struct case_runner *runner, struct slice text)
{
    if (slice_equal(text, SLICE("restart")))
        iam_fixture_restart(&runner->fixture);
    else if (slice_equal(text, SLICE("as anyone")))
        iam_fixture_release(&runner->fixture);
    else if (slice_starts_with(text, SLICE("as ")))
        iam_fixture_become(&runner->fixture, slice_after(text, 3));
    else if (slice_starts_with(text, SLICE("keep ")))
        case_keep(runner, slice_after(text, 5));
    else if (slice_equal(text, SLICE("faults")))
        runner->faults = true;
    else if (slice_equal(text, SLICE("memory")))
        runner->memory = true;
    else if (slice_starts_with(text, SLICE("clock ")))
        runner->fixture.now_ms += strtoll((const char *)text.data + 6, NULL, 10);
    else
        fail_msg("%s:%u: unknown setting", runner->path, runner->line);
}

/* = faults */
static inline void case_do_with_faults(struct case_runner *runner, struct slice action,
                                       struct slice form)
{
    struct iam_fixture *fixture = &runner->fixture;
    struct failing_calls failing = {.store = fixture->store};
    while (failing_calls_begin(&failing)) {
        iam_fixture_do(fixture, action, form);
        if (failing_calls_end(&failing) &&
            (fixture->error == NULL || fixture->error->kind != ERROR_INTERNAL))
            fail_msg("%s:%u: nobody was told that call %u failed", runner->path, runner->line,
                     (unsigned)failing.nth);
    }
    if (failing.nth == 1)
        fail_msg("%s:%u: it does not call the store", runner->path, runner->line);
}

/* = memory */
static inline void case_do_with_little_memory(struct case_runner *runner, struct slice action,
                                              struct slice form)
{
    struct iam_fixture *fixture = &runner->fixture;
    unsigned failures = 0;
    for (size_t limit = 8;; limit += limit / 8) {
        fixture->call_bytes = limit;
        iam_fixture_do(fixture, action, form);
        if (fixture->error == NULL ||
            fixture->error->message.data != error_exhausted()->message.data)
            break;
        failures++;
    }
    fixture->call_bytes = IAM_ARENA_BYTES;
    if (failures == 0)
        fail_msg("%s:%u: no memory is enough", runner->path, runner->line);
}

static inline void case_request(struct case_runner *runner, struct slice text)
{
    if (!runner->expected)
        fail_msg("%s:%u: nothing is expected of the request before", runner->path, runner->line);
    const uint8_t *blank = memchr(text.data, ' ', text.size);
    struct slice action = blank == NULL ? text : slice_of(text.data, (size_t)(blank - text.data));
    struct slice form = blank == NULL ? SLICE("") : slice_after(text, action.size + 1);
    if (runner->faults)
        case_do_with_faults(runner, action, form);
    if (runner->memory)
        case_do_with_little_memory(runner, action, form);
    else
        iam_fixture_do(&runner->fixture, action, form);
    runner->faults = runner->memory = false;
    runner->answer = case_without_random(runner, runner->fixture.answer);
    runner->expected = false;
    runner->requests++;
}

static inline void case_expect(struct case_runner *runner, uint8_t sign, struct slice text)
{
    bool is_answer = runner->fixture.error == NULL;
    runner->expected = true;
    if (sign == '<' && !(is_answer && slice_equal(runner->answer, text)))
        case_complain(runner, "< ", text);
    else if (sign == '~' && !(is_answer && case_has(runner->answer, text)))
        case_complain(runner, "~ ", text);
    else if (sign == '^' && !(is_answer && !case_has(runner->answer, text)))
        case_complain(runner, "^ ", text);
    else if (strchr("<~^", sign) == NULL)
        fail_msg("%s:%u: unknown kind of line", runner->path, runner->line);
}

static inline void case_line(void *context, struct slice line, unsigned number)
{
    struct case_runner *runner = context;
    runner->line = number;
    if (line.size == 0 || line.data[0] == '#')
        return;
    bool is_part = line.size > 1 && line.data[0] == '!' && line.data[1] == '~';
    size_t head = is_part ? 3 : line.size > 1 ? 2 : 1;
    struct slice text = case_expand(runner, slice_after(line, head));
    switch (line.data[0]) {
    case '>':
        case_request(runner, text);
        break;
    case '=':
        case_setting(runner, text);
        break;
    case '!':
        runner->expected = true;
        case_expect_error(runner, text, is_part);
        break;
    default:
        case_expect(runner, line.data[0], text);
    }
}

static inline void case_run_file(const char *path)
{
    struct case_runner runner = {.path = path, .expected = true};
    iam_fixture_open(&runner.fixture);
    case_lines_take(path, case_line, &runner);
    if (!runner.expected)
        fail_msg("%s: nothing is expected of the last request", path);
    iam_fixture_close(&runner.fixture);
    if (runner.requests == 0 || runner.failures > 0)
        fail_msg("%s: %u of the expectations failed", path, runner.failures);
}

#endif
