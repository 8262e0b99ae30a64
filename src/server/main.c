/*
 * The program: reads the command line, opens the store, the database, the jobs, the API and the
 * network, waits for a signal, and closes them in the other order. Exit status: 0 after an orderly
 * stop, 1 when something could not be opened or a second signal cut the stop short, 2 for a wrong
 * command line.
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "api/api.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/bench.h"
#include "jobs/jobs.h"
#include "net/server.h"
#include "ops/throttle.h"
#include "server/config.h"
#include "store/mem/mem_store.h"
#include "store/rocksdb/rocksdb_store.h"

enum {
    START_ARENA_BYTES = 256 * 1024 * 1024, /* opening reads the whole catalog */
    ADDRESSES_MAX = 8,
    TRANSIENT_MS =
        2000, /* --delay-transient-statuses: long enough to be seen by a client that polls */
    WORKERS_MIN = 2,
    MEBIBYTE = 1024 * 1024,
};

struct program {
    struct config config;
    struct arena arena;
    struct store *store;
    struct db *db;
    struct jobs *jobs;
    struct op_throttle *throttle;
    struct op_environment environment;
    struct api api;
    struct net_server *net;
    char endpoint[32];
    /* the control loop, on the main thread */
    uv_loop_t loop;
    uv_signal_t signals[2];
    uv_async_t stopped;
    bool stopping;
};

static unsigned processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

static const struct error *open_store(struct program *program)
{
    static const enum rocksdb_store_durability durabilities[] = {
        [CONFIG_SYNC] = ROCKSDB_STORE_SYNC,
        [CONFIG_INTERVAL] = ROCKSDB_STORE_INTERVAL,
        [CONFIG_NONE] = ROCKSDB_STORE_NONE,
    };
    const struct config *config = &program->config;
    if (config->in_memory)
        return mem_store_open(&program->arena, &program->store);
    struct rocksdb_store_options options = {
        .folder = config->data,
        .durability = durabilities[config->durability],
        .sync_interval_ms = config->sync_interval_ms,
        .cache_bytes = (size_t)config->cache_mb * MEBIBYTE,
    };
    return rocksdb_store_open(&program->arena, &options, &program->store);
}

static const struct error *open_db(struct program *program)
{
    struct db_options options = {
        .store = program->store,
        .shared_namespace = program->config.shared_db,
        .transient_ms = program->config.delay_transient_statuses ? TRANSIENT_MS : 0,
        .stream_shards = (unsigned)program->config.stream_shards,
        .stream_roll_ms = program->config.stream_roll_seconds * 1000,
        .expiry_sweep_ms = program->config.ttl_interval * 1000,
    };
    return db_open(&program->arena, &options, &program->db);
}

static void on_net_stopped(void *context)
{
    struct program *program = context;
    uv_async_send(&program->stopped);
}

/* Splits a copy of --bind at its commas. */
static const struct error *read_addresses(struct program *program,
                                          const char *addresses[ADDRESSES_MAX], size_t *ret_count)
{
    struct slice text = slice_of_cstring(program->config.bind);
    uint8_t *copy = arena_alloc_bytes(&program->arena, text.size + 1);
    if (copy == NULL)
        return error_exhausted();
    memcpy(copy, text.data, text.size + 1);
    size_t count = 0;
    char *rest = (char *)copy;
    for (char *address; (address = strsep(&rest, ",")) != NULL;) {
        if (count == ADDRESSES_MAX)
            return error_make(&program->arena, ERROR_VALIDATION,
                              "--bind takes no more than %d addresses", ADDRESSES_MAX);
        addresses[count++] = address;
    }
    *ret_count = count;
    return NULL;
}

/* What requests will see; the port is known by now, and no request is there yet. */
static void set_environment(struct program *program)
{
    program->environment = (struct op_environment){
        .db = program->db,
        .throttle = program->throttle,
        .validation = program->config.validation == CONFIG_CLASSIC ? MODEL_VALIDATION_CLASSIC
                                                                   : MODEL_VALIDATION_NEW,
        .account = SLICE("000000000000"),
        .ttl_change_ms = program->config.ttl_change_seconds * 1000,
    };
    int size = snprintf(program->endpoint, sizeof(program->endpoint), "localhost:%u",
                        net_server_port(program->net));
    program->environment.endpoint = slice_of(program->endpoint, (size_t)size);
}

static const struct error *open_net(struct program *program)
{
    const struct config *config = &program->config;
    struct api_options api_options = {
        .environment = &program->environment,
        .cors_origins = slice_of_cstring(config->cors),
    };
    api_init(&program->api, &api_options);
    const char *addresses[ADDRESSES_MAX];
    struct net_options options = {
        .addresses = addresses,
        /* A machine without IPv6 is fine, unless someone asked for it. */
        .skip_missing_addresses = strcmp(config->bind, CONFIG_BIND_DEFAULT) == 0,
        .port = (uint16_t)config->port,
        .loops = config->threads > 0 ? (unsigned)config->threads : processors(),
        .workers = processors() > WORKERS_MIN ? processors() : WORKERS_MIN,
        .limits = net_limits_default,
        .handler = api_handler(&program->api),
        .stopped = on_net_stopped,
        .stopped_context = program,
    };
    options.limits.connections_max = (size_t)config->max_connections;
    options.limits.memory_bytes_max = (size_t)config->request_memory_mb * MEBIBYTE;
    const struct error *error = read_addresses(program, addresses, &options.address_count);
    if (error == NULL)
        error = net_server_open(&program->arena, &options, &program->net);
    if (error == NULL && program->config.enforce_throughput)
        error = op_throttle_open(clock_now_ms(), &program->throttle);
    if (error != NULL)
        return error;
    set_environment(program);
    return net_server_start(&program->arena, program->net);
}

static const struct error *open_all(struct program *program)
{
    const struct error *error = open_store(program);
    if (error == NULL)
        error = open_db(program);
    if (error == NULL)
        error = jobs_start(&program->arena, program->db, &program->jobs);
    return error != NULL ? error : open_net(program);
}

static void close_all(struct program *program)
{
    net_server_close(program->net);
    op_throttle_close(program->throttle);
    jobs_stop(program->jobs);
    db_close(program->db);
    store_close(program->store);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct program *program = handle->data;
    if (program->stopping) {
        /* Safe at any moment: what was acknowledged is on disk. */
        log_write(LOG_WARNING, "stopped at once by a second signal (%s)", strsignal(number));
        _exit(1);
    }
    program->stopping = true;
    log_write(LOG_INFO, "stopping on %s", strsignal(number));
    net_server_stop(program->net);
}

static void on_all_stopped(uv_async_t *handle)
{
    struct program *program = handle->data;
    for (size_t i = 0; i < COUNT_OF(program->signals); i++)
        uv_close((uv_handle_t *)&program->signals[i], NULL);
    uv_close((uv_handle_t *)&program->stopped, NULL);
}

/* Before anything else is opened, so that no signal finds the program without. */
static void control_init(struct program *program)
{
    static const int numbers[COUNT_OF(program->signals)] = {SIGTERM, SIGINT};
    CHECK(uv_loop_init(&program->loop) == 0);
    CHECK(uv_async_init(&program->loop, &program->stopped, on_all_stopped) == 0);
    program->stopped.data = program;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        CHECK(uv_signal_init(&program->loop, &program->signals[i]) == 0);
        program->signals[i].data = program;
        CHECK(uv_signal_start(&program->signals[i], on_signal, numbers[i]) == 0);
    }
}

static void say_ready(const struct program *program)
{
    static const char *const durabilities[] = {
        [CONFIG_SYNC] = "sync", [CONFIG_INTERVAL] = "interval", [CONFIG_NONE] = "none"};
    const struct config *config = &program->config;
    const char *address = config->bind;
    int size = (int)strcspn(address, ",");
    bool is_v6 = memchr(address, ':', (size_t)size) != NULL;
    printf("hashrange %s ready on http://%s%.*s%s:%u ", HASHRANGE_VERSION, is_v6 ? "[" : "", size,
           address, is_v6 ? "]" : "", net_server_port(program->net));
    if (config->in_memory)
        printf("(in memory)\n");
    else
        printf("(data in %s, durability %s)\n", config->data, durabilities[config->durability]);
    fflush(stdout);
}

/* Each connection is a file: take as many as the system lets us have. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_write(LOG_DEBUG, "the limit of open files stays as it is");
}

static int serve(struct program *program)
{
    log_set_level((enum log_level)program->config.log_level);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    raise_file_limit();
    control_init(program);
    const struct error *error = open_all(program);
    if (error != NULL) {
        fprintf(stderr, "hashrange: %.*s\n", SLICE_PRINT(error->message));
        close_all(program);
        return 1;
    }
    say_ready(program);
    uv_run(&program->loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&program->loop) == 0);
    close_all(program);
    log_write(LOG_INFO, "stopped");
    return 0;
}

int main(int argument_count, char **arguments)
{
    static struct program program;
    if (argument_count > 1 && strcmp(arguments[1], "bench") == 0)
        return cli_bench(argument_count - 2, (const char *const *)arguments + 2);
    arena_init(&program.arena, START_ARENA_BYTES);
    const struct error *error = config_read(&program.arena, argument_count,
                                            (const char *const *)arguments, &program.config);
    int status = 0;
    if (error != NULL) {
        fprintf(stderr, "hashrange: %.*s\nTry: hashrange --help\n", SLICE_PRINT(error->message));
        status = 2;
    } else if (program.config.help) {
        config_write_help(stdout);
    } else if (program.config.version) {
        printf("hashrange %s\n", HASHRANGE_VERSION);
    } else {
        status = serve(&program);
    }
    arena_fini(&program.arena);
    return status;
}
