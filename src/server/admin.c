#include "server/admin.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/store.h"

enum { PAGE_BYTES_MAX = 64 * 1024 * 1024, CONNECTIONS_MAX = 64 };

struct admin {
    struct admin_options options;
    struct net_server *net;
};

/* --- what there is to tell besides requests --- */

struct reading {
    const struct admin_options *options;
    struct store_statistics store;
    struct net_statistics net;
};

static double connections(const struct reading *reading)
{
    return (double)reading->net.connections;
}
static double request_memory(const struct reading *reading)
{
    return (double)reading->net.memory_bytes;
}
static double commits(const struct reading *reading)
{
    return (double)reading->store.commits;
}
static double commit_groups(const struct reading *reading)
{
    return (double)reading->store.commit_groups;
}
static double flight_bytes(const struct reading *reading)
{
    return (double)reading->store.flight_bytes;
}
static double disk_bytes(const struct reading *reading)
{
    return (double)reading->store.disk_bytes;
}
static double read_only(const struct reading *reading)
{
    return reading->store.read_only;
}
static double tables(const struct reading *reading)
{
    return (double)db_table_count(reading->options->db);
}
static double started(const struct reading *reading)
{
    return (double)reading->options->started_ms / 1000;
}

static double resident_bytes(const struct reading *reading)
{
    (void)reading;
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    int count = fscanf(file, "%lu %lu", &pages, &resident);
    fclose(file);
    return count == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) : 0;
}

static double heap_bytes(const struct reading *reading)
{
    (void)reading;
    struct mallinfo2 heap = mallinfo2();
    return (double)heap.uordblks + (double)heap.hblkhd;
}

static double cpu_seconds(const struct reading *reading)
{
    (void)reading;
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* METRIC(name, type, function, help) */
static const struct {
    const char *name;
    const char *type;
    double (*read)(const struct reading *reading);
    const char *help;
} rows[] = {
#define METRIC(name, type, function, help) {name, type, function, help},
#include "server/metrics.def"
#undef METRIC
};

static void write_page(const struct admin *admin, struct buf *out)
{
    struct reading reading = {.options = &admin->options};
    store_read_statistics(db_store(admin->options.db), &reading.store);
    reading.net = net_server_statistics(admin->options.net);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        metrics_write_one(out, rows[i].name, rows[i].type, rows[i].help, rows[i].read(&reading));
    for (size_t i = 0; i < reading.store.gauge_count; i++) {
        const struct store_gauge *gauge = &reading.store.gauges[i];
        char name[128];
        snprintf(name, sizeof(name), "hashrange_%s", gauge->name);
        metrics_write_one(out, name, "gauge", gauge->help, (double)gauge->value);
    }
    metrics_write(admin->options.metrics, out);
}

/* --- HTTP --- */

static void reply(struct http_exchange *exchange, int status, struct slice type, struct slice body)
{
    exchange->response.status = status;
    exchange->response.body = body;
    if (!http_response_add_header(exchange, SLICE("Content-Type"), type))
        exchange->response = (struct http_response){.status = 500};
}

static void reply_text(struct http_exchange *exchange, int status, struct slice body)
{
    reply(exchange, status, SLICE("text/plain; charset=utf-8"), body);
}

static void reply_metrics(const struct admin *admin, struct http_exchange *exchange)
{
    struct buf page;
    buf_init(&page, &exchange->arena, PAGE_BYTES_MAX);
    write_page(admin, &page);
    if (page.failed)
        reply_text(exchange, 503, SLICE("There is no memory for this page now\n"));
    else
        reply(exchange, 200, SLICE("text/plain; version=0.0.4; charset=utf-8"), buf_slice(&page));
}

static void reply_ready(const struct admin *admin, struct http_exchange *exchange)
{
    struct store_statistics store;
    store_read_statistics(db_store(admin->options.db), &store);
    if (net_server_statistics(admin->options.net).stopping)
        reply_text(exchange, 503, SLICE("The server is stopping: it takes no new connections\n"));
    else if (store.read_only)
        reply_text(exchange, 503,
                   SLICE("A commit has failed (the log says why): writes are refused until the "
                         "store can work again\n"));
    else
        reply_text(exchange, 200, SLICE("ready\n"));
}

static void handle(void *context, struct http_exchange *exchange)
{
    const struct admin *admin = context;
    struct slice path = exchange->request.target;
    const uint8_t *query = path.size == 0 ? NULL : memchr(path.data, '?', path.size);
    if (query != NULL)
        path.size = (size_t)(query - path.data);
    if (!slice_equal(exchange->request.method, SLICE("GET")) &&
        !slice_equal(exchange->request.method, SLICE("HEAD")))
        reply_text(exchange, 405, SLICE("GET /metrics, /healthz, /readyz\n"));
    else if (slice_equal(path, SLICE("/metrics")))
        reply_metrics(admin, exchange);
    else if (slice_equal(path, SLICE("/healthz")))
        reply_text(exchange, 200, SLICE("ok\n"));
    else if (slice_equal(path, SLICE("/readyz")))
        reply_ready(admin, exchange);
    else
        reply_text(exchange, 404, SLICE("/metrics, /healthz, /readyz\n"));
    http_exchange_finish(exchange);
}

const struct error *admin_open(struct arena *arena, const struct admin_options *options,
                               struct admin **ret_admin)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    struct admin *admin = calloc(1, sizeof(*admin));
    if (admin == NULL)
        return error_exhausted();
    admin->options = *options;
    struct net_options net = {
        .addresses = addresses,
        .address_count = COUNT_OF(addresses),
        .skip_missing_addresses = true,
        .port = options->port,
        .loops = 1,
        .workers = 1,
        .limits = net_limits_default,
        .handler = {handle, NULL, admin},
    };
    net.limits.connections_max = CONNECTIONS_MAX;
    net.limits.memory_bytes_max = 2 * (size_t)PAGE_BYTES_MAX;
    const struct error *error = net_server_open(arena, &net, &admin->net);
    if (error == NULL)
        error = net_server_start(arena, admin->net);
    if (error == NULL)
        *ret_admin = admin;
    else
        admin_close(admin);
    return error;
}

uint16_t admin_port(const struct admin *admin)
{
    return net_server_port(admin->net);
}

void admin_close(struct admin *admin)
{
    if (admin == NULL)
        return;
    net_server_close(admin->net);
    free(admin);
}
