#include "net/tls_stream.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/log.h"

/*
 *                     input              SSL_read
 *   loop's input  ------------>        ------------>  room          (bytes that came in)
 *                               OpenSSL
 *   in_flight, tcp <-- sealed <--------<------------  head, body    (bytes to send)
 *                                        SSL_write
 *
 * OpenSSL reads straight from what was fed and appends to `sealed`, through a BIO that is this
 * stream. `sealed` is tried at once; what the socket does not take moves to `in_flight`, where it
 * stays put until libuv has sent it. The next record is sealed after that.
 */
enum {
    /* The longest that may wait: a record, or our flight of the handshake, or alerts of a peer that
     * provokes them and does not read. */
    SEALED_BYTES_MAX = 128 * 1024,
    /* Of a long response in one go; then other connections have their turn. */
    RECORDS_IN_A_ROW = 16,
    /* What OpenSSL holds in the middle of a handshake: measured, 58 KB with half a hello. */
    HANDSHAKE_BYTES = 64 * 1024,
};

struct net_tls_stream {
    struct net_tls_stream_options options;
    SSL *ssl;             /* NULL until the first byte comes */
    bool is_in_handshake; /* and HANDSHAKE_BYTES are taken from the budget */
    struct slice input;
    struct buf sealed;
    struct buf in_flight;
    struct slice head; /* what is still to be sealed of a response */
    struct slice body;
    bool responding; /* SENDING: `sent` is to be called */
    bool failed;     /* nothing more can be sent or read */
    uv_write_t write;
};

/* --- the BIO --- */

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static int bio_read(BIO *bio, char *room, int size)
{
    struct net_tls_stream *stream = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (stream->input.size == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t taken = stream->input.size < (size_t)size ? stream->input.size : (size_t)size;
    memcpy(room, stream->input.data, taken);
    stream->input = slice_after(stream->input, taken);
    return (int)taken;
}

static int bio_write(BIO *bio, const char *bytes, int size)
{
    struct net_tls_stream *stream = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    buf_append(&stream->sealed, slice_of(bytes, (size_t)size));
    return stream->sealed.failed ? -1 : size;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH; /* nothing waits here; of the rest there is nothing to say */
}

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    if (method == NULL)
        return;
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
}

static bool begin_handshake(struct net_tls_stream *stream)
{
    pthread_once(&method_once, make_method);
    if (!arena_budget_take(stream->options.budget, HANDSHAKE_BYTES))
        return false;
    stream->is_in_handshake = true;
    BIO *bio = method == NULL ? NULL : BIO_new(method);
    stream->ssl = net_tls_new_connection(stream->options.tls);
    if (bio == NULL || stream->ssl == NULL) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    SSL_set_bio(stream->ssl, bio, bio);
    return true;
}

static void end_handshake(struct net_tls_stream *stream)
{
    if (stream->is_in_handshake)
        arena_budget_give_back(stream->options.budget, HANDSHAKE_BYTES);
    stream->is_in_handshake = false;
}

struct net_tls_stream *net_tls_stream_open(const struct net_tls_stream_options *options)
{
    struct net_tls_stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        return NULL;
    stream->options = *options;
    stream->write.data = stream;
    buf_init(&stream->sealed, NULL, SEALED_BYTES_MAX);
    return stream;
}

void net_tls_stream_close(struct net_tls_stream *stream)
{
    if (stream == NULL)
        return;
    CHECK(stream->in_flight.size == 0);
    SSL_free(stream->ssl);
    end_handshake(stream);
    buf_fini(&stream->sealed);
    free(stream);
}

bool net_tls_stream_is_secured(const struct net_tls_stream *stream)
{
    return stream->ssl != NULL && !stream->is_in_handshake;
}

/* --- bytes that go out --- */

static void on_written(uv_write_t *request, int status);

/* false: the socket has failed. What is left in `sealed` it did not take. */
static bool try_to_send(struct net_tls_stream *stream)
{
    struct buf *sealed = &stream->sealed;
    uv_buf_t part = uv_buf_init((char *)sealed->data, (unsigned)sealed->size);
    int sent = uv_try_write(stream->options.tcp, &part, 1);
    if (sent < 0)
        return sent == UV_EAGAIN;
    memmove(sealed->data, sealed->data + sent, sealed->size - (size_t)sent);
    sealed->size -= (size_t)sent;
    return true;
}

static bool queue(struct net_tls_stream *stream)
{
    stream->in_flight = stream->sealed;
    buf_init(&stream->sealed, NULL, SEALED_BYTES_MAX);
    uv_buf_t part = uv_buf_init((char *)stream->in_flight.data, (unsigned)stream->in_flight.size);
    if (uv_write(&stream->write, stream->options.tcp, &part, 1, on_written) == 0)
        return true;
    buf_fini(&stream->in_flight);
    return false;
}

/* The beginning of what is left of a response goes into one record: a short one is sealed whole,
 * head and body together. */
static bool seal_record(struct net_tls_stream *stream)
{
    uint8_t joined[NET_TLS_RECORD_BYTES];
    struct slice *head = &stream->head;
    struct slice *body = &stream->body;
    struct slice plain = *body;
    size_t of_head = head->size < sizeof(joined) ? head->size : sizeof(joined);
    size_t of_body = body->size < sizeof(joined) - of_head ? body->size : sizeof(joined) - of_head;
    if (of_head > 0) {
        memcpy(joined, head->data, of_head);
        if (of_body > 0)
            memcpy(joined + of_head, body->data, of_body);
        plain.data = joined;
    }
    *head = slice_after(*head, of_head);
    *body = slice_after(*body, of_body);
    ERR_clear_error();
    int size = (int)(of_head + of_body);
    bool sealed = SSL_write(stream->ssl, plain.data, size) == size;
    if (of_head > 0)
        OPENSSL_cleanse(joined, (size_t)size); /* it may have told a secret */
    return sealed;
}

static enum net_tls_sent fail_sending(struct net_tls_stream *stream)
{
    stream->failed = true;
    ERR_clear_error();
    return NET_TLS_SEND_FAILED;
}

/* Seals and sends until all is sent or the socket is full. */
static enum net_tls_sent pump(struct net_tls_stream *stream)
{
    for (int records = 0; stream->in_flight.size == 0; records++) {
        if (stream->sealed.size == 0 && stream->head.size + stream->body.size == 0) {
            buf_fini(&stream->sealed);
            return NET_TLS_SENT;
        }
        if (stream->sealed.size == 0 && !seal_record(stream))
            return fail_sending(stream);
        if (records < RECORDS_IN_A_ROW && !try_to_send(stream))
            return fail_sending(stream);
        if (stream->sealed.size > 0 && !queue(stream))
            return fail_sending(stream);
    }
    return NET_TLS_SENDING;
}

static void on_written(uv_write_t *request, int status)
{
    struct net_tls_stream *stream = request->data;
    buf_fini(&stream->in_flight);
    enum net_tls_sent sent = status == 0 ? pump(stream) : fail_sending(stream);
    if (sent == NET_TLS_SENDING || !stream->responding)
        return; /* that a handshake or an alert could not be sent shows in reading, too */
    stream->responding = false;
    stream->options.sent(stream->options.context, sent == NET_TLS_SENT);
}

enum net_tls_sent net_tls_stream_send(struct net_tls_stream *stream, struct slice head,
                                      struct slice body)
{
    CHECK(!stream->responding && stream->head.size + stream->body.size == 0);
    stream->head = head;
    stream->body = body;
    enum net_tls_sent sent = pump(stream);
    stream->responding = sent == NET_TLS_SENDING;
    return sent;
}

bool net_tls_stream_interject(struct net_tls_stream *stream, struct slice bytes)
{
    CHECK(!stream->responding);
    ERR_clear_error();
    if (SSL_write(stream->ssl, bytes.data, (int)bytes.size) != (int)bytes.size)
        (void)fail_sending(stream);
    return !stream->failed && pump(stream) != NET_TLS_SEND_FAILED;
}

void net_tls_stream_end(struct net_tls_stream *stream)
{
    if (stream->failed || stream->responding || !net_tls_stream_is_secured(stream))
        return;
    ERR_clear_error();
    (void)SSL_shutdown(stream->ssl);
    (void)pump(stream); /* a courtesy: whoever does not take it has gone */
}

/* --- bytes that come in --- */

void net_tls_stream_feed(struct net_tls_stream *stream, struct slice bytes)
{
    CHECK(stream->input.size == 0);
    stream->input = bytes;
}

static enum net_tls_status fail(struct net_tls_stream *stream)
{
    bool is_plain_http = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
    stream->failed = true;
    if (log_enabled(LOG_DEBUG)) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        log_write(LOG_DEBUG, "TLS: %s", reason != NULL ? reason : "the peer broke off");
    }
    ERR_clear_error();
    return is_plain_http ? NET_TLS_UNSECURED : NET_TLS_FAILED;
}

enum net_tls_status net_tls_stream_read(struct net_tls_stream *stream,
                                        uint8_t room[NET_TLS_RECORD_BYTES], struct slice *ret_plain)
{
    if (stream->failed) {
        stream->input = SLICE_ABSENT;
        return NET_TLS_FAILED;
    }
    ERR_clear_error();
    if (stream->ssl == NULL && !begin_handshake(stream))
        return fail(stream);
    int size = SSL_read(stream->ssl, room, NET_TLS_RECORD_BYTES);
    if (SSL_is_init_finished(stream->ssl))
        end_handshake(stream);
    if (size > 0) {
        *ret_plain = slice_of(room, (size_t)size);
        return NET_TLS_PLAIN;
    }
    enum net_tls_status status = NET_TLS_MORE;
    switch (SSL_get_error(stream->ssl, size)) {
    case SSL_ERROR_WANT_READ:
        CHECK(stream->input.size == 0);
        break;
    case SSL_ERROR_ZERO_RETURN:
        status = NET_TLS_ENDED;
        break;
    default:
        status = fail(stream);
        break;
    }
    stream->input = SLICE_ABSENT; /* behind the end nothing counts */
    if (!stream->responding && pump(stream) == NET_TLS_SEND_FAILED && status != NET_TLS_UNSECURED)
        return NET_TLS_FAILED;
    return status;
}
