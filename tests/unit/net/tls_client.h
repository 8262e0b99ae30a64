#ifndef HASHRANGE_TESTS_UNIT_NET_TLS_CLIENT_H
#define HASHRANGE_TESTS_UNIT_NET_TLS_CLIENT_H

/* A TLS client whose bytes go out in pieces of any size. Include after net_fixture.h. */

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/certificates.h"

struct tls_client {
    int fd;
    SSL_CTX *context;
    SSL *ssl;
    BIO *incoming; /* what the socket gave */
    BIO *outgoing; /* what the socket is to be given */
    size_t piece;  /* of it at a time; 0: all */
};

struct tls_wishes {
    int version; /* 0: the newest */
    const struct certificate *shown;
    const unsigned char *protocols; /* ALPN, on the wire */
    size_t piece;
};

static inline void tls_client_open(struct tls_client *client, int fd,
                                   const struct tls_wishes *wishes)
{
    *client = (struct tls_client){.fd = fd, .context = SSL_CTX_new(TLS_client_method())};
    client->piece = wishes->piece;
    assert_non_null(client->context);
    if (wishes->version != 0) {
        SSL_CTX_set_security_level(client->context, 0); /* old versions may be offered */
        assert_int_equal(SSL_CTX_set_min_proto_version(client->context, wishes->version), 1);
        assert_int_equal(SSL_CTX_set_max_proto_version(client->context, wishes->version), 1);
    }
    client->ssl = SSL_new(client->context);
    client->incoming = BIO_new(BIO_s_mem());
    client->outgoing = BIO_new(BIO_s_mem());
    assert_true(client->ssl != NULL && client->incoming != NULL && client->outgoing != NULL);
    BIO_set_mem_eof_return(client->incoming, -1);
    SSL_set_bio(client->ssl, client->incoming, client->outgoing);
    SSL_set_connect_state(client->ssl);
    if (wishes->protocols != NULL)
        assert_int_equal(SSL_set_alpn_protos(client->ssl, wishes->protocols,
                                             (unsigned)strlen((const char *)wishes->protocols)),
                         0);
    if (wishes->shown != NULL) {
        assert_int_equal(SSL_use_certificate(client->ssl, wishes->shown->x509), 1);
        assert_int_equal(SSL_use_PrivateKey(client->ssl, wishes->shown->key), 1);
    }
}

static inline void tls_client_close(struct tls_client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
    ERR_clear_error();
}

/* A server that has gone is no failure here: reading shows it. */
static inline void tls_client_flush(struct tls_client *client)
{
    char *bytes;
    size_t size = (size_t)BIO_get_mem_data(client->outgoing, &bytes);
    size_t piece = client->piece != 0 ? client->piece : size;
    for (size_t at = 0; at < size; at += piece) {
        size_t part = size - at < piece ? size - at : piece;
        for (size_t sent = 0; sent < part;) {
            ssize_t now = send(client->fd, bytes + at + sent, part - sent, MSG_NOSIGNAL);
            if (now <= 0)
                break;
            sent += (size_t)now;
        }
    }
    (void)BIO_reset(client->outgoing);
}

/* Waits for more bytes of the server; false when there will be none. */
static inline bool tls_client_fill(struct tls_client *client)
{
    char bytes[16 * 1024];
    ssize_t size = recv(client->fd, bytes, sizeof(bytes), 0);
    if (size <= 0)
        return false;
    assert_int_equal(BIO_write(client->incoming, bytes, (int)size), size);
    return true;
}

/* Goes on with what returned `result`: true to try again. */
static inline bool tls_client_wait(struct tls_client *client, int result)
{
    int problem = SSL_get_error(client->ssl, result);
    tls_client_flush(client);
    return problem == SSL_ERROR_WANT_READ && tls_client_fill(client);
}

static inline bool tls_client_handshake(struct tls_client *client)
{
    int result;
    do {
        ERR_clear_error();
        result = SSL_do_handshake(client->ssl);
    } while (result != 1 && tls_client_wait(client, result));
    tls_client_flush(client);
    return result == 1;
}

static inline void tls_client_send(struct tls_client *client, struct slice bytes)
{
    ERR_clear_error();
    assert_int_equal(SSL_write(client->ssl, bytes.data, (int)bytes.size), bytes.size);
    tls_client_flush(client);
}

static inline void tls_client_send_text(struct tls_client *client, const char *text)
{
    tls_client_send(client, slice_of_cstring(text));
}

/* Reads until `size` bytes are there; less when the server ends before. */
static inline void tls_client_receive(struct tls_client *client, struct buf *text, size_t size)
{
    while (text->size < size) {
        uint8_t bytes[4096];
        size_t left = size - text->size;
        ERR_clear_error();
        int got = SSL_read(client->ssl, bytes, (int)(left < sizeof(bytes) ? left : sizeof(bytes)));
        if (got > 0)
            buf_append(text, slice_of(bytes, (size_t)got));
        else if (!tls_client_wait(client, got))
            return;
    }
}

/* Takes one response: its status and body; -1 when the server ends instead. */
static inline int tls_client_response(struct tls_client *client, struct buf *body)
{
    struct buf head;
    buf_init(&head, NULL, TEXT_MAX);
    while (head.size < 4 || memcmp(head.data + head.size - 4, "\r\n\r\n", 4) != 0) {
        size_t before = head.size;
        tls_client_receive(client, &head, before + 1);
        if (head.size == before) {
            buf_fini(&head);
            return -1;
        }
    }
    buf_append_byte(&head, 0);
    int status = 0;
    size_t length = 0;
    assert_int_equal(sscanf((const char *)head.data, "HTTP/1.1 %d", &status), 1);
    const char *line = strstr((const char *)head.data, "Content-Length: ");
    if (line != NULL)
        length = strtoul(line + 16, NULL, 10);
    buf_clear(body);
    tls_client_receive(client, body, length);
    assert_int_equal(body->size, length);
    buf_fini(&head);
    return status;
}

static inline void tls_client_expect(struct tls_client *client, int status, struct slice expected)
{
    struct buf body;
    buf_init(&body, NULL, TEXT_MAX);
    assert_int_equal(tls_client_response(client, &body), status);
    assert_true(slice_equal(buf_slice(&body), expected));
    buf_fini(&body);
}

static inline void tls_client_expect_text(struct tls_client *client, int status, const char *text)
{
    tls_client_expect(client, status, slice_of_cstring(text));
}

/* The server says that nothing more comes, and closes. */
static inline void tls_client_expect_end(struct tls_client *client)
{
    uint8_t byte;
    int got;
    do {
        ERR_clear_error();
        got = SSL_read(client->ssl, &byte, 1);
    } while (got <= 0 && tls_client_wait(client, got));
    assert_int_equal(got, 0);
    assert_int_equal(SSL_get_error(client->ssl, got), SSL_ERROR_ZERO_RETURN);
    while (tls_client_fill(client))
        ;
    tls_client_close(client);
}

/* The server breaks off with an alert, which OpenSSL reports as that reason. */
static inline void tls_client_expect_alert(struct tls_client *client, int reason)
{
    uint8_t byte;
    int got;
    do {
        ERR_clear_error();
        got = SSL_read(client->ssl, &byte, 1);
    } while (got <= 0 && tls_client_wait(client, got));
    assert_true(got <= 0);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), reason);
    tls_client_close(client);
}

#endif
