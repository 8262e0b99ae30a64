#include "cli/bench.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/options.h"
#include "cli/load.h"
#include "cli/report.h"
#include "cli/workload.h"

enum { ARENA_BYTES = 1024 * 1024, CREATE_WAIT_MS = 60 * 1000, CREATE_POLL_US = 200 * 1000 };

/* Words of options.def; expanded there by their name. */
#define WORKLOAD(name, ...) "|" name
static const char workload_words[] =
#include "cli/workloads.def"
    ;
#undef WORKLOAD

struct bench_options {
#define OPTION(type, member, name, alias, argument, default_text, help) OPTIONS_TYPE_##type member;
#include "cli/bench_options.def"
#undef OPTION
};

#define WORKLOAD_WORDS (workload_words + 1)
static const struct option_row rows[] = {
#define OPTION(type, member, name, alias, argument, default_text, help)                            \
    OPTIONS_ROW(struct bench_options, type, member, name, alias, argument, default_text, help),
#include "cli/bench_options.def"
#undef OPTION
};

struct bench {
    struct arena arena;
    struct bench_options options;
    struct client_endpoint endpoint;
    struct client_signer signer;
    SSL_CTX *tls;
    struct workload workload;
    _Atomic uint64_t loaded; /* the next item to be loaded */
};

static struct slice environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0')
        value = otherwise;
    return value == NULL ? SLICE_ABSENT : slice_of_cstring(value);
}

static const struct error *open_client(struct bench *bench)
{
    const struct bench_options *options = &bench->options;
    const struct error *error =
        client_endpoint_read(&bench->arena, options->endpoint, &bench->endpoint);
    if (error != NULL)
        return error;
    const struct client_credentials credentials = {
        .access_key_id = environment("AWS_ACCESS_KEY_ID", "local"),
        .secret = environment("AWS_SECRET_ACCESS_KEY", "local"),
        .session_token = environment("AWS_SESSION_TOKEN", NULL),
    };
    if (bench->endpoint.secure) {
        bench->tls = client_tls_open(options->insecure);
        if (bench->tls == NULL)
            return error_make(&bench->arena, ERROR_INTERNAL, "The TLS library refuses to start");
    }
    if (!client_signer_open(&bench->signer, &credentials, slice_of_cstring(options->region),
                            &bench->endpoint))
        return error_exhausted();
    return NULL;
}

static void make_workload(struct bench *bench)
{
    const struct bench_options *options = &bench->options;
    struct workload *workload = &bench->workload;
    *workload = (struct workload){
        .percent = workload_percent(options->workload),
        .table = options->table,
        .items = (uint64_t)options->items,
        .item_bytes = (uint64_t)options->item_bytes,
        .batch = (uint64_t)options->batch,
        .consistent = options->consistent,
    };
    enum key_distribution distribution = (enum key_distribution)options->distribution;
    uint64_t groups = workload->items / WORKLOAD_GROUP_ITEMS;
    key_chooser_init(&workload->keys, distribution, workload->items);
    key_chooser_init(&workload->groups, distribution, groups > 0 ? groups : 1);
}

/* --- single requests, before the load --- */

struct single {
    struct slice target;
    struct slice body;
    atomic_bool sent;
};

static bool send_single(void *context, struct key_chance *chance, struct buf *ret_body,
                        struct slice *ret_target, unsigned *ret_kind)
{
    struct single *single = context;
    (void)chance;
    if (atomic_exchange(&single->sent, true))
        return false;
    buf_append(ret_body, single->body);
    *ret_target = single->target;
    *ret_kind = 0;
    return true;
}

/* On the heap; NULL when memory is exhausted. */
static struct load_result *ask(struct bench *bench, struct slice target, struct slice body)
{
    struct single single = {.target = target, .body = body};
    const struct load_options options = {
        .endpoint = &bench->endpoint,
        .tls = bench->tls,
        .signer = &bench->signer,
        .threads = 1,
        .connections = 1,
        .source = send_single,
        .context = &single,
    };
    return load_run(&options);
}

static bool says(const struct load_result *result, const char *words)
{
    return strstr(result->first_error, words) != NULL;
}

static const struct error *refuse(struct bench *bench, const char *what,
                                  const struct load_result *result)
{
    if (result == NULL)
        return error_exhausted();
    const char *words = result->first_error[0] == '\0' ? "no answer" : result->first_error;
    return error_make(&bench->arena, ERROR_INTERNAL, "%s: %s", what, words);
}

/* Services other than this one take their time until a new table can be written to: asked by a
 * write of nothing that matters. */
static const struct error *await_table(struct bench *bench)
{
    struct buf body;
    struct key_chance chance = {1};
    buf_init(&body, &bench->arena, ARENA_BYTES);
    workload_body(&bench->workload, WORKLOAD_GET, &chance, &body);
    int64_t deadline_ms = clock_monotonic_ms() + CREATE_WAIT_MS;
    for (;;) {
        struct load_result *result =
            ask(bench, SLICE("DynamoDB_20120810.GetItem"), buf_slice(&body));
        bool ready = result != NULL && result->first_error[0] == '\0';
        bool may_come = result != NULL && says(result, "ResourceNotFoundException");
        const struct error *error = ready ? NULL : refuse(bench, "The table", result);
        load_result_free(result);
        if (ready || !may_come || clock_monotonic_ms() > deadline_ms)
            return error;
        usleep(CREATE_POLL_US);
    }
}

static const struct error *make_table(struct bench *bench)
{
    struct buf body;
    buf_init(&body, &bench->arena, ARENA_BYTES);
    workload_create_table_body(&bench->workload, &body);
    struct load_result *result =
        ask(bench, SLICE("DynamoDB_20120810.CreateTable"), buf_slice(&body));
    bool there = result != NULL &&
                 (result->first_error[0] == '\0' || says(result, "ResourceInUseException"));
    const struct error *error = there ? NULL : refuse(bench, "The table cannot be made", result);
    load_result_free(result);
    return error != NULL ? error : await_table(bench);
}

/* --- filling --- */

static bool load_next(void *context, struct key_chance *chance, struct buf *ret_body,
                      struct slice *ret_target, unsigned *ret_kind)
{
    enum { BATCH = 25 };
    struct bench *bench = context;
    (void)chance;
    uint64_t first = atomic_fetch_add(&bench->loaded, BATCH);
    *ret_target = SLICE("DynamoDB_20120810.BatchWriteItem");
    *ret_kind = 0;
    return workload_load_body(&bench->workload, first, ret_body) > 0;
}

static const struct error *fill_table(struct bench *bench)
{
    const struct load_options options = {
        .endpoint = &bench->endpoint,
        .tls = bench->tls,
        .signer = &bench->signer,
        .threads = 1,
        .connections = 16,
        .source = load_next,
        .context = bench,
    };
    if (!bench->options.quiet)
        fprintf(stderr, "filling %s with %llu items\n", bench->options.table,
                (unsigned long long)workload_load_count(&bench->workload));
    struct load_result *result = load_run(&options);
    bool filled = result != NULL && result->kinds[0].failed == 0 && result->lost == 0;
    const struct error *error = filled ? NULL : refuse(bench, "The table cannot be filled", result);
    load_result_free(result);
    return error;
}

/* --- the load --- */

static bool choose_next(void *context, struct key_chance *chance, struct buf *ret_body,
                        struct slice *ret_target, unsigned *ret_kind)
{
    struct workload *workload = context;
    enum workload_operation operation = workload_choose(workload, chance);
    workload_body(workload, operation, chance, ret_body);
    *ret_target = workload_target(operation);
    *ret_kind = operation;
    return true;
}

static const struct error *write_file(struct bench *bench, const char *path,
                                      void (*write)(FILE *, const struct report *),
                                      const struct report *report)
{
    if (path == NULL)
        return NULL;
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(path, "w");
    if (file == NULL)
        return error_make(&bench->arena, ERROR_INTERNAL, "Cannot write %s", path);
    write(file, report);
    bool written = fflush(file) == 0;
    if (!is_stdout && fclose(file) != 0)
        written = false;
    return written ? NULL : error_make(&bench->arena, ERROR_INTERNAL, "Cannot write %s", path);
}

/* The word of that number in "a|b|c", in arena. */
static const char *word_at(struct arena *arena, const char *words, int64_t number)
{
    while (number-- > 0)
        words += strcspn(words, "|") + 1;
    size_t size = strcspn(words, "|");
    char *word = (char *)arena_alloc_bytes(arena, size + 1);
    if (word == NULL)
        return "";
    memcpy(word, words, size);
    word[size] = '\0';
    return word;
}

static const struct error *show(struct bench *bench, const struct load_result *result)
{
    const struct bench_options *options = &bench->options;
    struct report report = {
        .endpoint = options->endpoint,
        .workload = word_at(&bench->arena, WORKLOAD_WORDS, options->workload),
        .distribution = word_at(&bench->arena, "uniform|zipfian|hot|latest", options->distribution),
        .connections = (unsigned)options->connections,
        .items = bench->workload.items,
        .item_bytes = bench->workload.item_bytes,
        .rate = options->rate == OPTIONS_ABSENT ? 0 : (double)options->rate,
        .result = result,
    };
    for (int i = 0; i < WORKLOAD_OPERATION_COUNT; i++)
        report.kind_names[i] = workload_operation_name((enum workload_operation)i);
    if (options->json == NULL || strcmp(options->json, "-") != 0)
        report_write_text(stdout, &report);
    const struct error *error = write_file(bench, options->json, report_write_json, &report);
    return error != NULL ? error : write_file(bench, options->html, report_write_html, &report);
}

static const struct error *measure(struct bench *bench, bool *ret_clean)
{
    const struct bench_options *options = &bench->options;
    const struct load_options load = {
        .endpoint = &bench->endpoint,
        .tls = bench->tls,
        .signer = &bench->signer,
        .threads = (unsigned)(options->threads < options->connections ? options->threads
                                                                      : options->connections),
        .connections = (unsigned)options->connections,
        .rate = options->rate == OPTIONS_ABSENT ? 0 : (double)options->rate,
        .seconds = (double)options->seconds,
        .warmup = (double)options->warmup,
        .source = choose_next,
        .context = &bench->workload,
        .progress = !options->quiet,
    };
    struct load_result *result = load_run(&load);
    if (result == NULL)
        return error_exhausted();
    uint64_t failed = result->lost;
    for (unsigned i = 0; i < LOAD_KINDS_MAX; i++)
        failed += result->kinds[i].failed;
    *ret_clean = failed == 0 && result->first_error[0] == '\0';
    const struct error *error = show(bench, result);
    load_result_free(result);
    return error;
}

static const struct error *run(struct bench *bench, bool *ret_clean)
{
    const struct error *error = open_client(bench);
    *ret_clean = true;
    if (error != NULL)
        return error;
    make_workload(bench);
    if (!bench->options.no_load)
        error = make_table(bench);
    if (error == NULL && !bench->options.no_load)
        error = fill_table(bench);
    if (error == NULL && !bench->options.load_only)
        error = measure(bench, ret_clean);
    return error;
}

int cli_bench(int argument_count, const char *const *arguments)
{
    struct bench bench = {.tls = NULL};
    bool clean = true;
    int status = 0;
    signal(SIGPIPE, SIG_IGN);
    arena_init(&bench.arena, ARENA_BYTES);
    options_set_defaults(rows, COUNT_OF(rows), &bench.options);
    const struct error *error =
        options_read(&bench.arena, rows, COUNT_OF(rows), argument_count, arguments, &bench.options);
    if (error != NULL) {
        fprintf(stderr, "hashrange bench: %.*s\nTry: hashrange bench --help\n",
                SLICE_PRINT(error->message));
        status = 2;
    } else if (bench.options.help) {
        fputs("hashrange bench loads a DynamoDB service with requests and measures it.\n\n"
              "usage: hashrange bench [options]\n\n",
              stdout);
        options_write_help(stdout, rows, COUNT_OF(rows));
    } else {
        error = run(&bench, &clean);
        if (error != NULL)
            fprintf(stderr, "hashrange bench: %.*s\n", SLICE_PRINT(error->message));
        status = error != NULL || !clean;
    }
    client_signer_close(&bench.signer);
    SSL_CTX_free(bench.tls);
    arena_fini(&bench.arena);
    return status;
}
