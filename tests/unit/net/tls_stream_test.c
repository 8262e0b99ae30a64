/* The server over TLS connections. */

#include "net/net_fixture.h"
#include "net/tls_client.h"
#include "temporary.h"

static char folder[TEMPORARY_PATH_BYTES];
static struct certificate authority;
static struct certificate stranger; /* another authority */
static struct certificate own;
static struct certificate friend;
static struct certificate foe;
static struct net_tls *tls;

static int make_certificates(void **state)
{
    (void)state;
    temporary_folder("tls", folder);
    authority = certificate_make(folder, "authority", NULL);
    stranger = certificate_make(folder, "stranger", NULL);
    own = certificate_make(folder, "server", &authority);
    friend = certificate_make(folder, "friend", &authority);
    foe = certificate_make(folder, "foe", &stranger);
    return 0;
}

static int remove_certificates(void **state)
{
    (void)state;
    certificate_free(&authority);
    certificate_free(&stranger);
    certificate_free(&own);
    certificate_free(&friend);
    certificate_free(&foe);
    return rmdir(folder);
}

static struct net_server *start_tls(struct net_limits limits, const char *client_ca, bool optional)
{
    struct net_tls_files files = {
        .certificate = own.path,
        .key = own.key_path,
        .client_ca = client_ca,
        .client_certificate_is_optional = optional,
    };
    assert_null(net_tls_open(&arena, &files, &tls));
    struct net_options options = usual_options(limits);
    options.tls = tls;
    return start_with(&options);
}

static void end(struct net_server *server)
{
    net_server_close(server);
    net_tls_close(tls);
}

static void call(struct tls_client *client, const struct net_server *server,
                 struct tls_wishes wishes)
{
    tls_client_open(client, connect_to(server), &wishes);
}

static void greet(struct tls_client *client, const struct net_server *server,
                  struct tls_wishes wishes)
{
    call(client, server, wishes);
    assert_true(tls_client_handshake(client));
}

static void requests_are_answered_in_order(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct net_server *server = start_tls(patient(), NULL, false);
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        struct tls_client client;
        greet(&client, server, (struct tls_wishes){.version = versions[i]});
        assert_int_equal(SSL_version(client.ssl), versions[i]);
        assert_int_equal(X509_cmp(SSL_get0_peer_certificate(client.ssl), own.x509), 0);
        tls_client_send_text(&client, POST("/where", "0", ""));
        tls_client_expect_text(&client, 200, "https from 127.0.0.1");
        tls_client_send_text(&client,
                             POST("/", "1", "a") POST("/thread", "1", "b") POST("/long", "1", "c")
                                 POST("/build", "3", "abc") POST("/", "0", ""));
        tls_client_expect_text(&client, 200, "a");
        tls_client_expect_text(&client, 200, "b");
        tls_client_expect_text(&client, 200, "c");
        tls_client_expect_text(&client, 200, "cba");
        tls_client_expect_text(&client, 200, "");
        tls_client_close(&client);
    }
    end(server);
}

static void everything_may_come_byte_by_byte(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client client;
    greet(&client, server, (struct tls_wishes){.piece = 1});
    tls_client_send_text(&client, POST("/", "5", "hello") POST("/", "1", "x"));
    tls_client_expect_text(&client, 200, "hello");
    tls_client_expect_text(&client, 200, "x");
    tls_client_close(&client);
    end(server);
}

static void large_bodies_pass_both_ways(void **state)
{
    (void)state;
    static const size_t pieces[] = {0, 1021, 16 * 1024 + 1, 65537};
    struct net_server *server = start_tls(patient(), NULL, false);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct tls_client client;
        greet(&client, server, (struct tls_wishes){.piece = pieces[i]});
        tls_client_send_text(&client,
                             "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n");
        tls_client_send(&client, slice_of(big, BIG_BYTES));
        tls_client_expect(&client, 200, slice_of(big, BIG_BYTES));
        tls_client_send_text(&client, POST("/", "4", "next"));
        tls_client_expect_text(&client, 200, "next");
        tls_client_close(&client);
    }
    end(server);
}

static void a_slow_reader_gets_all_and_holds_up_nobody(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client slow;
    greet(&slow, server, (struct tls_wishes){0});
    tls_client_send_text(&slow, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n" POST("/", "4", "next"));
    for (int i = 0; i < 8; i++) {
        struct tls_client quick;
        greet(&quick, server, (struct tls_wishes){0});
        tls_client_send_text(&quick, POST("/", "1", "q"));
        tls_client_expect_text(&quick, 200, "q");
        tls_client_close(&quick);
    }
    tls_client_expect(&slow, 200, slice_of(big, BIG_BYTES));
    tls_client_expect_text(&slow, 200, "next");
    tls_client_close(&slow);
    end(server);
}

/* A client asks for new keys in the middle of a response: our word about it goes out in order. */
static void keys_may_change_at_any_time(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client client;
    greet(&client, server, (struct tls_wishes){.version = TLS1_3_VERSION});
    tls_client_send_text(&client, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 50; i++) {
        assert_int_equal(SSL_key_update(client.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        tls_client_send_text(&client, POST("/", "1", "k"));
    }
    tls_client_expect(&client, 200, slice_of(big, BIG_BYTES));
    for (int i = 0; i < 50; i++)
        tls_client_expect_text(&client, 200, "k");
    tls_client_close(&client);
    end(server);
}

static void a_client_that_waits_for_100_gets_it(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client client;
    struct buf text;
    buf_init(&text, NULL, TEXT_MAX);
    greet(&client, server, (struct tls_wishes){0});
    tls_client_send_text(
        &client, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    tls_client_receive(&client, &text, 25);
    assert_true(slice_equal(buf_slice(&text), SLICE("HTTP/1.1 100 Continue\r\n\r\n")));
    tls_client_send_text(&client, "hi");
    tls_client_expect_text(&client, 200, "hi");
    tls_client_close(&client);
    buf_fini(&text);
    end(server);
}

static void http_1_1_is_what_alpn_agrees_on(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client client;
    const unsigned char *chosen;
    unsigned size;
    greet(&client, server,
          (struct tls_wishes){.protocols = (const unsigned char *)"\x02h2\x08http/1.1"});
    SSL_get0_alpn_selected(client.ssl, &chosen, &size);
    assert_true(slice_equal(slice_of(chosen, size), SLICE("http/1.1")));
    tls_client_close(&client);
    call(&client, server, (struct tls_wishes){.protocols = (const unsigned char *)"\x02h2"});
    tls_client_expect_alert(&client, SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
    end(server);
}

static void old_versions_and_weak_ciphers_are_refused(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client client;
    call(&client, server, (struct tls_wishes){.version = TLS1_1_VERSION});
    assert_false(tls_client_handshake(&client));
    tls_client_close(&client);
    static const char *const weak[] = {"AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "aNULL", "eNULL"};
    for (size_t i = 0; i < COUNT_OF(weak); i++) {
        call(&client, server, (struct tls_wishes){.version = TLS1_2_VERSION});
        assert_int_equal(SSL_set_cipher_list(client.ssl, weak[i]), 1);
        assert_false(tls_client_handshake(&client));
        tls_client_close(&client);
    }
    end(server);
}

static void plain_http_on_a_tls_port_is_told_so(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    int fd = connect_to(server);
    send_text(fd, POST("/", "1", "x"));
    expect_response(fd, 400, "This port speaks TLS: use a URL that begins with https://\n");
    expect_closed(fd);
    fd = connect_to(server); /* in two pieces, and much of it */
    send_text(fd, "PO");
    send_text(fd, "ST / HTTP/1.1\r\n");
    send_all(fd, slice_of(big, BIG_BYTES));
    expect_response(fd, 400, "This port speaks TLS: use a URL that begins with https://\n");
    expect_closed(fd);
    end(server);
}

static void garbage_ends_its_connection_only(void **state)
{
    (void)state;
    static const struct slice pieces[] = {
        SLICE_INIT("\x16\x03\x01\x00\x05hello"),    SLICE_INIT("\x16\x03\x01\xff\xff"),
        SLICE_INIT("\x80\x2e\x01\x03\x01"),         SLICE_INIT("garbage in lower case"),
        SLICE_INIT("\x15\x03\x01\x00\x02\x02\x28"), SLICE_INIT("\x17\x03\x03\x00\x05hello"),
    };
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client good;
    greet(&good, server, (struct tls_wishes){0});
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        int fd = connect_to(server);
        struct buf text;
        buf_init(&text, NULL, TEXT_MAX);
        send_all(fd, pieces[i]);
        send_all(fd, slice_of(big, 4096));
        receive(fd, &text, TEXT_MAX); /* an alert at most, then the end */
        assert_true(text.size <= 7);
        buf_fini(&text);
        close(fd);
    }
    /* The same behind a handshake. */
    struct tls_client bad;
    greet(&bad, server, (struct tls_wishes){0});
    send_text(bad.fd, "\x17\x03\x03\x01\x01");
    send_all(bad.fd, slice_of(big, 257));
    tls_client_expect_alert(&bad, SSL_R_SSLV3_ALERT_BAD_RECORD_MAC);
    tls_client_send_text(&good, POST("/", "4", "good"));
    tls_client_expect_text(&good, 200, "good");
    tls_client_close(&good);
    end(server);
}

static void nobody_renegotiates(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client client;
    greet(&client, server, (struct tls_wishes){.version = TLS1_2_VERSION});
    tls_client_send_text(&client, POST("/", "1", "1"));
    tls_client_expect_text(&client, 200, "1");
    assert_int_equal(SSL_renegotiate(client.ssl), 1);
    assert_false(tls_client_handshake(&client));
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
    tls_client_close(&client);
    end(server);
}

static void sessions_are_not_resumed(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct net_server *server = start_tls(patient(), NULL, false);
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        struct tls_client first;
        struct tls_client second;
        greet(&first, server, (struct tls_wishes){.version = versions[i]});
        tls_client_send_text(&first, POST("/", "1", "1"));
        tls_client_expect_text(&first, 200, "1");
        SSL_SESSION *session = SSL_get1_session(first.ssl);
        assert_int_equal(SSL_SESSION_has_ticket(session), 0);
        call(&second, server, (struct tls_wishes){.version = versions[i]});
        assert_int_equal(SSL_set_session(second.ssl, session), 1);
        assert_true(tls_client_handshake(&second));
        assert_int_equal(SSL_session_reused(second.ssl), 0);
        SSL_SESSION_free(session);
        tls_client_close(&first);
        tls_client_close(&second);
    }
    end(server);
}

static void both_sides_say_that_they_end(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client client;
    greet(&client, server, (struct tls_wishes){0});
    tls_client_send_text(&client, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    tls_client_expect_text(&client, 200, "");
    tls_client_expect_end(&client);

    /* Who says it first is answered what it has asked before, and nothing that comes behind. */
    greet(&client, server, (struct tls_wishes){0});
    tls_client_send_text(&client, POST("/held", "0", ""));
    struct http_exchange *exchange = wait_for_held();
    assert_int_equal(SSL_shutdown(client.ssl), 0);
    tls_client_flush(&client);
    send_text(client.fd, POST("/", "1", "x"));
    answer(exchange, SLICE("the last"));
    tls_client_expect_text(&client, 200, "the last");
    tls_client_expect_end(&client);
    end(server);
}

static void an_answer_that_is_cut_off_does_not_look_whole(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.send_ms = 20;
    struct net_server *server = start_tls(limits, NULL, false);
    struct tls_client client;
    greet(&client, server, (struct tls_wishes){0});
    int room = 64 * 1024; /* less than the answer, whatever the system has for the server's side */
    assert_int_equal(setsockopt(client.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
    tls_client_send_text(&client, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    uint8_t byte;
    int got;
    while ((got = SSL_read(client.ssl, &byte, 1)) <= 0)
        assert_true(tls_client_wait(&client, got)); /* it has begun */
    net_server_stop(server);
    wait_for_stop(); /* it has given up the connection, which nobody reads */
    do {
        ERR_clear_error();
        got = SSL_read(client.ssl, &byte, 1);
    } while (got > 0 || tls_client_wait(&client, got));
    assert_int_equal(SSL_get_shutdown(client.ssl) & SSL_RECEIVED_SHUTDOWN, 0);
    tls_client_close(&client);
    end(server);
}

static void time_limits_hold_for_handshakes_and_behind_them(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.idle_ms = limits.header_ms = limits.body_ms = 50;
    struct net_server *server = start_tls(limits, NULL, false);
    int silent = connect_to(server);
    int half = connect_to(server);
    send_all(half, slice_of("\x16\x03\x01\x01\x00\x01", 6));
    expect_closed(silent);
    expect_closed(half);
    end(server);

    limits = patient();
    limits.header_ms = 2000; /* enough for a handshake */
    limits.body_ms = 20;
    server = start_tls(limits, NULL, false);
    struct tls_client header;
    struct tls_client body;
    greet(&header, server, (struct tls_wishes){0});
    tls_client_send_text(&header, "POST / HTTP/1.1\r\nHo");
    greet(&body, server, (struct tls_wishes){0});
    tls_client_send_text(&body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell");
    tls_client_expect_text(&body, 408, "");
    tls_client_expect_end(&body);
    tls_client_expect_text(&header, 408, "");
    tls_client_expect_end(&header);
    end(server);

    limits = patient();
    limits.idle_ms = 20;
    server = start_tls(limits, NULL, false);
    struct tls_client idle;
    greet(&idle, server, (struct tls_wishes){0});
    tls_client_expect_end(&idle);
    end(server);
}

static void a_stop_ends_handshakes_and_idle_connections(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    int half = connect_to(server);
    send_all(half, slice_of("\x16\x03\x01\x01\x00\x01", 6));
    struct tls_client idle;
    struct tls_client busy;
    greet(&idle, server, (struct tls_wishes){0});
    tls_client_send_text(&idle, POST("/", "1", "i"));
    tls_client_expect_text(&idle, 200, "i");
    greet(&busy, server, (struct tls_wishes){0});
    tls_client_send_text(&busy, POST("/held", "0", ""));
    struct http_exchange *exchange = wait_for_held();
    net_server_stop(server);
    expect_closed(half);
    tls_client_expect_end(&idle);
    answer(exchange, SLICE("done"));
    tls_client_expect_text(&busy, 200, "done");
    tls_client_expect_end(&busy);
    wait_for_stop();
    end(server);
}

static void client_certificates_are_checked(void **state)
{
    (void)state;
    static const struct {
        bool optional;
        const struct certificate *shown;
        int alert; /* 0: let in */
    } cases[] = {
        {false, &friend, 0},
        {false, NULL, SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED},
        {false, &foe, SSL_R_TLSV1_ALERT_UNKNOWN_CA},
        {true, &friend, 0},
        {true, NULL, 0},
        {true, &foe, SSL_R_TLSV1_ALERT_UNKNOWN_CA},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct net_server *server = start_tls(patient(), authority.path, cases[i].optional);
        struct tls_client client;
        call(&client, server,
             (struct tls_wishes){.version = TLS1_3_VERSION, .shown = cases[i].shown});
        assert_true(tls_client_handshake(&client)); /* its own part of it, in TLS 1.3 */
        tls_client_send_text(&client, POST("/", "2", "in"));
        if (cases[i].alert == 0) {
            tls_client_expect_text(&client, 200, "in");
            tls_client_close(&client);
        } else {
            tls_client_expect_alert(&client, cases[i].alert);
        }
        end(server);
    }
}

static void a_reload_changes_new_connections_only(void **state)
{
    (void)state;
    struct net_server *server = start_tls(patient(), NULL, false);
    struct tls_client before;
    struct tls_client after;
    greet(&before, server, (struct tls_wishes){0});
    struct certificate renewed = certificate_make(folder, "server", &authority);
    greet(&after, server, (struct tls_wishes){0});
    assert_int_equal(X509_cmp(SSL_get0_peer_certificate(after.ssl), own.x509), 0);
    tls_client_close(&after);
    assert_null(net_tls_reload(&arena, tls));
    greet(&after, server, (struct tls_wishes){0});
    assert_int_equal(X509_cmp(SSL_get0_peer_certificate(after.ssl), renewed.x509), 0);
    tls_client_send_text(&before, POST("/", "6", "before"));
    tls_client_expect_text(&before, 200, "before");
    tls_client_send_text(&after, POST("/", "5", "after"));
    tls_client_expect_text(&after, 200, "after");
    tls_client_close(&before);
    tls_client_close(&after);
    end(server);
    X509_free(renewed.x509);
    EVP_PKEY_free(renewed.key);
    certificate_write(&own);
}

static void two_ports_may_be_served_at_once(void **state)
{
    (void)state;
    struct net_tls_files files = {.certificate = own.path, .key = own.key_path};
    assert_null(net_tls_open(&arena, &files, &tls));
    struct net_options options = usual_options(patient());
    options.tls = tls;
    options.has_tls_port = true;
    struct net_server *server = start_with(&options);
    assert_true(net_server_tls_port(server) > 0);
    assert_true(net_server_tls_port(server) != net_server_port(server));
    int fd = connect_to(server);
    send_text(fd, POST("/where", "0", ""));
    expect_response(fd, 200, "http from 127.0.0.1");
    close(fd);
    struct tls_client client;
    tls_client_open(&client, connect_to_port(net_server_tls_port(server)), &(struct tls_wishes){0});
    assert_true(tls_client_handshake(&client));
    tls_client_send_text(&client, POST("/where", "0", ""));
    tls_client_expect_text(&client, 200, "https from 127.0.0.1");
    tls_client_close(&client);
    end(server);
}

static void one_connection_too_many_is_closed(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.connections_max = 1;
    struct net_server *server = start_tls(limits, NULL, false);
    struct tls_client first;
    greet(&first, server, (struct tls_wishes){0});
    expect_closed(connect_to(server));
    tls_client_send_text(&first, POST("/", "1", "1"));
    tls_client_expect_text(&first, 200, "1");
    tls_client_close(&first);
    end(server);
}

static void handshakes_together_have_a_bound(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.memory_bytes_max = 100 * 1024; /* room for one */
    struct net_server *server = start_tls(limits, NULL, false);
    int silent = connect_to(server); /* holds nothing */
    int half = connect_to(server);
    send_all(half, slice_of("\x16\x03\x01\x01\x00\x01", 6));
    struct tls_client client;
    do {
        call(&client, server, (struct tls_wishes){0}); /* until `half` has been seen */
        if (!tls_client_handshake(&client))
            break;
        tls_client_close(&client);
    } while (true);
    tls_client_close(&client);
    close(half);
    do {
        call(&client, server, (struct tls_wishes){0}); /* until its end has been seen */
        if (tls_client_handshake(&client))
            break;
        tls_client_close(&client);
    } while (true);
    int other = connect_to(server);
    send_all(other, slice_of("\x16\x03\x01\x01\x00\x01", 6));
    tls_client_send_text(&client, POST("/", "2", "in")); /* who is in does not count any more */
    tls_client_expect_text(&client, 200, "in");
    tls_client_close(&client);
    close(other);
    close(silent);
    end(server);
}

/* Who sends a byte now and then is not given more time for it. */
static void drop_by_drop(int fd, struct slice bytes)
{
    struct slice left = bytes;
    while (send(fd, left.data, 1, MSG_NOSIGNAL) == 1) {
        left = left.size > 1 ? slice_after(left, 1) : bytes;
        usleep(1000);
    }
    close(fd);
}

static void slow_senders_get_no_more_time(void **state)
{
    (void)state;
    struct net_limits limits = patient();
    limits.header_ms = 100;
    limits.linger_ms = 20;
    struct net_server *server = start(limits);
    drop_by_drop(connect_to(server), SLICE("POST / HTTP/1.1\r\nHost: h\r\nX: slow\r\nX:y"));
    net_server_close(server);
    server = start_tls(limits, NULL, false);
    /* A hello whose record says that it is 16 KB long. */
    int fd = connect_to(server);
    send_all(fd, slice_of("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", 11));
    drop_by_drop(fd, SLICE("x"));
    end(server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_are_answered_in_order),
        TEST(everything_may_come_byte_by_byte),
        TEST(large_bodies_pass_both_ways),
        TEST(a_slow_reader_gets_all_and_holds_up_nobody),
        TEST(keys_may_change_at_any_time),
        TEST(a_client_that_waits_for_100_gets_it),
        TEST(http_1_1_is_what_alpn_agrees_on),
        TEST(old_versions_and_weak_ciphers_are_refused),
        TEST(plain_http_on_a_tls_port_is_told_so),
        TEST(garbage_ends_its_connection_only),
        TEST(nobody_renegotiates),
        TEST(sessions_are_not_resumed),
        TEST(both_sides_say_that_they_end),
        TEST(an_answer_that_is_cut_off_does_not_look_whole),
        TEST(time_limits_hold_for_handshakes_and_behind_them),
        TEST(a_stop_ends_handshakes_and_idle_connections),
        TEST(client_certificates_are_checked),
        TEST(a_reload_changes_new_connections_only),
        TEST(two_ports_may_be_served_at_once),
        TEST(one_connection_too_many_is_closed),
        TEST(handshakes_together_have_a_bound),
        TEST(slow_senders_get_no_more_time),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
