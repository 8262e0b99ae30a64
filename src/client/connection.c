#include "client/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <unistd.h>

enum { REQUEST_BYTES_MAX = 32 * 1024 * 1024, INPUT_BYTES = 64 * 1024 };

SSL_CTX *client_tls_open(bool insecure)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (tls == NULL)
        return NULL;
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
        (insecure || SSL_CTX_set_default_verify_paths(tls) == 1)) {
        SSL_CTX_set_verify(tls, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
        return tls;
    }
    SSL_CTX_free(tls);
    return NULL;
}

void client_connection_init(struct client_connection *connection)
{
    memset(connection, 0, sizeof(*connection));
    connection->file = -1;
    buf_init(&connection->out, NULL, REQUEST_BYTES_MAX);
}

/* The peer's certificate must be for the host that was asked for. */
static bool begin_tls(struct client_connection *connection, const struct client_endpoint *endpoint,
                      SSL_CTX *tls)
{
    char host[256];
    if (endpoint->host.size >= sizeof(host))
        return false;
    memcpy(host, endpoint->host.data, endpoint->host.size);
    host[endpoint->host.size] = '\0';
    connection->tls = SSL_new(tls);
    if (connection->tls == NULL || SSL_set_fd(connection->tls, connection->file) != 1)
        return false;
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection->tls), host) != 1 &&
        (SSL_set1_host(connection->tls, host) != 1 ||
         SSL_set_tlsext_host_name(connection->tls, host) != 1))
        return false;
    ERR_clear_error();
    SSL_set_connect_state(connection->tls);
    return true;
}

bool client_connection_open(struct client_connection *connection,
                            const struct client_endpoint *endpoint, SSL_CTX *tls)
{
    int on = 1;
    int file = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0)
        return false;
    connection->file = file;
    connection->connected = false;
    connection->busy = false;
    connection->sent = 0;
    connection->wants_read = false;
    connection->wants_write = true;
    (void)setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(file, (const struct sockaddr *)&endpoint->address, endpoint->address_size) != 0 &&
        errno != EINPROGRESS) {
        client_connection_close(connection);
        return false;
    }
    if (tls != NULL && !begin_tls(connection, endpoint, tls)) {
        client_connection_close(connection);
        errno = ENOMEM;
        return false;
    }
    return true;
}

void client_connection_close(struct client_connection *connection)
{
    int problem = errno;
    SSL_free(connection->tls);
    connection->tls = NULL;
    if (connection->file >= 0)
        close(connection->file);
    connection->file = -1;
    connection->busy = false;
    errno = problem;
}

void client_connection_fini(struct client_connection *connection)
{
    client_connection_close(connection);
    buf_fini(&connection->out);
}

/* What a call of the TLS library waits for; false: it failed. */
static bool note_tls(struct client_connection *connection, int result)
{
    int problem = SSL_get_error(connection->tls, result);
    connection->wants_read = problem == SSL_ERROR_WANT_READ;
    connection->wants_write = problem == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    return connection->wants_read || connection->wants_write;
}

/* How many bytes were sent or received; 0: it would have to wait; -1: the connection is lost. */
static ssize_t transfer(struct client_connection *connection, bool sends, void *bytes, size_t size)
{
    if (connection->tls != NULL) {
        size_t done = 0;
        int result = sends ? SSL_write_ex(connection->tls, bytes, size, &done)
                           : SSL_read_ex(connection->tls, bytes, size, &done);
        if (result == 1)
            return (ssize_t)done;
        return note_tls(connection, result) ? 0 : -1;
    }
    ssize_t done = sends ? send(connection->file, bytes, size, MSG_NOSIGNAL)
                         : recv(connection->file, bytes, size, 0);
    if (done > 0)
        return done;
    if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        connection->wants_read = !sends;
        connection->wants_write = sends;
        return 0;
    }
    return -1;
}

static enum client_progress receive(struct client_connection *connection)
{
    uint8_t input[INPUT_BYTES];
    for (;;) {
        ssize_t size = transfer(connection, false, input, sizeof(input));
        if (size <= 0)
            return size == 0 ? CLIENT_WAITS : CLIENT_LOST;
        struct slice bytes = slice_of(input, (size_t)size);
        switch (client_response_feed(&connection->response, &bytes)) {
        case CLIENT_RESPONSE_MORE:
            break;
        case CLIENT_RESPONSE_COMPLETE:
            connection->busy = false;
            return bytes.size == 0 ? CLIENT_ANSWERED : CLIENT_LOST;
        case CLIENT_RESPONSE_BROKEN:
            return CLIENT_LOST;
        }
    }
}

static bool has_connected(struct client_connection *connection)
{
    int problem = 0;
    socklen_t size = sizeof(problem);
    if (getsockopt(connection->file, SOL_SOCKET, SO_ERROR, &problem, &size) != 0 || problem != 0) {
        errno = problem;
        return false;
    }
    connection->connected = true;
    return true;
}

/* CLIENT_WAITS while there is more to send, and when all is sent. */
static enum client_progress send_rest(struct client_connection *connection)
{
    connection->wants_read = true;
    connection->wants_write = false;
    while (connection->sent < connection->out.size) {
        ssize_t size = transfer(connection, true, connection->out.data + connection->sent,
                                connection->out.size - connection->sent);
        if (size <= 0)
            return size == 0 ? CLIENT_WAITS : CLIENT_LOST;
        connection->sent += (size_t)size;
    }
    return CLIENT_WAITS;
}

enum client_progress client_connection_send(struct client_connection *connection)
{
    connection->sent = 0;
    connection->busy = true;
    client_response_begin(&connection->response);
    /* The answer cannot be there yet. */
    return connection->connected ? send_rest(connection) : CLIENT_WAITS;
}

enum client_progress client_connection_go_on(struct client_connection *connection)
{
    if (!connection->connected && !has_connected(connection))
        return CLIENT_LOST;
    if (!connection->busy) {
        connection->wants_read = true;
        connection->wants_write = false;
        return CLIENT_WAITS;
    }
    enum client_progress progress = send_rest(connection);
    if (progress == CLIENT_WAITS && connection->sent == connection->out.size)
        progress = receive(connection);
    return progress;
}
