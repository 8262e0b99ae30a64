#include "net/connection.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"

/*
 *   HANDSHAKE (TLS only)
 *    | SECURED
 *    v       BEGUN          HEADED        COMPLETE            ANSWERED
 *   IDLE ----------> HEADER ------> BODY ----------> WORKING -----------> IDLE
 *                      |         COMPLETE               ^  |  ANSWERED_LAST
 *                      +--------------------------------+  +------------> LINGERING
 *                                               WAITS      v                  ^
 *                                        WORKING ----> SENDING ---------------+ or IDLE
 *
 *   ENDED leads to CLOSED from everywhere: peer gone, socket failed, time is up.
 *
 * A request that is refused counts as complete; its answer is the last one. LINGERING: the write
 * side is shut, what still comes is thrown away until the peer closes, so that closing with unread
 * input does not reset the connection before the peer has read the answer.
 *
 * Bytes enter in on_input and leave in send_response and send_continue, nowhere else: there a
 * connection over TLS takes the way through its net_tls_stream.
 */
enum state {
    NONE,
    HANDSHAKE,
    IDLE,
    HEADER,
    BODY,
    WORKING,
    SENDING,
    LINGERING,
    CLOSED,
    STATE_COUNT
};
enum event {
    SECURED,
    REJECTED, /* HANDSHAKE leads to LINGERING: it failed, and the peer has been told why */
    BEGUN,
    HEADED,
    COMPLETE,
    WAITS,
    ANSWERED,
    ANSWERED_LAST,
    ENDED,
    EVENT_COUNT
};

/* NONE: cannot happen. */
static const uint8_t next_state[STATE_COUNT][EVENT_COUNT] = {
    [HANDSHAKE] = {[SECURED] = IDLE, [REJECTED] = LINGERING, [ENDED] = CLOSED},
    [IDLE] = {[BEGUN] = HEADER, [ENDED] = CLOSED},
    [HEADER] = {[HEADED] = BODY, [COMPLETE] = WORKING, [ENDED] = CLOSED},
    [BODY] = {[COMPLETE] = WORKING, [ENDED] = CLOSED},
    [WORKING] =
        {[WAITS] = SENDING, [ANSWERED] = IDLE, [ANSWERED_LAST] = LINGERING, [ENDED] = CLOSED},
    [SENDING] = {[ANSWERED] = IDLE, [ANSWERED_LAST] = LINGERING, [ENDED] = CLOSED},
    [LINGERING] = {[ENDED] = CLOSED},
    [CLOSED] = {[ENDED] = CLOSED},
};

enum input { PARSE, KEEP, DROP };
enum { NO_LIMIT = -1 };
#define LIMIT(member) ((int)offsetof(struct net_limits, member))

static const struct {
    enum input input; /* what happens to bytes that come in */
    int limit;        /* where in struct net_limits the state's time limit stands */
    int late_status;  /* with what it is answered when time is up; 0: just ended */
} states[STATE_COUNT] = {
    [HANDSHAKE] = {PARSE, LIMIT(header_ms), 0},
    [IDLE] = {PARSE, LIMIT(idle_ms), 0},
    [HEADER] = {PARSE, LIMIT(header_ms), 408},
    [BODY] = {PARSE, LIMIT(body_ms), 408},
    [WORKING] = {KEEP, NO_LIMIT, 0},
    [SENDING] = {KEEP, LIMIT(send_ms), 0},
    [LINGERING] = {DROP, LIMIT(linger_ms), 0},
    [CLOSED] = {DROP, NO_LIMIT, 0},
};

static const struct net_limits *limits(const struct net_connection *connection)
{
    return &connection->loop->shared->options.limits;
}

static void forget_readahead(struct net_connection *connection)
{
    arena_budget_give_back(&connection->loop->shared->budget, connection->readahead.capacity);
    buf_fini(&connection->readahead);
}

static void free_when_unused(struct net_connection *connection)
{
    if (!connection->closed || connection->exchange != NULL)
        return;
    struct net_loop *loop = connection->loop;
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        loop->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    net_tls_stream_close(connection->tls);
    forget_readahead(connection);
    free(connection);
    atomic_fetch_sub(&loop->shared->connections, 1);
    net_loop_connection_gone(loop);
}

static void on_closed(uv_handle_t *handle)
{
    struct net_connection *connection = handle->data;
    connection->closed = true;
    free_when_unused(connection);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* a peer that is gone shows in reading, too */
}

/* Of the state it is in, from now. */
static uint64_t deadline_of(const struct net_connection *connection)
{
    int limit = states[connection->state].limit;
    if (limit == NO_LIMIT)
        return 0;
    uint32_t ms;
    memcpy(&ms, (const char *)limits(connection) + limit, sizeof(ms));
    return uv_now(&connection->loop->uv) + ms;
}

static void move(struct net_connection *connection, enum event event)
{
    enum state from = (enum state)connection->state;
    enum state to = next_state[from][event];
    CHECK(to != NONE);
    connection->state = to;
    connection->deadline_ms = deadline_of(connection);
    bool is_last = to == LINGERING || (to == CLOSED && from != CLOSED);
    if (is_last && connection->tls != NULL)
        net_tls_stream_end(connection->tls);
    if (to == LINGERING)
        uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shutdown);
    if (to == CLOSED && from != CLOSED)
        uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

static void release_exchange(struct net_connection *connection)
{
    net_loop_give_back_exchange(connection->loop, connection->exchange);
    connection->exchange = NULL;
}

void net_connection_end(struct net_connection *connection)
{
    /* A request that was not complete yet is nobody else's. One that is WORKING comes back through
     * net_connection_answer, one that is SENDING through on_written. */
    if (connection->state == HEADER || connection->state == BODY)
        release_exchange(connection);
    move(connection, ENDED);
}

/* The response is with the kernel. */
static void finish_answer(struct net_connection *connection)
{
    release_exchange(connection);
    move(connection, connection->last ? ANSWERED_LAST : ANSWERED);
}

static void resume(struct net_connection *connection);

static void on_sent(void *context, bool succeeded)
{
    struct net_connection *connection = context;
    if (connection->state == CLOSED) {
        release_exchange(connection);
        return; /* on_closed follows */
    }
    if (!succeeded) {
        release_exchange(connection);
        net_connection_end(connection);
        return;
    }
    finish_answer(connection);
    resume(connection);
}

static void on_written(uv_write_t *request, int status)
{
    on_sent(request->data, status == 0);
}

static void send_response_secured(struct net_connection *connection, struct slice head,
                                  struct slice body)
{
    switch (net_tls_stream_send(connection->tls, head, body)) {
    case NET_TLS_SENT:
        finish_answer(connection);
        break;
    case NET_TLS_SENDING:
        move(connection, WAITS);
        break;
    case NET_TLS_SEND_FAILED:
        release_exchange(connection);
        net_connection_end(connection);
        break;
    }
}

/* Most responses fit into the socket's buffer and are sent here and now; the rest is queued. */
static void send_response(struct net_connection *connection, struct slice head, struct slice body)
{
    if (connection->tls != NULL) {
        send_response_secured(connection, head, body);
        return;
    }
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    uv_buf_t parts[2] = {uv_buf_init((char *)head.data, (unsigned)head.size),
                         uv_buf_init((char *)body.data, (unsigned)body.size)};
    size_t size = head.size + body.size;
    int sent = uv_try_write(stream, parts, body.size > 0 ? 2 : 1);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0) {
        release_exchange(connection);
        net_connection_end(connection);
        return;
    }
    if ((size_t)sent == size) {
        finish_answer(connection);
        return;
    }
    move(connection, WAITS);
    for (size_t i = 0, left = (size_t)sent; i < 2; i++) {
        size_t part = left < parts[i].len ? left : parts[i].len;
        parts[i].base += part;
        parts[i].len -= part;
        left -= part;
    }
    uv_buf_t *first = parts[0].len > 0 ? &parts[0] : &parts[1];
    unsigned count = parts[0].len > 0 && parts[1].len > 0 ? 2 : 1;
    connection->write.data = connection;
    if (uv_write(&connection->write, stream, first, count, on_written) != 0) {
        release_exchange(connection);
        net_connection_end(connection);
    }
}

/* Leaves the connection IDLE, SENDING, LINGERING or CLOSED. */
static void answer(struct net_connection *connection)
{
    struct http_exchange *exchange = &connection->exchange->http;
    if (exchange->build != NULL)
        exchange->build(exchange);
    struct http_head_options options = {
        .date = slice_of(connection->loop->date, HTTP_DATE_BYTES),
        .close = connection->last,
        .say_keep = http_request_parser_is_1_0(connection->exchange->parser),
    };
    bool headless = slice_equal(exchange->request.method, SLICE("HEAD"));
    struct slice head;
    if (!http_response_head(exchange, &options, &head)) {
        /* No room for the response: with all of it thrown away there is room for this one. */
        int status = exchange->arena.is_short ? 503 : 500;
        arena_reset(&exchange->arena);
        exchange->response = (struct http_response){.status = status};
        if (!http_response_head(exchange, &options, &head)) {
            release_exchange(connection);
            net_connection_end(connection);
            return;
        }
    }
    send_response(connection, head, headless ? slice_of("", 0) : exchange->response.body);
}

static void on_finished(struct http_exchange *http)
{
    struct net_exchange *exchange = (struct net_exchange *)http;
    /* Still inside handle on the home thread: the response is picked up there. */
    if (atomic_exchange(&exchange->stage, NET_FINISHED) == NET_DETACHED)
        net_loop_post(exchange->loop, exchange);
}

static void on_going_on(struct http_exchange *http, void (*go_on)(struct http_exchange *))
{
    struct net_exchange *exchange = (struct net_exchange *)http;
    exchange->work = go_on;
    net_workers_submit(exchange->loop->shared->workers, exchange);
}

void net_connection_answer(struct net_connection *connection)
{
    if (connection->state == CLOSED) {
        release_exchange(connection);
        free_when_unused(connection);
        return;
    }
    answer(connection);
    resume(connection);
}

/* The request is whole. */
static void work(struct net_connection *connection)
{
    struct net_exchange *exchange = connection->exchange;
    const struct net_shared *shared = connection->loop->shared;
    const struct http_handler *handler = &shared->options.handler;
    move(connection, COMPLETE);
    exchange->http.request.received_ns = clock_monotonic_ns();
    if (!http_request_parser_keep_alive(exchange->parser))
        connection->last = true;
    if (handler->is_long != NULL && handler->is_long(handler->context, &exchange->http.request)) {
        atomic_store(&exchange->stage, NET_DETACHED);
        net_workers_submit(shared->workers, exchange);
        return;
    }
    atomic_store(&exchange->stage, NET_HANDLING);
    handler->handle(handler->context, &exchange->http);
    int stage = NET_HANDLING;
    if (!atomic_compare_exchange_strong(&exchange->stage, &stage, NET_DETACHED))
        answer(connection);
}

/* Answers with a bare status and closes. */
static void refuse(struct net_connection *connection, int status)
{
    move(connection, COMPLETE);
    connection->last = true;
    connection->exchange->http.response = (struct http_response){.status = status};
    answer(connection);
}

static void send_continue(struct net_connection *connection)
{
    static char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (connection->tls != NULL) {
        if (!net_tls_stream_interject(connection->tls, slice_of(line, sizeof(line) - 1)))
            net_connection_end(connection);
        return;
    }
    uv_buf_t part = uv_buf_init(line, sizeof(line) - 1);
    int sent = uv_try_write((uv_stream_t *)&connection->tcp, &part, 1);
    /* A client whose receive window is full does not wait for this line. Half a line would be
     * taken for the start of the response. */
    if (sent != UV_EAGAIN && sent != (int)part.len)
        net_connection_end(connection);
}

/* Found out once for each connection that has a request. IPv6 sockets take no IPv4 here, so there
 * is one form of every address. */
static struct slice peer_address(struct net_connection *connection)
{
    char *text = connection->peer_address;
    struct sockaddr_storage name;
    int size = sizeof(name);
    if (text[0] == '\0' &&
        uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&name, &size) == 0)
        (void)uv_ip_name((struct sockaddr *)&name, text, sizeof(connection->peer_address));
    return text[0] != '\0' ? slice_of_cstring(text) : SLICE_ABSENT; /* it has gone already */
}

static bool begin(struct net_connection *connection)
{
    struct net_exchange *exchange = net_loop_take_exchange(connection->loop);
    if (exchange == NULL) {
        net_connection_end(connection);
        return false;
    }
    exchange->connection = connection;
    exchange->http.finished = on_finished;
    exchange->http.go_on = on_going_on;
    connection->exchange = exchange;
    struct http_request *request = &exchange->http.request;
    http_request_parser_begin(exchange->parser, &exchange->http.arena, request);
    request->secure = connection->tls != NULL;
    request->peer_address = peer_address(connection);
    move(connection, BEGUN);
    return true;
}

/* Takes from the front of *bytes as long as requests can be parsed and answered. */
static void consume(struct net_connection *connection, struct slice *bytes)
{
    while (bytes->size > 0 && states[connection->state].input == PARSE) {
        if (connection->state == IDLE && !begin(connection))
            return;
        struct http_request_parser *parser = connection->exchange->parser;
        switch (http_request_parser_feed(parser, bytes)) {
        case HTTP_PARSE_MORE:
            if (connection->state == HEADER && http_request_parser_phase(parser) == HTTP_PHASE_BODY)
                move(connection, HEADED);
            if (http_request_parser_take_expectation(parser))
                send_continue(connection);
            break;
        case HTTP_PARSE_REQUEST:
            work(connection);
            break;
        case HTTP_PARSE_REFUSED:
            refuse(connection, http_request_parser_refusal_status(parser));
            break;
        }
    }
}

static void read_on(struct net_connection *connection);

/* false: there is no memory for it. */
static bool append_readahead(struct net_connection *connection, struct slice bytes)
{
    struct arena_budget *budget = &connection->loop->shared->budget;
    struct buf *readahead = &connection->readahead;
    size_t before = readahead->capacity;
    buf_append(readahead, bytes);
    size_t more = readahead->capacity - before;
    if (!readahead->failed && arena_budget_take(budget, more))
        return true;
    arena_budget_give_back(budget, before);
    buf_fini(readahead);
    return false;
}

static void keep(struct net_connection *connection, struct slice bytes)
{
    if (bytes.size == 0 || connection->last || states[connection->state].input == DROP)
        return;
    /* Who pipelines must expect that a connection ends with the answer under way and that the
     * requests behind it are to be sent again (RFC 9112 9.3.2). */
    if (!append_readahead(connection, bytes)) {
        connection->last = true;
        return;
    }
    if (connection->readahead.size >= limits(connection)->readahead_bytes_max &&
        connection->reading) {
        uv_read_stop((uv_stream_t *)&connection->tcp);
        connection->reading = false;
    }
}

/* A response is sent: what was read ahead is next. */
static void resume(struct net_connection *connection)
{
    if (states[connection->state].input == DROP)
        forget_readahead(connection);
    if (connection->readahead.size > 0) {
        struct slice left = buf_slice(&connection->readahead);
        consume(connection, &left);
        memmove(connection->readahead.data, left.data, left.size);
        connection->readahead.size = left.size;
        if (left.size == 0)
            forget_readahead(connection);
    }
    if (connection->peer_ended && states[connection->state].input != KEEP)
        net_connection_end(connection);
    if (connection->state != CLOSED && !connection->reading && !connection->peer_ended &&
        connection->readahead.size < limits(connection)->readahead_bytes_max)
        read_on(connection);
}

static void on_end_of_input(struct net_connection *connection, bool orderly)
{
    connection->peer_ended = true;
    /* What comes behind the end that TLS knows is nobody's. */
    uv_read_stop((uv_stream_t *)&connection->tcp);
    connection->reading = false;
    /* It may have closed its side only and wait for the answer. */
    if (!orderly || states[connection->state].input != KEEP)
        net_connection_end(connection);
}

static void on_input_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_room)
{
    struct net_connection *connection = handle->data;
    (void)suggested;
    *ret_room = uv_buf_init((char *)connection->loop->input, NET_INPUT_BYTES);
}

static void take(struct net_connection *connection, struct slice bytes)
{
    if (connection->readahead.size == 0)
        consume(connection, &bytes);
    keep(connection, bytes);
}

/* A client that speaks plain HTTP to a TLS port has the wrong URL: it is told which is right. */
static void answer_unsecured(struct net_connection *connection)
{
    static char response[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
                             "Content-Length: 58\r\nConnection: close\r\n\r\n"
                             "This port speaks TLS: use a URL that begins with https://\n";
    uv_buf_t part = uv_buf_init(response, sizeof(response) - 1);
    net_tls_stream_close(connection->tls);
    connection->tls = NULL;
    (void)uv_try_write((uv_stream_t *)&connection->tcp, &part, 1);
    move(connection, REJECTED);
}

static void take_secured(struct net_connection *connection, struct slice bytes)
{
    uint8_t room[NET_TLS_RECORD_BYTES];
    enum net_tls_status status = NET_TLS_PLAIN;
    net_tls_stream_feed(connection->tls, bytes);
    while (status == NET_TLS_PLAIN && connection->state != CLOSED) {
        struct slice plain;
        status = net_tls_stream_read(connection->tls, room, &plain);
        if (connection->state == HANDSHAKE && net_tls_stream_is_secured(connection->tls))
            move(connection, SECURED);
        if (status == NET_TLS_PLAIN)
            take(connection, plain);
    }
    switch (status) {
    case NET_TLS_PLAIN:
    case NET_TLS_MORE:
        break;
    case NET_TLS_ENDED: /* nothing counts that comes behind it */
        uv_read_stop((uv_stream_t *)&connection->tcp);
        connection->reading = false;
        on_end_of_input(connection, true);
        break;
    case NET_TLS_UNSECURED:
        answer_unsecured(connection);
        break;
    case NET_TLS_FAILED:
        if (connection->state == HANDSHAKE)
            move(connection, REJECTED);
        else
            net_connection_end(connection);
        break;
    }
}

static void on_input(uv_stream_t *stream, ssize_t size, const uv_buf_t *room)
{
    struct net_connection *connection = stream->data;
    if (connection->state == CLOSED || size == 0)
        return;
    if (size < 0) {
        on_end_of_input(connection, size == UV_EOF);
        return;
    }
    if (states[connection->state].input == DROP)
        return;
    struct slice bytes = slice_of(room->base, (size_t)size);
    if (connection->tls != NULL)
        take_secured(connection, bytes);
    else
        take(connection, bytes);
}

static void read_on(struct net_connection *connection)
{
    if (uv_read_start((uv_stream_t *)&connection->tcp, on_input_room, on_input) != 0)
        net_connection_end(connection);
    else
        connection->reading = true;
}

void net_connection_tick(struct net_connection *connection)
{
    if (connection->deadline_ms == 0 || uv_now(&connection->loop->uv) < connection->deadline_ms)
        return;
    int status = states[connection->state].late_status;
    if (status != 0)
        refuse(connection, status);
    else
        net_connection_end(connection);
}

void net_connection_stop(struct net_connection *connection)
{
    if (connection->state == IDLE || connection->state == HANDSHAKE)
        net_connection_end(connection);
    else
        connection->last = true;
}

/* One too many: it is told so and closed; over TLS just closed, for a handshake is too much for
 * that. */
static void turn_away(struct net_connection *connection)
{
    static char response[] = "HTTP/1.1 503 Service Unavailable\r\n"
                             "Content-Length: 0\r\nConnection: close\r\n\r\n";
    uv_buf_t part = uv_buf_init(response, sizeof(response) - 1);
    if (connection->tls == NULL)
        (void)uv_try_write((uv_stream_t *)&connection->tcp, &part, 1);
    net_connection_end(connection);
}

static bool open_tls(struct net_connection *connection, struct net_loop *loop, struct net_tls *tls)
{
    struct net_tls_stream_options options = {
        .tls = tls,
        .tcp = (uv_stream_t *)&connection->tcp,
        .budget = &loop->shared->budget,
        .sent = on_sent,
        .context = connection,
    };
    connection->tls = net_tls_stream_open(&options);
    return connection->tls != NULL;
}

void net_connection_accept(struct net_loop *loop, struct net_listener *listener)
{
    struct net_connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL)
        return;
    if ((listener->tls != NULL && !open_tls(connection, loop, listener->tls)) ||
        uv_tcp_init(&loop->uv, &connection->tcp) != 0) {
        net_tls_stream_close(connection->tls);
        free(connection);
        return;
    }
    connection->loop = loop;
    connection->tcp.data = connection;
    connection->state = listener->tls != NULL ? HANDSHAKE : IDLE;
    connection->deadline_ms = deadline_of(connection);
    /* One read can come on top of a read-ahead that is almost full. */
    buf_init(&connection->readahead, NULL,
             loop->shared->options.limits.readahead_bytes_max + NET_INPUT_BYTES);
    connection->next = loop->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    loop->connections = connection;
    size_t before = atomic_fetch_add(&loop->shared->connections, 1);
    if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&connection->tcp) != 0) {
        net_connection_end(connection);
        return;
    }
    (void)uv_tcp_nodelay(&connection->tcp, 1); /* without it answers are only later */
    if (before >= limits(connection)->connections_max)
        turn_away(connection);
    else
        read_on(connection);
}
