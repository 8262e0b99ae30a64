#include "net/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "net/loop.h"

enum { FREE_PORT_TRIES = 32 };

const struct net_limits net_limits_default = {
    .idle_ms = 120 * 1000,
    .header_ms = 20 * 1000,
    .body_ms = 120 * 1000,
    .send_ms = 120 * 1000,
    .linger_ms = 5 * 1000,
    .drain_ms = 10 * 1000,
    .tick_ms = 500,
    .connections_max = 10000,
    .readahead_bytes_max = 64 * 1024,
    .memory_bytes_max = 1024 * 1024 * 1024,
};

struct net_port {
    uint16_t number;
    struct net_tls *tls; /* NULL: plain */
};

struct net_server {
    struct net_shared shared;
    struct net_port ports[2]; /* the main one first */
    size_t port_count;
    unsigned loop_count;    /* made */
    unsigned started_count; /* of these, from the front */
    struct net_loop *loops;
    atomic_bool stopping;
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool read_address(const char *text, uint16_t port, union address *ret_address,
                         socklen_t *ret_size)
{
    union address address = {.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    socklen_t size = sizeof(address.v4);
    if (inet_pton(AF_INET, text, &address.v4.sin_addr) != 1) {
        address = (union address){.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
        size = sizeof(address.v6);
        if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) != 1)
            return false;
    }
    *ret_address = address;
    *ret_size = size;
    return true;
}

static const struct error *cannot_listen(struct arena *arena, const char *text, uint16_t port,
                                         int problem)
{
    if (problem == EADDRINUSE)
        return error_make(arena, ERROR_INTERNAL,
                          "Cannot listen on %s port %u: the port is already in use", text, port);
    return error_make(arena, ERROR_INTERNAL, "Cannot listen on %s port %u: %s", text, port,
                      strerror(problem));
}

/* A bound socket; -1 with errno set. shared_port: with SO_REUSEPORT. */
static int bind_socket(const union address *address, socklen_t size, bool shared_port)
{
    int on = 1;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool ready = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0;
    if (ready && shared_port)
        ready = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0;
    if (ready && address->any.sa_family == AF_INET6)
        ready = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0;
    if (ready && bind(fd, &address->any, size) == 0)
        return fd;
    int problem = errno;
    close(fd);
    errno = problem;
    return -1;
}

static bool is_missing(int problem)
{
    return problem == EADDRNOTAVAIL || problem == EAFNOSUPPORT;
}

/*
 * One socket for every loop, bound to text:*port (0 is replaced by the port found). SO_REUSEPORT
 * would let two servers of one user share a port without a word, so a socket without it is bound
 * first: that fails when anyone listens there.
 */
static int bind_all(const char *text, struct net_port *port,
                    struct net_socket (*sockets)[NET_LISTENERS_MAX], size_t column, unsigned loops)
{
    union address address;
    socklen_t size;
    if (!read_address(text, port->number, &address, &size))
        return EINVAL;
    int probe = bind_socket(&address, size, false);
    if (probe < 0)
        return errno;
    int problem = getsockname(probe, &address.any, &size) == 0 ? 0 : errno;
    close(probe);
    unsigned bound = 0;
    while (problem == 0 && bound < loops) {
        int fd = bind_socket(&address, size, true);
        sockets[bound][column] = (struct net_socket){.fd = fd, .tls = port->tls};
        if (fd < 0)
            problem = errno;
        else
            bound++;
    }
    if (problem != 0) {
        while (bound > 0)
            close(sockets[--bound][column].fd);
        return problem;
    }
    in_port_t found = address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port;
    port->number = ntohs(found);
    return 0;
}

static void close_columns(struct net_socket (*sockets)[NET_LISTENERS_MAX], size_t first, size_t end,
                          unsigned loops)
{
    for (unsigned loop = 0; loop < loops; loop++) {
        for (size_t column = first; column < end; column++)
            close(sockets[loop][column].fd);
    }
}

/* Adds a column of sockets for every address that this machine has; 0, or what went wrong with
 * which of them. */
static int bind_addresses(const struct net_options *options, struct net_port *port,
                          struct net_socket (*sockets)[NET_LISTENERS_MAX], size_t *count,
                          const char **ret_text)
{
    size_t before = *count;
    for (size_t i = 0; i < options->address_count; i++) {
        *ret_text = options->addresses[i];
        int problem = bind_all(*ret_text, port, sockets, *count, options->loops);
        bool last_chance = i + 1 == options->address_count && *count == before;
        if (problem == 0)
            (*count)++;
        else if (!options->skip_missing_addresses || !is_missing(problem) || last_chance)
            return problem;
    }
    return 0;
}

/* A port that is free on the first address need not be on the next, and may be taken between two
 * looks at it. Who asked for any free one gets another. */
static const struct error *bind_port(struct arena *arena, const struct net_options *options,
                                     struct net_port *port,
                                     struct net_socket (*sockets)[NET_LISTENERS_MAX], size_t *count)
{
    uint16_t wanted = port->number;
    size_t before = *count;
    const char *text = "";
    for (unsigned tries = wanted == 0 ? FREE_PORT_TRIES : 1;; tries--) {
        int problem = bind_addresses(options, port, sockets, count, &text);
        if (problem == 0)
            return NULL;
        if (problem != EADDRINUSE || tries == 1)
            return cannot_listen(arena, text, wanted, problem);
        close_columns(sockets, before, *count, options->loops);
        *count = before;
        port->number = 0;
    }
}

static const struct error *bind_ports(struct arena *arena, struct net_server *server,
                                      struct net_socket (*sockets)[NET_LISTENERS_MAX],
                                      size_t *ret_count)
{
    const struct net_options *options = &server->shared.options;
    size_t count = 0;
    const struct error *error = NULL;
    for (size_t i = 0; i < server->port_count && error == NULL; i++)
        error = bind_port(arena, options, &server->ports[i], sockets, &count);
    if (error == NULL) {
        *ret_count = count;
        return NULL;
    }
    close_columns(sockets, 0, count, options->loops);
    return error;
}

static const struct error *no_resources(struct arena *arena)
{
    return error_make(arena, ERROR_INTERNAL,
                      "Cannot start the network threads: out of memory, threads or file handles");
}

static const struct error *make_loops(struct arena *arena, struct net_server *server,
                                      struct net_socket (*sockets)[NET_LISTENERS_MAX], size_t count)
{
    struct net_shared *shared = &server->shared;
    bool ready = true;
    for (unsigned i = 0; i < shared->options.loops; i++) {
        if (ready)
            ready = net_loop_init(&server->loops[server->loop_count++], shared, sockets[i], count);
        else
            for (size_t column = 0; column < count; column++)
                close(sockets[i][column].fd);
    }
    if (!ready)
        return no_resources(arena);
    shared->workers = net_workers_open(shared->options.workers, &shared->options.handler);
    if (shared->workers == NULL)
        return no_resources(arena);
    return NULL;
}

static void free_server(struct net_server *server)
{
    for (unsigned i = 0; i < server->loop_count; i++)
        net_loop_fini(&server->loops[i], i < server->started_count);
    net_workers_close(server->shared.workers);
    CHECK(atomic_load(&server->shared.budget.taken_bytes) == 0);
    free(server->loops);
    free(server);
}

const struct error *net_server_open(struct arena *arena, const struct net_options *options,
                                    struct net_server **ret_server)
{
    CHECK(options->loops > 0 && options->workers > 0 && options->limits.memory_bytes_max > 0);
    CHECK(options->address_count > 0 && options->address_count <= NET_ADDRESSES_MAX);
    CHECK(options->tls != NULL || !options->has_tls_port);
    struct net_server *server = calloc(1, sizeof(*server));
    if (server == NULL)
        return no_resources(arena);
    server->shared.options = *options;
    server->shared.budget.limit_bytes = options->limits.memory_bytes_max;
    server->ports[0] = (struct net_port){
        .number = options->port,
        .tls = options->has_tls_port ? NULL : options->tls,
    };
    server->ports[1] = (struct net_port){.number = options->tls_port, .tls = options->tls};
    server->port_count = options->has_tls_port ? 2 : 1;
    server->loops = calloc(options->loops, sizeof(*server->loops));
    struct net_socket(*sockets)[NET_LISTENERS_MAX] = calloc(options->loops, sizeof(*sockets));
    const struct error *error = NULL;
    size_t count = 0;
    if (server->loops == NULL || sockets == NULL)
        error = no_resources(arena);
    if (error == NULL)
        error = bind_ports(arena, server, sockets, &count);
    if (error == NULL)
        error = make_loops(arena, server, sockets, count);
    free(sockets);
    if (error != NULL) {
        free_server(server);
        return error;
    }
    *ret_server = server;
    return NULL;
}

const struct error *net_server_start(struct arena *arena, struct net_server *server)
{
    CHECK(server->started_count == 0);
    atomic_store(&server->shared.loops_running, server->loop_count);
    while (server->started_count < server->loop_count) {
        if (!net_loop_start(&server->loops[server->started_count]))
            return no_resources(arena);
        server->started_count++;
    }
    return NULL;
}

uint16_t net_server_port(const struct net_server *server)
{
    return server->ports[0].number;
}

uint16_t net_server_tls_port(const struct net_server *server)
{
    return server->port_count > 1 ? server->ports[1].number : 0;
}

struct net_statistics net_server_statistics(const struct net_server *server)
{
    return (struct net_statistics){
        .connections = atomic_load(&server->shared.connections),
        .memory_bytes = atomic_load(&server->shared.budget.taken_bytes),
        .stopping = atomic_load(&server->stopping),
    };
}

void net_server_stop(struct net_server *server)
{
    atomic_store(&server->stopping, true);
    for (unsigned i = 0; i < server->loop_count; i++)
        net_loop_stop(&server->loops[i]);
}

void net_server_close(struct net_server *server)
{
    if (server == NULL)
        return;
    net_server_stop(server);
    free_server(server);
}
