#ifndef IAM_STS_RUNNER_H
#define IAM_STS_RUNNER_H

/*
 * Cases of STS as text, one file for one subject:
 *
 *     # a comment
 *     user alice {"Version":...}         a user with an access key and, if given, an inline policy
 *     role demo [seconds] {"Version":..} a role with its trust policy
 *     grant demo {"Version":...}         its inline policy; last of what is there before the calls
 *     provider idp.example.com aud1,aud2 an identity provider with its client ids
 *     as alice                           who calls from here on: root, a user, what was kept,
 * nobody at 3600                            seconds since the beginning, at which the calls happen
 *     > AssumeRole RoleArn=x ...         a call; further lines that begin with two spaces hold one
 *       Policy={"Version": ...}          parameter each, with all that follows
 *       WebIdentityToken=${RS256 {...}}  a token of these claims (auth/jwt_maker.h)
 *     ~ <Arn>arn:...</Arn>               the answer has this in it
 *     - <SourceIdentity>                 the answer has it not
 *     ! AccessDenied: User: ...          the call is refused, with this code and these words
 *     keep chained                       the credentials of the answer can call by that name
 *     delete demo                        the user or role is no more
 *
 * Parameters are raw text. The beginning is 2026-01-31T12:00:00Z.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/jwt_maker.h"
#include "base/file.h"
#include "db/database.h"
#include "iam/change.h"
#include "iam/directory.h"
#include "iam/service.h"
#include "iam/trusted.h"
#include "store/mem/mem_store.h"

#define STS_ACCOUNT "000000000000"

enum {
    STS_ARENA_BYTES = 64 * 1024 * 1024,
    STS_PARAMETERS_MAX = 64,
    STS_CALLERS_MAX = 32,
    STS_NAME_BYTES = 64,
};
static const int64_t sts_beginning_ms = INT64_C(1769860800000);

struct sts_caller {
    char name[STS_NAME_BYTES];
    struct slice access_key_id;
    struct slice token; /* absent: a long-lived key */
};

struct sts_runner {
    const char *file;
    int line;
    struct arena arena;
    struct store *store;
    struct db *db;
    struct auth_seal_key key;
    struct iam_trusted_slot trusted;
    struct iam iam; /* the directory is opened by the first call */
    struct sts_caller callers[STS_CALLERS_MAX];
    size_t caller_count;
    const struct sts_caller *caller; /* NULL: nobody */
    int64_t now_ms;
    struct http_form_pair parameters[STS_PARAMETERS_MAX];
    size_t parameter_count;
    bool is_called; /* the parameters have been used */
    const struct error *error;
    struct slice answer;
};

static inline _Noreturn void sts_fail(struct sts_runner *runner, const char *what,
                                      struct slice text)
{
    print_error("%s:%d: %s: %.*s\n", runner->file, runner->line, what, SLICE_PRINT(text));
    fail();
    abort();
}

static inline struct slice sts_word(struct slice *rest)
{
    size_t size = 0;
    while (size < rest->size && rest->data[size] != ' ')
        size++;
    struct slice word = slice_of(rest->data, size);
    while (size < rest->size && rest->data[size] == ' ')
        size++;
    *rest = slice_after(*rest, size);
    return word;
}

static inline struct slice sts_text(struct sts_runner *runner, const char *format, ...)
    PRINTF_LIKE(2, 3);
static inline struct slice sts_text(struct sts_runner *runner, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct slice text = error_make_va(&runner->arena, ERROR_INTERNAL, format, arguments)->message;
    va_end(arguments);
    return text;
}

/* --- who there is --- */

static inline const struct error *sts_put(void *context, struct iam_change *change)
{
    return iam_change_put(change, context, NULL);
}

static inline void sts_write(struct sts_runner *runner, const struct db_identity *identity)
{
    struct db_identity copy = *identity;
    const struct error *error =
        iam_directory_change(runner->iam.directory, &runner->arena, sts_put, &copy);
    if (error != NULL)
        sts_fail(runner, "cannot be made", error->message);
}

static inline void sts_add_caller(struct sts_runner *runner, struct slice name, struct slice id,
                                  struct slice token)
{
    assert_true(runner->caller_count < STS_CALLERS_MAX && name.size < STS_NAME_BYTES);
    struct sts_caller *caller = &runner->callers[runner->caller_count++];
    memset(caller->name, 0, sizeof(caller->name));
    memcpy(caller->name, name.data, name.size);
    caller->access_key_id = id;
    caller->token = token;
}

static inline void sts_add_user(struct sts_runner *runner, struct slice rest)
{
    struct slice name = sts_word(&rest);
    struct slice key_id = sts_text(runner, "AKIA%.*s%.*s", SLICE_PRINT(name), (int)(16 - name.size),
                                   "2222222222222222");
    struct slice sealed;
    assert_null(auth_seal(&runner->arena, &runner->key, AUTH_SEAL_SECRET, key_id, SLICE("secret"),
                          &sealed));
    struct db_identity_key key = {.id = key_id, .sealed = sealed, .created_ms = 1};
    struct db_identity_document policy = {.name = SLICE("inline"), .document = rest};
    struct db_identity user = {
        .kind = DB_IDENTITY_USER,
        .id = sts_text(runner, "AIDA%.*s", SLICE_PRINT(name)),
        .name = name,
        .path = SLICE("/"),
        .created_ms = 1,
        .inline_policies = &policy,
        .inline_count = rest.size > 0,
        .keys = &key,
        .key_count = 1,
    };
    sts_write(runner, &user);
    sts_add_caller(runner, name, key_id, SLICE_ABSENT);
}

static inline struct slice sts_role_id(struct sts_runner *runner, struct slice name)
{
    return sts_text(runner, "AROA%.*s", SLICE_PRINT(name));
}

static inline void sts_add_role(struct sts_runner *runner, struct slice rest)
{
    struct slice name = sts_word(&rest);
    uint64_t seconds = 3600;
    if (rest.data[0] != '{')
        seconds = strtoull((const char *)sts_word(&rest).data, NULL, 10);
    struct db_identity_tag tag = {SLICE("kind"), SLICE("role")};
    struct db_identity role = {
        .kind = DB_IDENTITY_ROLE,
        .id = sts_role_id(runner, name),
        .name = name,
        .path = SLICE("/"),
        .created_ms = 1,
        .trust = rest,
        .max_session_seconds = seconds,
        .tags = &tag,
        .tag_count = 1,
    };
    sts_write(runner, &role);
}

static inline const struct error *sts_decide_grant(void *context, struct iam_change *change)
{
    struct slice *name_and_policy = context;
    struct iam_entity *role =
        iam_find_name(change->directory, DB_IDENTITY_ROLE, name_and_policy[0]);
    assert_non_null(role);
    struct db_identity record = role->record;
    struct db_identity_document policy = {SLICE("inline"), name_and_policy[1]};
    record.inline_policies = &policy;
    record.inline_count = 1;
    return iam_change_put(change, &record, NULL);
}

static inline void sts_grant(struct sts_runner *runner, struct slice rest)
{
    struct slice name = sts_word(&rest);
    struct slice both[] = {name, rest};
    assert_null(
        iam_directory_change(runner->iam.directory, &runner->arena, sts_decide_grant, both));
}

static inline void sts_add_provider(struct sts_runner *runner, struct slice rest)
{
    struct slice url = sts_word(&rest);
    struct db_identity_text client_ids[8];
    size_t count = 0;
    while (rest.size > 0) {
        size_t size = 0;
        while (size < rest.size && rest.data[size] != ',')
            size++;
        client_ids[count++].text = slice_of(rest.data, size);
        rest = slice_after(rest, size < rest.size ? size + 1 : size);
    }
    struct db_identity provider = {
        .kind = DB_IDENTITY_PROVIDER,
        .id = sts_text(runner, "https://%.*s", SLICE_PRINT(url)),
        .name = url,
        .path = SLICE("/"),
        .created_ms = 1,
        .client_ids = client_ids,
        .client_id_count = count,
    };
    sts_write(runner, &provider);
}

static inline const struct error *sts_decide_delete(void *context, struct iam_change *change)
{
    const struct slice *name = context;
    struct iam_entity *entity = iam_find_name(change->directory, DB_IDENTITY_ROLE, *name);
    if (entity == NULL)
        entity = iam_find_name(change->directory, DB_IDENTITY_USER, *name);
    assert_non_null(entity);
    return iam_change_remove(change, entity);
}

static inline void sts_delete(struct sts_runner *runner, struct slice name)
{
    assert_null(
        iam_directory_change(runner->iam.directory, &runner->arena, sts_decide_delete, &name));
}

static inline void sts_become(struct sts_runner *runner, struct slice name)
{
    runner->caller = NULL;
    if (slice_equal(name, SLICE("nobody")))
        return;
    for (size_t i = 0; i < runner->caller_count; i++) {
        if (slice_equal(name, slice_of_cstring(runner->callers[i].name)))
            runner->caller = &runner->callers[i];
    }
    if (runner->caller == NULL)
        sts_fail(runner, "there is no such caller", name);
}

/* --- calls --- */

/* ${RS256 {...}} becomes a token of these claims. */
static inline struct slice sts_expand(struct sts_runner *runner, struct slice text)
{
    if (!slice_starts_with(text, SLICE("${")) || text.data[text.size - 1] != '}')
        return text;
    struct slice rest = slice_of(text.data + 2, text.size - 3);
    char how[STS_NAME_BYTES] = {0};
    struct slice word = sts_word(&rest);
    memcpy(how, word.data, word.size < sizeof(how) - 1 ? word.size : sizeof(how) - 1);
    return jwt_make(&runner->arena, how, rest);
}

static inline void sts_add_parameter(struct sts_runner *runner, struct slice text)
{
    const uint8_t *equal = memchr(text.data, '=', text.size);
    if (equal == NULL || runner->parameter_count == STS_PARAMETERS_MAX)
        sts_fail(runner, "is no parameter", text);
    size_t size = (size_t)(equal - text.data);
    runner->parameters[runner->parameter_count++] = (struct http_form_pair){
        slice_of(text.data, size), sts_expand(runner, slice_after(text, size + 1))};
}

static inline void sts_begin_call(struct sts_runner *runner, struct slice rest)
{
    runner->parameter_count = 0;
    runner->is_called = false;
    runner->parameters[runner->parameter_count++] =
        (struct http_form_pair){SLICE("Version"), SLICE("2011-06-15")};
    runner->parameters[runner->parameter_count++] =
        (struct http_form_pair){SLICE("Action"), sts_word(&rest)};
    while (rest.size > 0)
        sts_add_parameter(runner, sts_word(&rest));
}

static inline const struct error *sts_identify(struct sts_runner *runner,
                                               const struct auth_keyring *keyring,
                                               struct auth_identity *identity)
{
    const struct sts_caller *caller = runner->caller;
    if (caller == NULL)
        return NULL;
    const struct error *error =
        keyring->acquire(keyring->context, &runner->arena, caller->access_key_id, caller->token,
                         runner->now_ms, &identity->credential);
    identity->access_key_id = caller->access_key_id;
    identity->session_token = caller->token;
    identity->region = SLICE("us-east-1");
    return error;
}

static inline void sts_call(struct sts_runner *runner)
{
    const struct auth_keyring *keyring = iam_directory_keyring(runner->iam.directory);
    struct http_form form = {runner->parameters, runner->parameter_count};
    struct http_request request = {.method = SLICE("POST"), .target = SLICE("/")};
    struct auth_identity identity = {.credential = NULL};
    struct buf body;
    struct xml_writer writer;
    buf_init(&body, &runner->arena, 1024 * 1024);
    xml_writer_init(&writer, &body);
    struct iam_call call = {
        .iam = &runner->iam,
        .arena = &runner->arena,
        .request = &request,
        .form = &form,
        .identity = &identity,
        .now_ms = runner->now_ms,
        .request_id = SLICE("r"),
        .out = &writer,
    };
    const struct iam_action *action;
    runner->is_called = true;
    runner->error = iam_action_find(&runner->arena, &form, &action);
    if (runner->error == NULL)
        runner->error = sts_identify(runner, keyring, &identity);
    if (runner->error == NULL)
        runner->error = iam_run(&call, action);
    runner->answer = runner->error == NULL ? buf_slice(&body) : SLICE("");
    if (identity.credential != NULL)
        keyring->release(keyring->context, identity.credential);
}

/* --- what is expected --- */

static inline bool sts_has(struct slice text, struct slice part)
{
    return part.size > 0 && memmem(text.data, text.size, part.data, part.size) != NULL;
}

static inline struct slice sts_outcome(struct sts_runner *runner)
{
    if (!runner->is_called)
        sts_call(runner);
    if (runner->error == NULL)
        return runner->answer;
    return sts_text(runner, "%s: %.*s", query_failure_of(runner->error->kind).code,
                    SLICE_PRINT(runner->error->message));
}

static inline void sts_expect(struct sts_runner *runner, char sign, struct slice text)
{
    struct slice outcome = sts_outcome(runner);
    bool refused = runner->error != NULL;
    bool is_right = sign == '~'   ? !refused && sts_has(outcome, text)
                    : sign == '-' ? !refused && !sts_has(outcome, text)
                                  : refused && slice_equal(outcome, text);
    if (!is_right)
        sts_fail(runner, "it was", outcome);
}

static inline struct slice sts_element(struct sts_runner *runner, const char *name)
{
    char begin[STS_NAME_BYTES];
    struct slice answer = sts_outcome(runner);
    int size = snprintf(begin, sizeof(begin), "<%s>", name);
    const uint8_t *at = memmem(answer.data, answer.size, begin, (size_t)size);
    if (at == NULL)
        sts_fail(runner, "the answer has no such element", slice_of_cstring(name));
    at += size;
    const uint8_t *end = memchr(at, '<', answer.size - (size_t)(at - answer.data));
    return slice_of(at, (size_t)(end - at));
}

static inline void sts_keep(struct sts_runner *runner, struct slice name)
{
    struct slice id = sts_element(runner, "AccessKeyId");
    sts_add_caller(runner, name, id, sts_element(runner, "SessionToken"));
}

/* --- files --- */

static inline void sts_line(struct sts_runner *runner, struct slice line)
{
    if (slice_starts_with(line, SLICE("  "))) {
        sts_add_parameter(runner, slice_after(line, 2));
        return;
    }
    struct slice rest = line;
    struct slice word = sts_word(&rest);
    static const struct {
        const char *word;
        void (*function)(struct sts_runner *runner, struct slice rest);
    } rows[] = {
        {"user", sts_add_user}, {"role", sts_add_role},
        {"grant", sts_grant},   {"provider", sts_add_provider},
        {"as", sts_become},     {">", sts_begin_call},
        {"keep", sts_keep},     {"delete", sts_delete},
    };
    if (word.size == 0 || word.data[0] == '#')
        return;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (slice_equal(word, slice_of_cstring(rows[i].word))) {
            rows[i].function(runner, rest);
            return;
        }
    }
    if (slice_equal(word, SLICE("at")))
        runner->now_ms = sts_beginning_ms + strtoll((const char *)rest.data, NULL, 10) * 1000;
    else if (word.size == 1 && strchr("~-!", word.data[0]) != NULL)
        sts_expect(runner, (char)word.data[0], rest);
    else
        sts_fail(runner, "is no line of a case", line);
}

static inline void sts_open(struct sts_runner *runner, const char *file)
{
    *runner = (struct sts_runner){.file = file, .now_ms = sts_beginning_ms, .key = {{9}}};
    arena_init(&runner->arena, STS_ARENA_BYTES);
    assert_null(mem_store_open(&runner->arena, &runner->store));
    struct db_options db_options = {.store = runner->store};
    assert_null(db_open(&runner->arena, &db_options, &runner->db));
    struct iam_directory_options options = {
        .db = runner->db, .account = SLICE(STS_ACCOUNT), .key = &runner->key};
    assert_null(iam_directory_open(&runner->arena, &options, &runner->iam.directory));
    struct slice keys = jwt_key_set(&runner->arena);
    struct slice json = sts_text(runner, "{\"https://idp.example.com\":%.*s}", SLICE_PRINT(keys));
    struct iam_trusted *trusted = iam_trusted_new(STS_ARENA_BYTES);
    assert_non_null(trusted);
    assert_null(iam_oidc_open(&trusted->arena, json, &trusted->oidc));
    iam_trusted_slot_init(&runner->trusted);
    iam_trusted_replace(&runner->trusted, trusted);
    runner->iam.key = &runner->key;
    runner->iam.account = SLICE(STS_ACCOUNT);
    runner->iam.trusted = &runner->trusted;
    bool created;
    struct slice id;
    struct slice secret;
    assert_null(iam_directory_root_key(runner->iam.directory, &runner->arena, false, runner->now_ms,
                                       &created, &id, &secret));
    sts_add_caller(runner, SLICE("root"), id, SLICE_ABSENT);
}

static inline void sts_close(struct sts_runner *runner)
{
    iam_trusted_slot_fini(&runner->trusted);
    iam_directory_close(runner->iam.directory);
    db_close(runner->db);
    store_close(runner->store);
    arena_fini(&runner->arena);
}

static inline void sts_run_file(const char *file)
{
    static struct sts_runner runner;
    struct slice text;
    sts_open(&runner, file);
    assert_null(file_read(&runner.arena, file, 1024 * 1024, &text));
    while (text.size > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.size);
        size_t size = end == NULL ? text.size : (size_t)(end - text.data);
        runner.line++;
        sts_line(&runner, slice_of(text.data, size));
        text = slice_after(text, end == NULL ? size : size + 1);
    }
    sts_close(&runner);
}

#endif
