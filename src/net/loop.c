#include "net/loop.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "net/connection.h"

enum {
    BACKLOG = 1024,
    SPARE_EXCHANGES_MAX = 64, /* more than can be under way at once on a busy loop is rare */
};

struct net_exchange *net_loop_take_exchange(struct net_loop *loop)
{
    struct net_exchange *exchange = loop->spare;
    if (exchange != NULL) {
        loop->spare = exchange->next;
        loop->spare_count--;
        return exchange;
    }
    exchange = calloc(1, sizeof(*exchange));
    struct http_request_parser *parser = http_request_parser_open();
    if (exchange == NULL || parser == NULL) {
        http_request_parser_close(parser);
        free(exchange);
        return NULL;
    }
    exchange->parser = parser;
    arena_init(&exchange->http.arena, HTTP_EXCHANGE_BYTES_MAX);
    arena_set_budget(&exchange->http.arena, &loop->shared->budget);
    exchange->loop = loop;
    return exchange;
}

static void free_exchange(struct net_exchange *exchange)
{
    arena_fini(&exchange->http.arena);
    http_request_parser_close(exchange->parser);
    free(exchange);
}

void net_loop_give_back_exchange(struct net_loop *loop, struct net_exchange *exchange)
{
    if (loop->spare_count == SPARE_EXCHANGES_MAX) {
        free_exchange(exchange);
        return;
    }
    struct arena arena = exchange->http.arena;
    arena_reset(&arena);
    *exchange = (struct net_exchange){
        .http = {.arena = arena},
        .parser = exchange->parser,
        .loop = loop,
    };
    exchange->next = loop->spare;
    loop->spare = exchange;
    loop->spare_count++;
}

void net_loop_post(struct net_loop *loop, struct net_exchange *exchange)
{
    /* Woken under the lock: when the loop has taken the list nobody is about to touch it. */
    pthread_mutex_lock(&loop->lock);
    bool first = loop->finished == NULL;
    exchange->next = loop->finished;
    loop->finished = exchange;
    if (first)
        uv_async_send(&loop->wake);
    pthread_mutex_unlock(&loop->lock);
}

void net_loop_stop(struct net_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    if (!loop->stop_wanted) {
        loop->stop_wanted = true;
        uv_async_send(&loop->wake);
    }
    pthread_mutex_unlock(&loop->lock);
}

void net_loop_connection_gone(struct net_loop *loop)
{
    if (!loop->stopping || loop->connections != NULL)
        return;
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->tick, NULL);
}

static void stop(struct net_loop *loop)
{
    loop->stopping = true;
    loop->drain_deadline_ms = uv_now(&loop->uv) + loop->shared->options.limits.drain_ms;
    for (size_t i = 0; i < loop->listener_count; i++)
        uv_close((uv_handle_t *)&loop->listeners[i].tcp, NULL);
    for (struct net_connection *at = loop->connections; at != NULL; at = at->next)
        net_connection_stop(at);
    net_loop_connection_gone(loop); /* there may be none */
}

static void on_wake(uv_async_t *handle)
{
    struct net_loop *loop = handle->data;
    pthread_mutex_lock(&loop->lock);
    struct net_exchange *newest = loop->finished;
    loop->finished = NULL;
    bool stop_wanted = loop->stop_wanted;
    pthread_mutex_unlock(&loop->lock);

    struct net_exchange *oldest = NULL;
    while (newest != NULL) {
        struct net_exchange *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    /* Stop first, so that the last answers say that they are. */
    if (stop_wanted && !loop->stopping)
        stop(loop);
    while (oldest != NULL) {
        struct net_exchange *next = oldest->next;
        net_connection_answer(oldest->connection);
        oldest = next;
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct net_loop *loop = timer->data;
    http_date_format(clock_now_ms() / 1000, loop->date);
    bool too_late = loop->stopping && uv_now(&loop->uv) >= loop->drain_deadline_ms;
    for (struct net_connection *at = loop->connections, *next; at != NULL; at = next) {
        next = at->next;
        if (too_late)
            net_connection_end(at);
        else
            net_connection_tick(at);
    }
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct net_listener *listener = (struct net_listener *)stream; /* which begins with it */
    if (status == 0)
        net_connection_accept(stream->data, listener);
}

static void *run(void *argument)
{
    struct net_loop *loop = argument;
    struct net_shared *shared = loop->shared;
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (atomic_fetch_sub(&shared->loops_running, 1) == 1 && shared->options.stopped != NULL)
        shared->options.stopped(shared->options.stopped_context);
    return NULL;
}

bool net_loop_init(struct net_loop *loop, struct net_shared *shared,
                   const struct net_socket *sockets, size_t count)
{
    CHECK(count <= NET_LISTENERS_MAX);
    size_t taken = 0;
    bool ready = uv_loop_init(&loop->uv) == 0;
    if (ready) {
        loop->shared = shared;
        pthread_mutex_init(&loop->lock, NULL);
        loop->wake.data = loop;
        loop->tick.data = loop;
        CHECK(uv_timer_init(&loop->uv, &loop->tick) == 0);
        CHECK(uv_async_init(&loop->uv, &loop->wake, on_wake) == 0);
    }
    for (; ready && taken < count; taken++) {
        struct net_listener *listener = &loop->listeners[taken];
        CHECK(uv_tcp_init(&loop->uv, &listener->tcp) == 0);
        listener->tcp.data = loop;
        listener->tls = sockets[taken].tls;
        loop->listener_count++;
        ready = uv_tcp_open(&listener->tcp, sockets[taken].fd) == 0;
        if (!ready)
            break;
        ready = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection) == 0;
    }
    for (size_t i = taken; i < count; i++)
        close(sockets[i].fd);
    return ready;
}

bool net_loop_start(struct net_loop *loop)
{
    uint32_t tick_ms = loop->shared->options.limits.tick_ms;
    http_date_format(clock_now_ms() / 1000, loop->date);
    CHECK(uv_timer_start(&loop->tick, on_tick, tick_ms, tick_ms) == 0);
    return pthread_create(&loop->thread, NULL, run, loop) == 0;
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void net_loop_fini(struct net_loop *loop, bool started)
{
    if (loop->shared == NULL)
        return;
    if (started) {
        pthread_join(loop->thread, NULL);
    } else {
        uv_walk(&loop->uv, close_handle, NULL);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
    CHECK(loop->connections == NULL);
    CHECK(uv_loop_close(&loop->uv) == 0);
    pthread_mutex_destroy(&loop->lock);
    while (loop->spare != NULL) {
        struct net_exchange *exchange = loop->spare;
        loop->spare = exchange->next;
        free_exchange(exchange);
    }
}
