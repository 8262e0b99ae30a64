#ifndef HASHRANGE_TESTS_UNIT_IAM_IAM_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_IAM_IAM_FIXTURE_H

/*
 * A directory of identities for a test, over a store in memory, and requests to the services as
 * forms: "UserName=x&Path=/a/" in, the inside of the result or an error out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the ones above */
#include <cmocka.h>

#include "db/catalog.h"
#include "iam/directory.h"
#include "iam/service.h"
#include "store/fault/fault_store.h"
#include "store/mem/mem_store.h"

enum { IAM_ARENA_BYTES = 256 * 1024 * 1024 };

struct iam_fixture {
    struct arena process;
    struct arena arena;  /* of the last request */
    struct arena call;   /* what the service was given for it */
    size_t call_bytes;   /* how much that may be */
    struct store *store; /* a fault_store */
    struct db *db;
    struct auth_seal_key key;
    struct iam iam;
    int64_t now_ms;
    struct auth_identity identity; /* who asks; without a credential nobody is verified */
    /* of the last request */
    const struct error *error;
    struct slice answer; /* what is inside of <ActionResult> */
};

static inline void assert_ok(const struct error *error)
{
    if (error != NULL)
        fail_msg("%s: %.*s", error_kind_name(error->kind), SLICE_PRINT(error->message));
}

static inline void iam_fixture_open_directory(struct iam_fixture *fixture)
{
    struct iam_directory_options options = {
        .db = fixture->db, .account = SLICE("123456789012"), .key = &fixture->key};
    assert_ok(iam_directory_open(&fixture->process, &options, &fixture->iam.directory));
}

static inline void iam_fixture_open(struct iam_fixture *fixture)
{
    *fixture = (struct iam_fixture){
        .now_ms = INT64_C(1700000000000),
        .key = {{1, 2, 3}},
        .identity = {.region = SLICE("us-east-1"), .access_key_id = SLICE("local")},
        .iam = {.account = SLICE("123456789012"), .development = true},
        .call_bytes = IAM_ARENA_BYTES,
    };
    arena_init(&fixture->process, IAM_ARENA_BYTES);
    arena_init(&fixture->arena, IAM_ARENA_BYTES);
    fixture->iam.key = &fixture->key;
    assert_ok(mem_store_open(&fixture->process, &fixture->store));
    assert_ok(fault_store_open(&fixture->process, fixture->store, &fixture->store));
    struct db_options options = {.store = fixture->store};
    assert_ok(db_open(&fixture->process, &options, &fixture->db));
    iam_fixture_open_directory(fixture);
}

/* Who asks from here on: nobody in particular. */
static inline void iam_fixture_release(struct iam_fixture *fixture)
{
    const struct auth_keyring *keyring = iam_directory_keyring(fixture->iam.directory);
    if (fixture->identity.credential != NULL)
        keyring->release(keyring->context, fixture->identity.credential);
    fixture->identity.credential = NULL;
    fixture->iam.development = true;
}

static inline void iam_fixture_restart(struct iam_fixture *fixture)
{
    iam_fixture_release(fixture);
    iam_directory_close(fixture->iam.directory);
    iam_fixture_open_directory(fixture);
}

static inline void iam_fixture_close(struct iam_fixture *fixture)
{
    iam_fixture_release(fixture);
    iam_directory_close(fixture->iam.directory);
    db_close(fixture->db);
    store_close(fixture->store);
    arena_fini(&fixture->call);
    arena_fini(&fixture->arena);
    arena_fini(&fixture->process);
}

static inline const struct error *iam_fixture_acquire(struct iam_fixture *fixture, struct slice id,
                                                      struct slice token,
                                                      const struct auth_credential **ret_credential)
{
    const struct auth_keyring *keyring = iam_directory_keyring(fixture->iam.directory);
    return keyring->acquire(keyring->context, &fixture->arena, id, token, fixture->now_ms,
                            ret_credential);
}

static inline void iam_fixture_drop(struct iam_fixture *fixture,
                                    const struct auth_credential *credential)
{
    const struct auth_keyring *keyring = iam_directory_keyring(fixture->iam.directory);
    keyring->release(keyring->context, credential);
}

/* Who asks from here on: the owner of the access key, whose policies are asked. */
static inline void iam_fixture_become(struct iam_fixture *fixture, struct slice access_key_id)
{
    iam_fixture_release(fixture);
    fixture->iam.development = false;
    assert_ok(
        iam_fixture_acquire(fixture, access_key_id, SLICE_ABSENT, &fixture->identity.credential));
}

static inline struct slice iam_fixture_inside(struct slice body, struct slice action)
{
    char open[128], close[128];
    snprintf(open, sizeof(open), "<%.*sResult>", SLICE_PRINT(action));
    snprintf(close, sizeof(close), "</%.*sResult>", SLICE_PRINT(action));
    const uint8_t *begin = memmem(body.data, body.size, open, strlen(open));
    const uint8_t *end = memmem(body.data, body.size, close, strlen(close));
    if (begin == NULL || end == NULL)
        return SLICE("");
    begin += strlen(open);
    return slice_of(begin, (size_t)(end - begin));
}

/* parameters: a form without Action and Version. */
static inline void iam_fixture_do(struct iam_fixture *fixture, struct slice action,
                                  struct slice parameters)
{
    const struct iam_action *row;
    struct http_request request = {0};
    struct http_form form;
    struct buf text, body;
    struct xml_writer out;
    arena_reset(&fixture->arena);
    arena_fini(&fixture->call);
    arena_init(&fixture->call, fixture->call_bytes);
    buf_init(&text, &fixture->arena, IAM_ARENA_BYTES);
    buf_init(&body, &fixture->arena, IAM_ARENA_BYTES);
    xml_writer_init(&out, &body);
    buf_append_format(&text, "Action=%.*s&Version=2010-05-08&", SLICE_PRINT(action));
    buf_append(&text, parameters);
    assert_false(text.failed);
    assert_int_equal(http_form_read(&fixture->arena, buf_slice(&text), &form), HTTP_FORM_READ);
    assert_ok(iam_action_find(&fixture->arena, &form, &row));
    struct iam_call call = {
        .iam = &fixture->iam,
        .arena = &fixture->call,
        .request = &request,
        .form = &form,
        .identity = &fixture->identity,
        .now_ms = fixture->now_ms,
        .request_id = SLICE("id"),
        .out = &out,
    };
    fixture->error = iam_run(&call, row);
    fixture->answer = iam_fixture_inside(buf_slice(&body), action);
}

/* The text of the first element of that name in the last answer. */
static inline struct slice iam_fixture_text(const struct iam_fixture *fixture, const char *element)
{
    char open[128];
    snprintf(open, sizeof(open), "<%s>", element);
    struct slice answer = fixture->answer;
    const uint8_t *begin = memmem(answer.data, answer.size, open, strlen(open));
    if (begin == NULL)
        return SLICE_ABSENT;
    begin += strlen(open);
    const uint8_t *end = memchr(begin, '<', (size_t)(answer.data + answer.size - begin));
    return slice_of(begin, (size_t)(end - begin));
}

#endif
