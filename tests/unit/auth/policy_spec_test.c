/*
 * Runs the cases of tests/spec/policies (the format is described in README.md there): policies are
 * read, principals made, and every question is decided; then again with less and less memory, where
 * the answer must be the same or that memory is exhausted.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/decide.h"
#include "auth/letters.h"
#include "auth/operand.h"
#include "base/buf.h"

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    FILES_MAX = 64,
    SMALL_ARENAS = 10,
    NAMED_MAX = 200,
    TAGS_MAX = 8,
    POLICIES_MAX = 8,
    KEYS_MAX = 8,
    VALUES_MAX = 64,
};

#define ACCOUNT "111122223333"

struct named_policy {
    struct slice name;
    const struct auth_policy *policy;
};

struct named_principal {
    struct slice name;
    struct auth_principal principal;
    struct auth_tag tags[TAGS_MAX];
    struct auth_attachment identity[POLICIES_MAX];
    struct auth_attachment session[POLICIES_MAX];
};

enum mode { MODE_DECIDE, MODE_TRUST, MODE_READ };

struct context_key {
    struct slice name;
    struct slice values[VALUES_MAX];
    struct auth_values all;
};

/* One file on its way. */
struct run {
    const char *path;
    size_t line_number;
    size_t failed_count;
    size_t case_count;
    struct arena arena;
    struct named_policy policies[NAMED_MAX];
    size_t policy_count;
    struct named_principal principals[NAMED_MAX];
    size_t principal_count;

    enum mode mode;
    enum auth_policy_kind kind;                /* MODE_READ */
    const struct auth_policy *resource_policy; /* of @resource-policy, or NULL; MODE_TRUST: trust */
    struct named_principal *who;               /* NULL: nobody */
    struct slice question;                     /* the line before => */

    struct context_key keys[KEYS_MAX];
    size_t key_count;
};

static void complain(struct run *run, const char *what, struct slice detail)
{
    run->failed_count++;
    print_error("%s:%zu: %s: %.*s\n", run->path, run->line_number, what, SLICE_PRINT(detail));
}

/* Takes the next word, up to a space that stands in no quotes; an absent slice at the end. */
static struct slice take_word(struct slice *line)
{
    while (line->size > 0 && line->data[0] == ' ')
        *line = slice_after(*line, 1);
    size_t size = 0;
    bool quoted = false;
    while (size < line->size && (quoted || line->data[size] != ' '))
        quoted ^= line->data[size++] == '"';
    if (size == 0)
        return SLICE_ABSENT;
    struct slice word = slice_of(line->data, size);
    *line = slice_after(*line, size);
    return word;
}

static struct slice trim(struct slice text)
{
    while (text.size > 0 && text.data[0] == ' ')
        text = slice_after(text, 1);
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

static struct slice unquote(struct slice text)
{
    if (text.size >= 2 && text.data[0] == '"' && text.data[text.size - 1] == '"')
        return slice_of(text.data + 1, text.size - 2);
    return text;
}

/* name=value. false: the word has no '='. */
static bool split_at(struct slice word, uint8_t separator, struct slice *ret_name,
                     struct slice *ret_value)
{
    const uint8_t *at = word.size == 0 ? NULL : memchr(word.data, separator, word.size);
    if (at == NULL)
        return false;
    *ret_name = slice_of(word.data, (size_t)(at - word.data));
    *ret_value = slice_after(word, ret_name->size + 1);
    return true;
}

static struct slice join(struct run *run, struct slice first, struct slice middle,
                         struct slice last)
{
    struct buf buf;
    buf_init(&buf, &run->arena, SIZE_MAX);
    buf_append(&buf, first);
    buf_append(&buf, middle);
    buf_append(&buf, last);
    assert_false(buf.failed);
    return buf_slice(&buf);
}

/* --- policies and principals --- */

static bool find_kind(struct slice name, enum auth_policy_kind *ret_kind)
{
    static const struct slice names[] = {
        [AUTH_POLICY_IDENTITY] = SLICE_INIT("identity"),
        [AUTH_POLICY_RESOURCE] = SLICE_INIT("resource"),
        [AUTH_POLICY_TRUST] = SLICE_INIT("trust"),
        [AUTH_POLICY_MANAGED] = SLICE_INIT("managed"),
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (slice_equal(names[i], name)) {
            *ret_kind = (enum auth_policy_kind)i;
            return true;
        }
    }
    return false;
}

static const struct named_policy *find_policy(struct run *run, struct slice name)
{
    for (size_t i = run->policy_count; i-- > 0;) { /* the newest of a name holds */
        if (slice_equal(run->policies[i].name, name))
            return &run->policies[i];
    }
    complain(run, "no such policy", name);
    return NULL;
}

static const struct auth_policy *add_policy(struct run *run, struct slice name,
                                            enum auth_policy_kind kind, struct slice json)
{
    const struct auth_policy *policy = NULL;
    const struct error *error = auth_policy_read(&run->arena, kind, json, &policy);
    assert_true(run->policy_count < NAMED_MAX);
    if (error != NULL) {
        complain(run, "the policy cannot be read", error->message);
        policy = NULL;
        error = auth_policy_read(
            &run->arena, AUTH_POLICY_IDENTITY,
            SLICE("{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}}"),
            &policy);
        assert_null(error);
    }
    run->policies[run->policy_count++] = (struct named_policy){name, policy};
    return policy;
}

/* @policy NAME KIND JSON */
static void directive_policy(struct run *run, struct slice rest)
{
    struct slice name = take_word(&rest);
    struct slice kind_name = take_word(&rest);
    enum auth_policy_kind kind;
    if (find_kind(kind_name, &kind))
        (void)add_policy(run, name, kind, trim(rest));
    else
        complain(run, "no such kind of policy", kind_name);
}

static void attach(struct run *run, struct slice names, struct auth_attachment *items,
                   struct auth_attachments *attachments)
{
    attachments->items = items;
    while (names.size > 0) {
        struct slice name = names;
        struct slice others = SLICE("");
        (void)split_at(names, ',', &name, &others);
        const struct named_policy *policy = find_policy(run, name);
        assert_true(attachments->count < POLICIES_MAX);
        if (policy != NULL)
            items[attachments->count++] = (struct auth_attachment){policy->name, policy->policy};
        names = others;
    }
}

static void set_member(struct run *run, struct named_principal *who, struct slice name,
                       struct slice value)
{
    struct auth_principal *principal = &who->principal;
    value = unquote(value);
    if (slice_equal(name, SLICE("policies"))) {
        attach(run, value, who->identity, &principal->identity);
    } else if (slice_equal(name, SLICE("boundary"))) {
        const struct named_policy *policy = find_policy(run, value);
        principal->boundary = policy == NULL ? NULL : policy->policy;
        principal->boundary_name = value;
    } else if (slice_equal(name, SLICE("session"))) {
        principal->has_session_policies = true;
        attach(run, value, who->session, &principal->session);
    } else if (slice_equal(name, SLICE("issued"))) {
        assert_true(auth_read_date(value, &principal->token_issued_ms));
    } else if (slice_equal(name, SLICE("source-identity"))) {
        principal->source_identity = value;
    } else if (slice_equal(name, SLICE("provider"))) {
        principal->federated_provider = value;
    } else if (slice_equal(name, SLICE("user"))) {
        principal->user_arn = join(run, SLICE("arn:aws:iam::" ACCOUNT ":user/"), value, SLICE(""));
    } else if (slice_equal(name, SLICE("id"))) {
        principal->user_id = value;
    } else if (slice_starts_with(name, SLICE("tag."))) {
        assert_true(principal->tag_count < TAGS_MAX);
        who->tags[principal->tag_count++] = (struct auth_tag){slice_after(name, 4), value};
        principal->tags = who->tags;
    } else {
        complain(run, "no such member of a principal", name);
    }
}

static struct named_principal *find_principal(struct run *run, struct slice name)
{
    for (size_t i = run->principal_count; i-- > 0;) {
        if (slice_equal(run->principals[i].name, name))
            return &run->principals[i];
    }
    return NULL;
}

static struct named_principal *add_principal(struct run *run, struct slice name,
                                             enum auth_principal_kind kind, struct slice arn)
{
    assert_true(run->principal_count < NAMED_MAX);
    struct named_principal *who = &run->principals[run->principal_count++];
    *who = (struct named_principal){.name = name};
    who->principal.kind = kind;
    who->principal.account = SLICE(ACCOUNT);
    who->principal.arn = arn;
    who->principal.user_id = kind == AUTH_ROOT ? SLICE(ACCOUNT) : SLICE("AIDAEXAMPLEEXAMPLE01");
    return who;
}

/* @user NAME [PATH/NAME] members; @session NAME ROLE/SESSION; @federated NAME; @root NAME */
static void directive_principal(struct run *run, enum auth_principal_kind kind, struct slice rest)
{
    static const struct slice arns[] = {
        [AUTH_ROOT] = SLICE_INIT("arn:aws:iam::" ACCOUNT ":root"),
        [AUTH_USER] = SLICE_INIT("arn:aws:iam::" ACCOUNT ":user/"),
        [AUTH_ROLE_SESSION] = SLICE_INIT("arn:aws:sts::" ACCOUNT ":assumed-role/"),
        [AUTH_FEDERATED_USER] = SLICE_INIT("arn:aws:sts::" ACCOUNT ":federated-user/"),
    };
    struct slice name = take_word(&rest);
    struct slice arn_name = kind == AUTH_ROOT ? SLICE("") : name;
    struct slice role = SLICE_ABSENT;
    if (kind == AUTH_ROLE_SESSION) {
        struct slice session;
        arn_name = take_word(&rest);
        if (!split_at(arn_name, '/', &role, &session))
            complain(run, "not ROLE/SESSION", arn_name);
    }
    struct named_principal *who =
        add_principal(run, name, kind, join(run, arns[kind], arn_name, SLICE("")));
    if (kind == AUTH_ROLE_SESSION) {
        who->principal.role_arn =
            join(run, SLICE("arn:aws:iam::" ACCOUNT ":role/"), role, SLICE(""));
        who->principal.user_id = SLICE("AROAEXAMPLEEXAMPLE02:session");
    }
    if (kind == AUTH_USER)
        who->principal.user_name = name;
    if (kind == AUTH_ROLE_SESSION || kind == AUTH_FEDERATED_USER)
        who->principal.token_issued_ms = 1769860800000; /* 2026-01-31T12:00:00Z */
    for (;;) {
        struct slice word = take_word(&rest);
        struct slice member;
        struct slice value;
        if (!slice_present(word))
            break;
        if (split_at(word, '=', &member, &value))
            set_member(run, who, member, value);
        else
            complain(run, "not member=value", word);
    }
    run->who = who;
    run->mode = MODE_DECIDE;
    run->resource_policy = NULL;
}

/* @if JSON: a user whose one policy allows everything on that condition */
static void directive_if(struct run *run, struct slice json)
{
    struct slice text =
        join(run,
             SLICE("{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
                   "\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":"),
             json, SLICE("}}"));
    struct slice name = SLICE("if");
    const struct auth_policy *policy = add_policy(run, name, AUTH_POLICY_IDENTITY, text);
    if (run->who == NULL)
        run->who =
            add_principal(run, SLICE("ann"), AUTH_USER, SLICE("arn:aws:iam::" ACCOUNT ":user/ann"));
    run->who->principal.user_name = SLICE("ann");
    run->who->identity[0] = (struct auth_attachment){name, policy};
    run->who->principal.identity = (struct auth_attachments){run->who->identity, 1};
    run->mode = MODE_DECIDE;
    run->resource_policy = NULL;
}

static void directive_as(struct run *run, struct slice name)
{
    run->who = slice_equal(name, SLICE("nobody")) ? NULL : find_principal(run, name);
    if (run->who == NULL && !slice_equal(name, SLICE("nobody")))
        complain(run, "no such principal", name);
}

static void directive_resource_policy(struct run *run, struct slice name, enum mode mode)
{
    const struct named_policy *policy =
        slice_equal(name, SLICE("-")) ? NULL : find_policy(run, name);
    run->resource_policy = policy == NULL ? NULL : policy->policy;
    run->mode = mode;
}

static void run_directive(struct run *run, struct slice line)
{
    struct slice rest = slice_after(line, 1);
    struct slice name = take_word(&rest);
    rest = trim(rest);
    if (slice_equal(name, SLICE("policy")))
        directive_policy(run, rest);
    else if (slice_equal(name, SLICE("user")))
        directive_principal(run, AUTH_USER, rest);
    else if (slice_equal(name, SLICE("session")))
        directive_principal(run, AUTH_ROLE_SESSION, rest);
    else if (slice_equal(name, SLICE("federated")))
        directive_principal(run, AUTH_FEDERATED_USER, rest);
    else if (slice_equal(name, SLICE("root")))
        directive_principal(run, AUTH_ROOT, rest);
    else if (slice_equal(name, SLICE("if")))
        directive_if(run, rest);
    else if (slice_equal(name, SLICE("as")))
        directive_as(run, rest);
    else if (slice_equal(name, SLICE("resource-policy")))
        directive_resource_policy(run, rest, MODE_DECIDE);
    else if (slice_equal(name, SLICE("trust")))
        directive_resource_policy(run, rest, MODE_TRUST);
    else if (slice_equal(name, SLICE("read")) && find_kind(rest, &run->kind))
        run->mode = MODE_READ;
    else
        complain(run, "no such directive", line);
}

/* --- questions --- */

/* key=value, key=value|value, key=[] */
static void add_key(struct run *run, struct slice name, struct slice value)
{
    assert_true(run->key_count < KEYS_MAX);
    struct context_key *key = &run->keys[run->key_count++];
    *key = (struct context_key){.name = name};
    if (slice_equal(value, SLICE("[]")))
        return;
    value = unquote(value);
    for (;;) {
        struct slice first = value;
        struct slice others;
        bool has_more = split_at(value, '|', &first, &others);
        assert_true(key->all.count < VALUES_MAX);
        key->values[key->all.count++] = first;
        if (!has_more)
            break;
        value = others;
    }
    key->all.items = key->values;
}

static const struct error *look_up(void *context, struct arena *arena, struct slice key,
                                   struct auth_values *ret_values, bool *ret_present)
{
    struct run *run = context;
    (void)arena;
    *ret_present = false;
    for (size_t i = 0; i < run->key_count; i++) {
        if (!auth_equal_ignoring_case(run->keys[i].name, key))
            continue;
        *ret_values = run->keys[i].all;
        *ret_present = true;
    }
    return NULL;
}

struct question {
    struct slice action;
    struct slice resource;
    struct slice federated;
    struct slice service;
};

/* [ACTION [RESOURCE]] [key=value ...], or - */
static void read_question(struct run *run, struct slice line, struct question *question)
{
    *question = (struct question){
        .action = run->mode == MODE_TRUST ? SLICE("sts:AssumeRole") : SLICE("dynamodb:GetItem"),
        .resource = SLICE("table/Books"),
    };
    run->key_count = 0;
    size_t plain_count = 0;
    for (;;) {
        struct slice word = take_word(&line);
        struct slice name;
        struct slice value;
        if (!slice_present(word))
            break;
        if (slice_equal(word, SLICE("-")))
            continue;
        if (!split_at(word, '=', &name, &value))
            *(plain_count++ == 0 ? &question->action : &question->resource) = word;
        else if (slice_equal(name, SLICE("federated")))
            question->federated = value;
        else if (slice_equal(name, SLICE("service")))
            question->service = value;
        else
            add_key(run, name, value);
    }
    if (!slice_starts_with(question->resource, SLICE("arn:")) &&
        !slice_equal(question->resource, SLICE("*")))
        question->resource = join(run, SLICE("arn:aws:dynamodb:us-east-1:" ACCOUNT ":"),
                                  question->resource, SLICE(""));
}

static const char *const reasons[] = {
    [AUTH_ALLOWED] = "allowed",
    [AUTH_NO_IDENTITY_POLICY] = "no identity policy",
    [AUTH_NO_BOUNDARY] = "no boundary",
    [AUTH_NO_SESSION_POLICY] = "no session policy",
    [AUTH_NO_RESOURCE_POLICY] = "no resource policy",
    [AUTH_DENIED_BY_IDENTITY_POLICY] = "denied by identity policy",
    [AUTH_DENIED_BY_BOUNDARY] = "denied by boundary",
    [AUTH_DENIED_BY_SESSION_POLICY] = "denied by session policy",
    [AUTH_DENIED_BY_RESOURCE_POLICY] = "denied by resource policy",
};

static const char *const trusts[] = {
    [AUTH_TRUST_NONE] = "none",
    [AUTH_TRUST_DENIED] = "denied",
    [AUTH_TRUST_OF_ACCOUNT] = "account",
    [AUTH_TRUST_OF_PRINCIPAL] = "principal",
};

/* The answer of one question, or the words of an error of the question itself behind "! "; says is
 * whether the message of a refusal is wanted. */
static struct slice decide(struct run *run, const struct question *asked, struct arena *arena,
                           bool says)
{
    struct auth_question question = {
        .principal = &run->who->principal,
        .action = asked->action,
        .resource = asked->resource,
        .resource_policy = run->resource_policy,
        .look_up = look_up,
        .context = run,
    };
    struct auth_decision decision;
    const struct error *error = auth_decide(&question, arena, &decision);
    if (error == NULL && (!says || decision.reason == AUTH_ALLOWED))
        return slice_of_cstring(reasons[decision.reason]);
    return (error != NULL ? error : auth_denial(arena, &question, &decision))->message;
}

static struct slice decide_trust(struct run *run, const struct question *asked, struct arena *arena)
{
    struct auth_trust_question question = {
        .trust = run->resource_policy,
        .action = asked->action,
        .principal = run->who == NULL ? NULL : &run->who->principal,
        .federated = asked->federated,
        .service = asked->service,
        .look_up = look_up,
        .context = run,
    };
    enum auth_trust trust;
    const struct error *error = auth_decide_trust(&question, arena, &trust);
    return error == NULL ? slice_of_cstring(trusts[trust]) : error->message;
}

static struct slice read_policy(struct run *run, struct arena *arena)
{
    const struct auth_policy *policy;
    const struct error *error = auth_policy_read(arena, run->kind, run->question, &policy);
    return error == NULL ? SLICE("good") : error->message;
}

static struct slice answer(struct run *run, const struct question *question, struct arena *arena,
                           bool says)
{
    switch (run->mode) {
    case MODE_DECIDE:
        return decide(run, question, arena, says);
    case MODE_TRUST:
        return decide_trust(run, question, arena);
    default:
        return read_policy(run, arena);
    }
}

/* yes and no are short for what most cases are about. */
static struct slice expand(struct slice expected)
{
    if (slice_equal(expected, SLICE("yes")))
        return SLICE("allowed");
    if (slice_equal(expected, SLICE("no")))
        return SLICE("no identity policy");
    return expected;
}

static void run_case(struct run *run, struct slice expected)
{
    run->case_count++;
    bool says = slice_starts_with(expected, SLICE("! "));
    expected = expand(says ? slice_after(expected, 2) : expected);
    struct question question = {0};
    if (run->mode != MODE_READ)
        read_question(run, run->question, &question);
    for (int i = 0; i <= SMALL_ARENAS; i++) {
        struct arena arena;
        arena_init(&arena, i == 0 ? ARENA_BYTES : (size_t)64 << (SMALL_ARENAS - i));
        struct slice given = answer(run, &question, &arena, says);
        bool is_good = slice_equal(given, expected) ||
                       (i > 0 && slice_equal(given, error_exhausted()->message));
        if (!is_good)
            complain(run, "the answer was", given);
        arena_fini(&arena);
        if (!is_good)
            return;
    }
}

static void run_line(struct run *run, struct slice line)
{
    if (line.size == 0 || line.data[0] == ';')
        return;
    if (line.data[0] == '@')
        run_directive(run, line);
    else if (slice_starts_with(line, SLICE("=> ")))
        run_case(run, slice_after(line, 3));
    else
        run->question = line;
}

/* Puts a line that begins with a space behind the one before. Returns the end of the whole. */
static size_t join_lines(uint8_t *text, size_t size, size_t at, size_t *ret_next, size_t *ret_count)
{
    size_t end = at;
    *ret_count = 1;
    while (end < size && text[end] != '\n')
        end++;
    while (end + 1 < size && text[end + 1] == ' ') {
        text[end] = ' ';
        ++*ret_count;
        while (end < size && text[end] != '\n')
            end++;
    }
    *ret_next = end < size ? end + 1 : size;
    return end;
}

static void run_file(void **state)
{
    struct run *run = calloc(1, sizeof(*run));
    assert_non_null(run);
    run->path = *state;
    FILE *file = fopen(run->path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    uint8_t *text = malloc((size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    (void)fclose(file);
    arena_init(&run->arena, ARENA_BYTES);
    run->line_number = 1;
    for (size_t at = 0; at < (size_t)size;) {
        size_t next;
        size_t line_count;
        size_t end = join_lines(text, (size_t)size, at, &next, &line_count);
        run_line(run, trim(slice_of(text + at, end - at)));
        run->line_number += line_count;
        at = next;
    }
    assert_true(run->case_count > 0);
    size_t failed_count = run->failed_count;
    print_message("%s: %zu cases\n", run->path, run->case_count);
    arena_fini(&run->arena);
    free(text);
    free(run);
    if (failed_count > 0)
        fail_msg("%zu cases failed", failed_count);
}

int main(void)
{
    static struct CMUnitTest tests[FILES_MAX];
    size_t count = 0;
    DIR *folder = opendir(TESTS_DIR "/spec/policies");
    if (folder == NULL)
        return 1;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL && count < FILES_MAX;) {
        char *path;
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".test") != 0)
            continue;
        if (asprintf(&path, "%s/spec/policies/%s", TESTS_DIR, entry->d_name) < 0)
            return 1;
        tests[count++] = (struct CMUnitTest){path, run_file, NULL, NULL, path};
    }
    (void)closedir(folder);
    return count == 0 || _cmocka_run_group_tests("policies", tests, count, NULL, NULL) != 0;
}
