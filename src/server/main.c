/*
 * The program: reads the command line, opens everything, waits for signals, and closes it in the
 * other order. Exit status: 0 after an orderly stop, 1 when something could not be opened or a
 * second signal cut the stop short, 2 for a wrong command line. SIGHUP reads the TLS files and
 * those of --oidc-keys and --roles-anywhere again and opens the audit log anew.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/log.h"
#include "cli/bench.h"
#include "server/open.h"
#include "server/trusted_files.h"

enum {
    START_ARENA_BYTES = 256 * 1024 * 1024, /* opening reads the whole catalog */
    RELOAD_ARENA_BYTES = 64 * 1024,
};

struct program {
    struct parts parts;
    /* the control loop, on the main thread */
    uv_loop_t loop;
    uv_signal_t stops[2];
    uv_signal_t reload;
    uv_async_t stopped;
    bool stopping;
};

static void on_net_stopped(void *context)
{
    struct program *program = context;
    uv_async_send(&program->stopped);
}

static void on_stop(uv_signal_t *handle, int number)
{
    struct program *program = handle->data;
    if (program->stopping) {
        /* Safe at any moment: what was acknowledged is on disk. */
        log_write(LOG_WARNING, "stopped at once by a second signal (%s)", strsignal(number));
        _exit(1);
    }
    program->stopping = true;
    log_write(LOG_INFO, "stopping on %s", strsignal(number));
    net_server_stop(program->parts.net);
}

static void say_reloaded(const char *which, const struct error *error)
{
    if (error != NULL)
        log_write(LOG_ERROR, "%s stay as they were: %.*s", which, SLICE_PRINT(error->message));
    else
        log_write(LOG_INFO, "%s have been read again", which);
}

/* Files that somebody has replaced or moved away. */
static void on_reload(uv_signal_t *handle, int number)
{
    struct program *program = handle->data;
    struct parts *parts = &program->parts;
    struct arena arena;
    (void)number;
    arena_init(&arena, RELOAD_ARENA_BYTES);
    if (parts->audit != NULL)
        auth_audit_reopen(parts->audit);
    if (parts->tls != NULL)
        say_reloaded("the TLS files", net_tls_reload(&arena, parts->tls));
    if (trusted_files_are_named(&parts->config))
        say_reloaded("the files of --oidc-keys and --roles-anywhere",
                     trusted_files_read(&arena, &parts->config, &parts->identities.trusted));
    arena_fini(&arena);
}

static void on_all_stopped(uv_async_t *handle)
{
    struct program *program = handle->data;
    for (size_t i = 0; i < COUNT_OF(program->stops); i++)
        uv_close((uv_handle_t *)&program->stops[i], NULL);
    uv_close((uv_handle_t *)&program->reload, NULL);
    uv_close((uv_handle_t *)&program->stopped, NULL);
}

static void watch(struct program *program, uv_signal_t *handle, uv_signal_cb callback, int number)
{
    handle->data = program;
    CHECK(uv_signal_start(handle, callback, number) == 0);
}

/* Before anything else is opened, so that no signal finds the program without. */
static void control_init(struct program *program)
{
    static const int numbers[COUNT_OF(program->stops)] = {SIGTERM, SIGINT};
    CHECK(uv_loop_init(&program->loop) == 0);
    CHECK(uv_async_init(&program->loop, &program->stopped, on_all_stopped) == 0);
    program->stopped.data = program;
    CHECK(uv_signal_init(&program->loop, &program->reload) == 0);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        CHECK(uv_signal_init(&program->loop, &program->stops[i]) == 0);
        watch(program, &program->stops[i], on_stop, numbers[i]);
    }
    const struct config *config = &program->parts.config;
    if (config->tls_cert != NULL || config->audit_log != NULL || trusted_files_are_named(config))
        watch(program, &program->reload, on_reload, SIGHUP);
}

static void say_url(const struct config *config, const char *scheme, uint16_t port)
{
    const char *address = config->bind;
    int size = (int)strcspn(address, ",");
    bool is_v6 = memchr(address, ':', (size_t)size) != NULL;
    printf("%s://%s%.*s%s:%u ", scheme, is_v6 ? "[" : "", size, address, is_v6 ? "]" : "", port);
}

/* Once: the secret cannot be shown again, and no copy of it stays in memory. */
static void say_root_key(struct identities *identities)
{
    char text[256];
    struct slice secret = identities->new_root_secret;
    if (!slice_present(identities->new_root_id))
        return;
    int size = snprintf(text, sizeof(text),
                        "The root access key, shown this once:\n  AWS_ACCESS_KEY_ID=%.*s\n"
                        "  AWS_SECRET_ACCESS_KEY=%.*s\n",
                        SLICE_PRINT(identities->new_root_id), SLICE_PRINT(secret));
    CHECK(size > 0 && (size_t)size < sizeof(text));
    fflush(stdout); /* whose buffer this must not go through */
    for (ssize_t at = 0, sent = 1; at < size && sent > 0; at += sent)
        sent = write(STDOUT_FILENO, text + at, (size_t)(size - at));
    explicit_bzero(text, sizeof(text));
    explicit_bzero((void *)(uintptr_t)secret.data, secret.size); /* the arena's memory */
    identities->new_root_secret = SLICE_ABSENT;
}

static void say_ready(const struct parts *parts)
{
    static const char *const durabilities[] = {
        [CONFIG_SYNC] = "sync", [CONFIG_INTERVAL] = "interval", [CONFIG_NONE] = "none"};
    const struct config *config = &parts->config;
    bool has_two = config->tls_port != OPTIONS_ABSENT;
    printf("hashrange %s ready on ", HASHRANGE_VERSION);
    say_url(config, config->tls_cert != NULL && !has_two ? "https" : "http",
            net_server_port(parts->net));
    if (has_two) {
        printf("and ");
        say_url(config, "https", net_server_tls_port(parts->net));
    }
    if (parts->admin != NULL)
        printf("and, for metrics, http://127.0.0.1:%u ", admin_port(parts->admin));
    if (config->in_memory)
        printf("(in memory)\n");
    else
        printf("(data in %s, durability %s)\n", config->data, durabilities[config->durability]);
    fflush(stdout);
}

/* Secrets in memory stay there: no core dump, and no other program of the same user looks into it
 * (prctl(2), PR_SET_DUMPABLE). */
static void hide_memory(void)
{
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        log_write(LOG_WARNING, "core dumps stay possible: %s", strerror(errno));
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
    log_set_format((enum log_format)program->parts.config.log_format);
    log_set_level((enum log_level)program->parts.config.log_level);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    raise_file_limit();
    if (program->parts.config.auth)
        hide_memory();
    control_init(program);
    struct parts_stop stop = {on_net_stopped, program};
    const struct error *error = parts_open(&program->parts, &stop);
    if (error != NULL) {
        fprintf(stderr, "hashrange: %.*s\n", SLICE_PRINT(error->message));
        parts_close(&program->parts);
        return 1;
    }
    say_root_key(&program->parts.identities); /* whoever waits for the line after it has it */
    say_ready(&program->parts);
    uv_run(&program->loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&program->loop) == 0);
    parts_close(&program->parts);
    log_write(LOG_INFO, "stopped");
    return 0;
}

int main(int argument_count, char **arguments)
{
    static struct program program;
    if (argument_count > 1 && strcmp(arguments[1], "bench") == 0)
        return cli_bench(argument_count - 2, (const char *const *)arguments + 2);
    arena_init(&program.parts.arena, START_ARENA_BYTES);
    const struct error *error = config_read(&program.parts.arena, argument_count,
                                            (const char *const *)arguments, &program.parts.config);
    int status = 0;
    if (error != NULL) {
        fprintf(stderr, "hashrange: %.*s\nTry: hashrange --help\n", SLICE_PRINT(error->message));
        status = 2;
    } else if (program.parts.config.help) {
        config_write_help(stdout);
    } else if (program.parts.config.version) {
        printf("hashrange %s\n", HASHRANGE_VERSION);
    } else {
        status = serve(&program);
    }
    arena_fini(&program.parts.arena);
    return status;
}
