/* The server over plain loopback connections. */

#include "net/net_fixture.h"

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

static void a_request_knows_where_it_came_from(void **state)
{
    (void)state;
    static const char *const both[] = {"127.0.0.1", "::1"};
    struct net_options options = usual_options(patient());
    options.addresses = both;
    options.address_count = 2;
    options.skip_missing_addresses = true;
    struct net_server *server = start_with(&options);
    int fd = connect_to(server);
    for (int round = 0; round < 2; round++) {
        send_text(fd, POST("/where", "0", ""));
        expect_response(fd, 200, "http from 127.0.0.1");
    }
    close(fd);
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(net_server_port(server)),
        .sin6_addr = IN6ADDR_LOOPBACK_INIT,
    };
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        send_text(fd, POST("/where", "0", ""));
        expect_response(fd, 200, "http from ::1");
    }
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
    struct net_options options = usual_options(patient());
    options.loops =
        1; /* who sees one connection end knows that the others' loop is stopping, too */
    struct net_server *server = start_with(&options);
    int idle = connect_to(server);
    int half = connect_to(server);
    int busy = connect_to(server);
    send_text(idle, POST("/", "1", "i"));
    expect_response(idle, 200, "i");
    send_text(half, POST("/", "1", "h") "POST / HTTP/1.1\r\nHost: h\r\n");
    expect_response(half, 200, "h");
    send_text(busy, POST("/held", "4", "held") POST("/", "5", "never"));
    struct http_exchange *exchange = wait_for_held();
    assert_false(net_server_statistics(server).stopping);
    net_server_stop(server);
    assert_true(net_server_statistics(server).stopping);
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

/* So many ports of the second address are taken that one of the servers finds such a port first. */
static void a_free_port_is_free_on_every_address(void **state)
{
    (void)state;
    enum { TAKEN = 600, SERVERS = 200 };
    static const char *const both[] = {"127.0.0.1", "127.0.0.2"};
    struct sockaddr_in second = {.sin_family = AF_INET};
    int taken[TAKEN];
    assert_int_equal(inet_pton(AF_INET, both[1], &second.sin_addr), 1);
    for (int i = 0; i < TAKEN; i++) {
        taken[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(taken[i] >= 0);
        assert_int_equal(bind(taken[i], (struct sockaddr *)&second, sizeof(second)), 0);
    }
    struct net_options options = usual_options(patient());
    options.addresses = both;
    options.address_count = COUNT_OF(both);
    options.loops = 1;
    for (int i = 0; i < SERVERS; i++) {
        struct net_server *server = NULL;
        assert_null(net_server_open(&arena, &options, &server));
        assert_true(net_server_port(server) > 0);
        net_server_close(server);
    }
    for (int i = 0; i < TAKEN; i++)
        close(taken[i]);
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
        TEST(a_request_knows_where_it_came_from),
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
        TEST(a_free_port_is_free_on_every_address),
        TEST(addresses_that_are_none_are_said),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
