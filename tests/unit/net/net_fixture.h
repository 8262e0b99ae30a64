#ifndef HASHRANGE_TESTS_UNIT_NET_NET_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_NET_NET_FIXTURE_H

/*
 * A server with a handler that does what the path says, and a client on plain sockets. Nothing here
 * measures time; waiting ends with what is awaited, and the alarm ends a test that waits in vain.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/server.h"

enum { ARENA_BYTES = 64 * 1024, BIG_BYTES = 8 * 1024 * 1024, ALARM_S = 60, TEXT_MAX = 32 << 20 };

/* --- the handler: what it does is in the request's path --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct http_exchange *held; /* "/held": until the test lets it go */
static bool stopped;
static uint8_t big[BIG_BYTES];

static inline void answer(struct http_exchange *exchange, struct slice body)
{
    exchange->response.status = 200;
    exchange->response.body = body;
    http_exchange_finish(exchange);
}

static inline void build_reversed(struct http_exchange *exchange)
{
    struct slice body = exchange->request.body;
    uint8_t *reversed = arena_alloc_bytes(&exchange->arena, body.size);
    assert_non_null(reversed);
    for (size_t i = 0; i < body.size; i++)
        reversed[i] = body.data[body.size - 1 - i];
    exchange->response.body = slice_of(reversed, body.size);
}

static void *answer_elsewhere(void *argument)
{
    struct http_exchange *exchange = argument;
    answer(exchange, exchange->request.body);
    return NULL;
}

/* "https from 127.0.0.1" */
static inline void answer_where(struct http_exchange *exchange)
{
    struct buf text;
    buf_init(&text, &exchange->arena, 100);
    buf_append_format(&text, "%s from ", exchange->request.secure ? "https" : "http");
    buf_append(&text, exchange->request.peer_address);
    answer(exchange, buf_slice(&text));
}

static inline bool is_path(const struct http_exchange *exchange, const char *path)
{
    return slice_equal(exchange->request.target, slice_of_cstring(path));
}

static inline void handle(void *context, struct http_exchange *exchange)
{
    (void)context;
    if (is_path(exchange, "/big")) {
        answer(exchange, slice_of(big, BIG_BYTES));
    } else if (is_path(exchange, "/thread")) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, answer_elsewhere, exchange), 0);
        pthread_detach(thread);
    } else if (is_path(exchange, "/held")) {
        pthread_mutex_lock(&lock);
        held = exchange;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    } else if (is_path(exchange, "/build")) {
        exchange->build = build_reversed;
        answer(exchange, SLICE(""));
    } else if (is_path(exchange, "/where")) {
        answer_where(exchange);
    } else if (is_path(exchange, "/greedy")) {
        while (arena_alloc_bytes(&exchange->arena, 1 << 20) != NULL)
            ;
        while (arena_alloc_bytes(&exchange->arena, 1) != NULL)
            ;
        answer(exchange, SLICE("there is no room for the head of this"));
    } else {
        answer(exchange, exchange->request.body);
    }
}

static inline bool is_long(void *context, const struct http_request *request)
{
    (void)context;
    return slice_equal(request->target, SLICE("/long"));
}

static inline void on_stopped(void *context)
{
    (void)context;
    pthread_mutex_lock(&lock);
    stopped = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static inline struct http_exchange *wait_for_held(void)
{
    pthread_mutex_lock(&lock);
    while (held == NULL)
        pthread_cond_wait(&changed, &lock);
    struct http_exchange *exchange = held;
    held = NULL;
    pthread_mutex_unlock(&lock);
    return exchange;
}

static inline void wait_for_stop(void)
{
    pthread_mutex_lock(&lock);
    while (!stopped)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* --- the server --- */

static struct arena arena;
static const char *const loopback[] = {"127.0.0.1"};

/* Limits that no test reaches unless it means to. */
static inline struct net_limits patient(void)
{
    return (struct net_limits){
        .idle_ms = 3600000,
        .header_ms = 3600000,
        .body_ms = 3600000,
        .send_ms = 3600000,
        .linger_ms = 3600000,
        .drain_ms = 3600000,
        .tick_ms = 5,
        .connections_max = 100,
        .readahead_bytes_max = 64 * 1024,
        .memory_bytes_max = (size_t)1024 * 1024 * 1024,
    };
}

/* One port, on 127.0.0.1. */
static inline struct net_options usual_options(struct net_limits limits)
{
    return (struct net_options){
        .addresses = loopback,
        .address_count = 1,
        .loops = 2,
        .workers = 2,
        .limits = limits,
        .handler = {handle, is_long, NULL},
        .stopped = on_stopped,
    };
}

static inline struct net_server *start_with(const struct net_options *options)
{
    struct net_server *server = NULL;
    held = NULL;
    stopped = false;
    assert_null(net_server_open(&arena, options, &server));
    assert_null(net_server_start(&arena, server));
    assert_true(net_server_port(server) > 0);
    return server;
}

static inline struct net_server *start(struct net_limits limits)
{
    struct net_options options = usual_options(limits);
    return start_with(&options);
}

/* --- a client --- */

static inline int connect_to_port(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static inline int connect_to(const struct net_server *server)
{
    return connect_to_port(net_server_port(server));
}

static inline void send_all(int fd, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        assert_true(sent > 0);
        bytes = slice_after(bytes, (size_t)sent);
    }
}

static inline void send_text(int fd, const char *text)
{
    send_all(fd, slice_of_cstring(text));
}

/* Reads until `size` bytes are there, or until the peer closes. */
static inline void receive(int fd, struct buf *text, size_t size)
{
    while (text->size < size) {
        uint8_t bytes[4096];
        size_t left = size - text->size;
        ssize_t got = recv(fd, bytes, left < sizeof(bytes) ? left : sizeof(bytes), 0);
        if (got <= 0)
            return;
        buf_append(text, slice_of(bytes, (size_t)got));
    }
}

/* Takes one response: its status; its body into *body, when there is one to come. */
static inline int receive_response(int fd, bool has_body, struct buf *head, struct buf *body)
{
    buf_clear(head);
    buf_clear(body);
    while (head->size < 4 || memcmp(head->data + head->size - 4, "\r\n\r\n", 4) != 0) {
        size_t before = head->size;
        receive(fd, head, before + 1);
        if (head->size == before)
            return -1; /* closed */
    }
    buf_append_byte(head, 0);
    int status = 0;
    size_t length = 0;
    assert_int_equal(sscanf((const char *)head->data, "HTTP/1.1 %d", &status), 1);
    const char *line = strstr((const char *)head->data, "Content-Length: ");
    if (line != NULL)
        length = strtoul(line + 16, NULL, 10);
    if (has_body) {
        receive(fd, body, length);
        assert_int_equal(body->size, length);
    }
    return status;
}

static inline void expect_response(int fd, int status, const char *expected_body)
{
    struct buf head;
    struct buf body;
    buf_init(&head, NULL, TEXT_MAX);
    buf_init(&body, NULL, TEXT_MAX);
    assert_int_equal(receive_response(fd, true, &head, &body), status);
    assert_true(slice_equal(buf_slice(&body), slice_of_cstring(expected_body)));
    buf_fini(&head);
    buf_fini(&body);
}

static inline void expect_closed(int fd)
{
    uint8_t byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

/* A response whose head has, or has not, the text. */
static inline void expect_head(int fd, int status, const char *text, bool present)
{
    struct buf head;
    struct buf body;
    buf_init(&head, NULL, TEXT_MAX);
    buf_init(&body, NULL, TEXT_MAX);
    assert_int_equal(receive_response(fd, true, &head, &body), status);
    assert_int_equal(strstr((const char *)head.data, text) != NULL, present);
    buf_fini(&head);
    buf_fini(&body);
}

static inline int set_up(void **state)
{
    (void)state;
    alarm(ALARM_S);
    arena_init(&arena, ARENA_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++)
        big[i] = (uint8_t)(i * 7 + i / 251);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    alarm(0);
    arena_fini(&arena);
    return 0;
}

#define POST(path, length, body)                                                                   \
    "POST " path " HTTP/1.1\r\nHost: h\r\nContent-Length: " length "\r\n\r\n" body

#endif
