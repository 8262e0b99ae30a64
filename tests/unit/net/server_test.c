/* The server over loopback connections. Nothing here measures time; waiting ends with what is
 * awaited, and the alarm ends a test that waits in vain. */

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

static void answer(struct http_exchange *exchange, struct slice body)
{
    exchange->response.status = 200;
    exchange->response.body = body;
    http_exchange_finish(exchange);
}

static void build_reversed(struct http_exchange *exchange)
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

static bool is_path(const struct http_exchange *exchange, const char *path)
{
    return slice_equal(exchange->request.target, slice_of_cstring(path));
}

static void handle(void *context, struct http_exchange *exchange)
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

static bool is_long(void *context, const struct http_request *request)
{
    (void)context;
    return slice_equal(request->target, SLICE("/long"));
}

static void on_stopped(void *context)
{
    (void)context;
    pthread_mutex_lock(&lock);
    stopped = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static struct http_exchange *wait_for_held(void)
{
    pthread_mutex_lock(&lock);
    while (held == NULL)
        pthread_cond_wait(&changed, &lock);
    struct http_exchange *exchange = held;
    held = NULL;
    pthread_mutex_unlock(&lock);
    return exchange;
}

static void wait_for_stop(void)
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
static struct net_limits patient(void)
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

static struct net_server *start(struct net_limits limits)
{
    struct net_options options = {
        .addresses = loopback,
        .address_count = 1,
        .loops = 2,
        .workers = 2,
        .limits = limits,
        .handler = {handle, is_long, NULL},
        .stopped = on_stopped,
    };
    struct net_server *server = NULL;
    held = NULL;
    stopped = false;
    assert_null(net_server_open(&arena, &options, &server));
    assert_null(net_server_start(&arena, server));
    assert_true(net_server_port(server) > 0);
    return server;
}

/* --- a client --- */

static int connect_to(const struct net_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(net_server_port(server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void send_all(int fd, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        assert_true(sent > 0);
        bytes = slice_after(bytes, (size_t)sent);
    }
}

static void send_text(int fd, const char *text)
{
    send_all(fd, slice_of_cstring(text));
}

/* Reads until `size` bytes are there, or until the peer closes. */
static void receive(int fd, struct buf *text, size_t size)
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
static int receive_response(int fd, bool has_body, struct buf *head, struct buf *body)
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

static void expect_response(int fd, int status, const char *expected_body)
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

static void expect_closed(int fd)
{
    uint8_t byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

/* A response whose head has, or has not, the text. */
static void expect_head(int fd, int status, const char *text, bool present)
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

static int set_up(void **state)
{
    (void)state;
    alarm(ALARM_S);
    arena_init(&arena, ARENA_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++)
        big[i] = (uint8_t)(i * 7 + i / 251);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    alarm(0);
    arena_fini(&arena);
    return 0;
}

#define POST(path, length, body)                                                                   \
    "POST " path " HTTP/1.1\r\nHost: h\r\nContent-Length: " length "\r\n\r\n" body

/* --- tests --- */

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    for (int round = 0; round < 20; round++) {
        send_text(fd, POST("/", "1", "a") POST("/thread", "1", "b") POST("/long", "1", "c")
                          POST("/build", "3", "abc") POST("/thread", "0", "") POST("/", "1", "d"));
        expect_response(fd, 200, "a");
        expect_response(fd, 200, "b");
        expect_response(fd, 200, "c");
        expect_response(fd, 200, "cba");
        expect_response(fd, 200, "");
        expect_response(fd, 200, "d");
    }
    close(fd);
    net_server_close(server);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    struct slice request = SLICE(POST("/", "5", "hello"));
    for (size_t i = 0; i < request.size; i++)
        send_all(fd, slice_of(request.data + i, 1));
    expect_response(fd, 200, "hello");
    close(fd);
    net_server_close(server);
}

static void many_connections_are_served_side_by_side(void **state)
{
    (void)state;
    enum { CONNECTIONS = 50 };
    struct net_server *server = start(patient());
    int fds[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++)
        fds[i] = connect_to(server);
    for (int i = 0; i < CONNECTIONS; i++)
        send_text(fds[i], i % 2 == 0 ? POST("/thread", "2", "ab") : POST("/long", "2", "cd"));
    for (int i = 0; i < CONNECTIONS; i++) {
        expect_response(fds[i], 200, i % 2 == 0 ? "ab" : "cd");
        close(fds[i]);
    }
    net_server_close(server);
}

static void keeping_and_closing_follow_the_request(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    send_text(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_head(fd, 200, "Connection", false);
    send_text(fd, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    expect_head(fd, 200, "Connection: keep-alive\r\n", true);
    send_text(fd, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect_head(fd, 200, "Connection: close\r\n", true);
    expect_closed(fd);
    fd = connect_to(server);
    send_text(fd, "GET / HTTP/1.0\r\n\r\n");
    expect_head(fd, 200, "Connection: close\r\n", true);
    expect_closed(fd);
    net_server_close(server);
}

static void a_head_request_gets_a_length_and_no_body(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    struct buf head;
    struct buf body;
    buf_init(&head, NULL, TEXT_MAX);
    buf_init(&body, NULL, TEXT_MAX);
    send_text(fd, "HEAD /big HTTP/1.1\r\nHost: h\r\n\r\n" POST("/", "1", "x"));
    assert_int_equal(receive_response(fd, false, &head, &body), 200);
    assert_non_null(strstr((const char *)head.data, "Content-Length: 8388608\r\n"));
    expect_response(fd, 200, "x");
    buf_fini(&head);
    close(fd);
    net_server_close(server);
}

static void a_client_that_waits_for_100_gets_it(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    struct buf text;
    buf_init(&text, NULL, TEXT_MAX);
    send_text(fd,
              "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    receive(fd, &text, 25);
    assert_true(slice_equal(buf_slice(&text), SLICE("HTTP/1.1 100 Continue\r\n\r\n")));
    send_text(fd, "hi");
    expect_response(fd, 200, "hi");
    send_text(
        fd,
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
    expect_response(fd, 413, "");
    expect_closed(fd);
    buf_fini(&text);
    net_server_close(server);
}

static void what_cannot_be_a_request_is_refused_and_closed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        {"hello\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16777217\r\n\r\n", 413},
    };
    struct net_server *server = start(patient());
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int fd = connect_to(server);
        send_text(fd, cases[i].text);
        expect_head(fd, cases[i].status, "Connection: close\r\n", true);
        expect_closed(fd);
    }
    net_server_close(server);
}

/* The refusal is read although megabytes of the body are still on their way. */
static void a_refusal_reaches_a_client_that_is_still_sending(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    send_text(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16777217\r\n\r\n");
    send_all(fd, slice_of(big, BIG_BYTES));
    expect_response(fd, 413, "");
    expect_closed(fd);
    net_server_close(server);
}

static void a_slow_reader_gets_all_and_holds_up_nobody(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int slow = connect_to(server);
    int quick[8];
    send_text(slow, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n" POST("/", "4", "next"));
    for (size_t i = 0; i < COUNT_OF(quick); i++) {
        quick[i] = connect_to(server);
        send_text(quick[i], POST("/", "1", "q"));
        expect_response(quick[i], 200, "q");
        close(quick[i]);
    }
    struct buf head;
    struct buf body;
    buf_init(&head, NULL, TEXT_MAX);
    buf_init(&body, NULL, TEXT_MAX);
    assert_int_equal(receive_response(slow, true, &head, &body), 200);
    assert_true(slice_equal(buf_slice(&body), slice_of(big, BIG_BYTES)));
    expect_response(slow, 200, "next");
    buf_fini(&head);
    buf_fini(&body);
    close(slow);
    net_server_close(server);
}

static void a_client_that_pipelines_without_end_has_to_wait(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    send_text(fd, POST("/held", "0", ""));
    struct http_exchange *exchange = wait_for_held();
    /* More than the kernel's buffers and the read-ahead hold together must not be taken. */
    size_t taken = 0;
    bool full = false;
    while (!full && taken < (size_t)8 * BIG_BYTES) {
        ssize_t sent = send(fd, POST("/", "1", "p"), sizeof(POST("/", "1", "p")) - 1,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        full = sent < 0 && errno == EAGAIN;
        taken += sent > 0 ? (size_t)sent : 0;
    }
    assert_true(full);
    answer(exchange, SLICE("free"));
    expect_response(fd, 200, "free");
    for (int i = 0; i < 1000; i++)
        expect_response(fd, 200, "p");
    close(fd);
    net_server_close(server);
}

static void time_limits_end_those_who_wait_too_long(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.idle_ms = limits.header_ms = limits.body_ms = limits.send_ms = limits.linger_ms = 20;
    struct net_server *server = start(limits);
    int idle = connect_to(server);
    int header = connect_to(server);
    int body = connect_to(server);
    int between = connect_to(server);
    int unread = connect_to(server);
    send_text(header, "POST / HTTP/1.1\r\nHost: h\r\nContent-");
    send_text(body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell");
    send_text(between, POST("/", "1", "x"));
    send_text(unread, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_closed(idle);
    expect_response(header, 408, "");
    expect_closed(header);
    expect_response(body, 408, "");
    expect_closed(body);
    expect_response(between, 200, "x");
    expect_closed(between);
    net_server_stop(server); /* nothing is left that could keep it, `unread` included */
    wait_for_stop();
    close(unread);
    net_server_close(server);
}

static void one_connection_too_many_is_turned_away(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.connections_max = 2;
    struct net_server *server = start(limits);
    int first = connect_to(server);
    int second = connect_to(server);
    send_text(first, POST("/", "1", "1"));
    expect_response(first, 200, "1");
    send_text(second, POST("/", "1", "2"));
    expect_response(second, 200, "2");
    int third = connect_to(server);
    expect_response(third, 503, "");
    expect_closed(third);
    send_text(first, POST("/", "1", "3"));
    expect_response(first, 200, "3");
    close(first);
    close(second);
    net_server_close(server);
}

static void a_stop_lets_requests_end_and_everything_else_go(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int idle = connect_to(server);
    int half = connect_to(server);
    int busy = connect_to(server);
    send_text(idle, POST("/", "1", "i"));
    expect_response(idle, 200, "i");
    send_text(half, POST("/", "1", "h") "POST / HTTP/1.1\r\nHost: h\r\n");
    expect_response(half, 200, "h");
    send_text(busy, POST("/held", "4", "held") POST("/", "5", "never"));
    struct http_exchange *exchange = wait_for_held();
    net_server_stop(server);
    expect_closed(idle);
    send_text(half, "Content-Length: 2\r\n\r\nab");
    expect_head(half, 200, "Connection: close\r\n", true);
    expect_closed(half);
    answer(exchange, SLICE("done"));
    expect_head(busy, 200, "Connection: close\r\n", true);
    expect_closed(busy);
    wait_for_stop();
    assert_int_equal(connect_to(server), -1);
    net_server_close(server);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.drain_ms = 20;
    struct net_server *server = start(limits);
    int half = connect_to(server);
    send_text(half, POST("/", "1", "h") "POST / HTTP/1.1\r\nHost: h\r\n");
    expect_response(half, 200, "h");
    net_server_stop(server);
    wait_for_stop();
    close(half);
    net_server_close(server);
}

static void a_client_that_goes_while_its_request_is_worked_on_does_no_harm(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    for (int reset = 0; reset <= 1; reset++) {
        int fd = connect_to(server);
        send_text(fd, POST("/held", "0", ""));
        struct http_exchange *exchange = wait_for_held();
        struct linger linger = {.l_onoff = reset, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
        close(fd);
        /* Served after the end of the other was seen, or before: both must do. */
        int other = connect_to(server);
        send_text(other, POST("/thread", "1", "o"));
        expect_response(other, 200, "o");
        close(other);
        answer(exchange, SLICE("too late"));
    }
    net_server_close(server);
}

static void a_client_that_has_shut_its_side_still_gets_its_answers(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    send_text(fd, POST("/held", "0", "") POST("/", "3", "two") "POST / HT");
    shutdown(fd, SHUT_WR);
    answer(wait_for_held(), SLICE("one"));
    expect_response(fd, 200, "one");
    expect_response(fd, 200, "two");
    expect_closed(fd);
    net_server_close(server);
}

static void an_exhausted_arena_is_a_500(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    int fd = connect_to(server);
    send_text(fd, "GET /greedy HTTP/1.1\r\nHost: h\r\n\r\n" POST("/", "4", "fine"));
    expect_response(fd, 500, "");
    expect_response(fd, 200, "fine");
    close(fd);
    net_server_close(server);
}

static void all_connections_together_have_a_bound(void **state)
{
    (void)state;
    enum { BODY = 614400 };
    struct net_limits limits = patient();
    limits.memory_bytes_max = 1024 * 1024;
    struct net_server *server = start(limits);
    char *body = calloc(1, BODY + 1);
    assert_non_null(body);
    memset(body, 'b', BODY);
    int first = connect_to(server);
    send_text(first, "POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 614400\r\n\r\n");
    send_text(first, body);
    struct http_exchange *exchange = wait_for_held();
    /* What is large has to wait, what is small is served. */
    int second = connect_to(server);
    send_text(second, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 614400\r\n\r\n");
    send_text(second, body);
    expect_response(second, 503, "");
    expect_closed(second);
    int greedy = connect_to(server);
    send_text(greedy, "GET /greedy HTTP/1.1\r\nHost: h\r\n\r\n" POST("/", "4", "fine"));
    expect_response(greedy, 503, "");
    expect_response(greedy, 200, "fine");
    close(greedy);
    answer(exchange, SLICE("free"));
    expect_response(first, 200, "free");
    send_text(first, "POST /thread HTTP/1.1\r\nHost: h\r\nContent-Length: 614400\r\n\r\n");
    send_text(first, body);
    expect_response(first, 200, body);
    close(first);
    free(body);
    net_server_close(server);
}

static void a_port_in_use_is_said(void **state)
{
    (void)state;
    struct net_server *server = start(patient());
    struct net_server *second = NULL;
    struct net_options options = {
        .addresses = loopback,
        .address_count = 1,
        .port = net_server_port(server),
        .loops = 1,
        .workers = 1,
        .limits = patient(),
        .handler = {handle, is_long, NULL},
    };
    const struct error *error = net_server_open(&arena, &options, &second);
    char expected[100];
    snprintf(expected, sizeof(expected),
             "Cannot listen on 127.0.0.1 port %u: the port is already in use", options.port);
    assert_non_null(error);
    assert_true(slice_equal(error->message, slice_of_cstring(expected)));
    assert_null(second);
    net_server_close(server);
}

static void addresses_that_are_none_are_said(void **state)
{
    (void)state;
    static const char *const names[] = {"127.0.0.1", "localhost"};
    static const char *const foreign[] = {"127.0.0.1", "203.0.113.1"};
    struct net_server *server = NULL;
    struct net_options options = {
        .addresses = names,
        .address_count = 2,
        .loops = 1,
        .workers = 1,
        .limits = patient(),
        .handler = {handle, is_long, NULL},
    };
    assert_non_null(net_server_open(&arena, &options, &server));
    options.skip_missing_addresses = true;
    assert_non_null(net_server_open(&arena, &options, &server));
    options.addresses = foreign;
    assert_null(net_server_open(&arena, &options, &server));
    net_server_close(server);
    options.skip_missing_addresses = false;
    assert_non_null(net_server_open(&arena, &options, &server));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pipelined_requests_are_answered_in_order),
        TEST(a_request_may_come_byte_by_byte),
        TEST(many_connections_are_served_side_by_side),
        TEST(keeping_and_closing_follow_the_request),
        TEST(a_head_request_gets_a_length_and_no_body),
        TEST(a_client_that_waits_for_100_gets_it),
        TEST(what_cannot_be_a_request_is_refused_and_closed),
        TEST(a_refusal_reaches_a_client_that_is_still_sending),
        TEST(a_slow_reader_gets_all_and_holds_up_nobody),
        TEST(a_client_that_pipelines_without_end_has_to_wait),
        TEST(time_limits_end_those_who_wait_too_long),
        TEST(one_connection_too_many_is_turned_away),
        TEST(a_stop_lets_requests_end_and_everything_else_go),
        TEST(a_stop_does_not_wait_for_ever),
        TEST(a_client_that_goes_while_its_request_is_worked_on_does_no_harm),
        TEST(a_client_that_has_shut_its_side_still_gets_its_answers),
        TEST(an_exhausted_arena_is_a_500),
        TEST(all_connections_together_have_a_bound),
        TEST(a_port_in_use_is_said),
        TEST(addresses_that_are_none_are_said),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
