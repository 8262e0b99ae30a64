#include "server/metrics.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/rand.h"

enum {
    SHARDS = 16, /* more than threads that answer at once */
    SLOTS_FIRST = 64,
    /* Series of one shard. Tables beyond that are counted together. */
    SERIES_MAX = 4096,
    TABLE_BYTES_MAX = 255,
    NAME_BYTES_MAX = 64, /* of an operation, of an error */
    ERRORS_MAX = 24,     /* names of errors that one series has */
    BUCKETS = 16,
};

/* Upper ends in nanoseconds, and as the page has them. */
static const struct {
    int64_t ns;
    const char *text;
} buckets[BUCKETS] = {
    {100000, "0.0001"},  {250000, "0.00025"}, {500000, "0.0005"},  {1000000, "0.001"},
    {2500000, "0.0025"}, {5000000, "0.005"},  {10000000, "0.01"},  {25000000, "0.025"},
    {50000000, "0.05"},  {100000000, "0.1"},  {250000000, "0.25"}, {500000000, "0.5"},
    {1000000000, "1"},   {2500000000, "2.5"}, {5000000000, "5"},   {10000000000, "10"},
};

struct error_count {
    const char *name; /* static */
    uint64_t count;
};

/* One operation on one table. */
struct series {
    uint64_t hash;
    const char *service; /* static */
    uint8_t operation_size;
    uint8_t table_size;
    char operation[NAME_BYTES_MAX];
    char table[TABLE_BYTES_MAX];
    uint64_t count;
    uint64_t request_bytes;
    uint64_t response_bytes;
    int64_t sum_ns;
    uint64_t within[BUCKETS]; /* each on its own, not summed */
    struct error_count errors[ERRORS_MAX];
    uint64_t other_errors;
};

struct shard {
    _Alignas(64) pthread_mutex_t lock;
    struct series **slots; /* open addressing; a power of two of them */
    size_t slot_count;
    size_t series_count;
};

struct metrics {
    uint8_t key[HASH_KEY_BYTES]; /* names come from clients */
    struct shard shards[SHARDS];
};

struct metrics *metrics_open(void)
{
    struct metrics *metrics = aligned_alloc(64, sizeof(*metrics));
    if (metrics == NULL)
        return NULL;
    memset(metrics, 0, sizeof(*metrics));
    rand_bytes(metrics->key, sizeof(metrics->key));
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_init(&metrics->shards[i].lock, NULL);
    return metrics;
}

static void free_series(struct shard *shard)
{
    for (size_t i = 0; i < shard->slot_count; i++)
        free(shard->slots[i]);
    free(shard->slots);
}

void metrics_close(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        free_series(&metrics->shards[i]);
        pthread_mutex_destroy(&metrics->shards[i].lock);
    }
    free(metrics);
}

/* --- finding series; with the shard locked --- */

struct series_name {
    const char *service;
    struct slice operation;
    struct slice table;
    uint64_t hash;
};

static bool is_named(const struct series *series, const struct series_name *name)
{
    return series->hash == name->hash && series->service == name->service &&
           slice_equal(slice_of(series->operation, series->operation_size), name->operation) &&
           slice_equal(slice_of(series->table, series->table_size), name->table);
}

/* The slot it is in, or would be in. */
static size_t find_slot(const struct shard *shard, const struct series_name *name)
{
    size_t slot = name->hash & (shard->slot_count - 1);
    while (shard->slots[slot] != NULL && !is_named(shard->slots[slot], name))
        slot = (slot + 1) & (shard->slot_count - 1);
    return slot;
}

static bool grow(struct shard *shard)
{
    struct shard larger = {.slot_count =
                               shard->slot_count == 0 ? SLOTS_FIRST : shard->slot_count * 2};
    larger.slots = calloc(larger.slot_count, sizeof(struct series *));
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < shard->slot_count; i++) {
        if (shard->slots[i] == NULL)
            continue;
        size_t slot = shard->slots[i]->hash & (larger.slot_count - 1);
        while (larger.slots[slot] != NULL)
            slot = (slot + 1) & (larger.slot_count - 1);
        larger.slots[slot] = shard->slots[i];
    }
    free(shard->slots);
    shard->slots = larger.slots;
    shard->slot_count = larger.slot_count;
    return true;
}

/* NULL: memory is exhausted, or there are too many. */
static struct series *find(struct shard *shard, const struct series_name *name)
{
    if (shard->series_count * 2 >= shard->slot_count && !grow(shard))
        return NULL;
    size_t slot = find_slot(shard, name);
    if (shard->slots[slot] != NULL || shard->series_count >= SERIES_MAX)
        return shard->slots[slot];
    struct series *series = calloc(1, sizeof(*series));
    if (series == NULL)
        return NULL;
    series->hash = name->hash;
    series->service = name->service;
    series->operation_size = (uint8_t)name->operation.size;
    series->table_size = (uint8_t)name->table.size;
    memcpy(series->operation, name->operation.data, name->operation.size);
    memcpy(series->table, name->table.data, name->table.size);
    shard->slots[slot] = series;
    shard->series_count++;
    return series;
}

/* --- counting --- */

static struct series_name name_of(const struct metrics *metrics, const char *service,
                                  struct slice operation, struct slice table)
{
    struct series_name name = {service, operation, table, 0};
    if (!slice_present(operation) || operation.size > NAME_BYTES_MAX)
        name.operation = SLICE("");
    if (!slice_present(table) || table.size > TABLE_BYTES_MAX)
        name.table = SLICE("");
    name.hash = hash_bytes_keyed(metrics->key, name.operation) * 31 +
                hash_bytes_keyed(metrics->key, name.table);
    return name;
}

static void add_error(struct series *series, const char *error, uint64_t count)
{
    for (size_t i = 0; i < ERRORS_MAX; i++) {
        struct error_count *at = &series->errors[i];
        if (at->name == NULL)
            at->name = error;
        if (strcmp(at->name, error) == 0) {
            at->count += count;
            return;
        }
    }
    series->other_errors += count;
}

static void count_in(struct series *series, const struct api_event *event)
{
    int64_t took_ns = event->waited_ns + event->worked_ns + event->answered_ns;
    size_t bucket = 0;
    while (bucket < BUCKETS && took_ns > buckets[bucket].ns)
        bucket++;
    if (bucket < BUCKETS)
        series->within[bucket]++;
    series->count++;
    series->sum_ns += took_ns;
    series->request_bytes += event->request_bytes;
    series->response_bytes += event->response_bytes;
    if (event->error != NULL)
        add_error(series, event->error, 1);
}

/* Clients may ask for any number of tables that are not there: those must not become series. Only
 * what succeeded, or failed as it can on a table alone, is counted as its. */
static bool is_of_table(const struct api_event *event)
{
    static const char *const errors[] = {
        "ConditionalCheckFailedException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "TransactionConflictException",
        "RequestLimitExceeded",
        "ItemCollectionSizeLimitExceededException",
        "InternalServerError",
        "ServiceUnavailableException",
    };
    if (event->error == NULL)
        return true;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        if (strcmp(event->error, errors[i]) == 0)
            return true;
    }
    return false;
}

void metrics_count(struct metrics *metrics, const struct api_event *event)
{
    uint64_t thread = (uint64_t)pthread_self();
    struct shard *shard = &metrics->shards[(thread >> 12 ^ thread >> 20) % SHARDS];
    struct series_name name = name_of(metrics, event->service, event->operation,
                                      is_of_table(event) ? event->table : SLICE_ABSENT);
    pthread_mutex_lock(&shard->lock);
    struct series *series = find(shard, &name);
    if (series == NULL) {
        name = name_of(metrics, event->service, event->operation, SLICE_ABSENT);
        series = find(shard, &name);
    }
    if (series != NULL)
        count_in(series, event);
    pthread_mutex_unlock(&shard->lock);
}

/* --- the page --- */

static void merge(struct series *into, const struct series *from)
{
    into->count += from->count;
    into->sum_ns += from->sum_ns;
    into->request_bytes += from->request_bytes;
    into->response_bytes += from->response_bytes;
    into->other_errors += from->other_errors;
    for (size_t i = 0; i < BUCKETS; i++)
        into->within[i] += from->within[i];
    for (size_t i = 0; i < ERRORS_MAX && from->errors[i].name != NULL; i++)
        add_error(into, from->errors[i].name, from->errors[i].count);
}

/* All shards in one. false: memory is exhausted. */
static bool add_up(struct metrics *metrics, struct shard *sum)
{
    bool complete = true;
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &metrics->shards[i];
        pthread_mutex_lock(&shard->lock);
        for (size_t slot = 0; slot < shard->slot_count && complete; slot++) {
            const struct series *from = shard->slots[slot];
            if (from == NULL)
                continue;
            const struct series_name name = {from->service,
                                             slice_of(from->operation, from->operation_size),
                                             slice_of(from->table, from->table_size), from->hash};
            sum->series_count = sum->series_count < SERIES_MAX ? sum->series_count : SERIES_MAX - 1;
            struct series *into = find(sum, &name);
            complete = into != NULL;
            if (complete)
                merge(into, from);
        }
        pthread_mutex_unlock(&shard->lock);
    }
    return complete;
}

static int compare(const void *left, const void *right)
{
    const struct series *a = *(struct series *const *)left, *b = *(struct series *const *)right;
    int order = strcmp(a->service, b->service);
    if (order == 0)
        order = slice_compare(slice_of(a->operation, a->operation_size),
                              slice_of(b->operation, b->operation_size));
    if (order == 0)
        order = slice_compare(slice_of(a->table, a->table_size), slice_of(b->table, b->table_size));
    return order;
}

static void write_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Names of tables and operations are letters, digits and a few signs; what a client sent in their
 * place is not told as it is. */
static void write_label(struct buf *out, const char *name, const char *text, size_t size)
{
    buf_append_format(out, "%s=\"", name);
    for (size_t i = 0; i < size; i++) {
        bool plain = text[i] > ' ' && text[i] < 0x7f && text[i] != '"' && text[i] != '\\';
        buf_append_byte(out, plain ? (uint8_t)text[i] : '_');
    }
    buf_append(out, SLICE("\""));
}

static void write_labels(struct buf *out, const char *name, const struct series *series)
{
    buf_append_format(out, "%s{service=\"%s\",", name, series->service);
    write_label(out, "operation", series->operation, series->operation_size);
    buf_append(out, SLICE(","));
    write_label(out, "table", series->table, series->table_size);
}

static void write_seconds(struct buf *out, const struct series *series)
{
    static const char name[] = "hashrange_request_seconds_bucket";
    uint64_t sum = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        sum += series->within[i];
        write_labels(out, name, series);
        buf_append_format(out, ",le=\"%s\"} %llu\n", buckets[i].text, (unsigned long long)sum);
    }
    write_labels(out, name, series);
    buf_append_format(out, ",le=\"+Inf\"} %llu\n", (unsigned long long)series->count);
    write_labels(out, "hashrange_request_seconds_sum", series);
    buf_append_format(out, "} %.9f\n", (double)series->sum_ns / 1e9);
    write_labels(out, "hashrange_request_seconds_count", series);
    buf_append_format(out, "} %llu\n", (unsigned long long)series->count);
}

static void write_errors(struct buf *out, const struct series *series)
{
    static const char name[] = "hashrange_errors_total";
    for (size_t i = 0; i < ERRORS_MAX && series->errors[i].name != NULL; i++) {
        write_labels(out, name, series);
        buf_append_format(out, ",type=\"%s\"} %llu\n", series->errors[i].name,
                          (unsigned long long)series->errors[i].count);
    }
    if (series->other_errors > 0) {
        write_labels(out, name, series);
        buf_append_format(out, ",type=\"other\"} %llu\n", (unsigned long long)series->other_errors);
    }
}

static void write_count(struct buf *out, const struct series *series)
{
    write_labels(out, "hashrange_requests_total", series);
    buf_append_format(out, "} %llu\n", (unsigned long long)series->count);
}

static void write_request_bytes(struct buf *out, const struct series *series)
{
    write_labels(out, "hashrange_request_bytes_total", series);
    buf_append_format(out, "} %llu\n", (unsigned long long)series->request_bytes);
}

static void write_response_bytes(struct buf *out, const struct series *series)
{
    write_labels(out, "hashrange_response_bytes_total", series);
    buf_append_format(out, "} %llu\n", (unsigned long long)series->response_bytes);
}

static const struct {
    const char *name;
    const char *type;
    const char *help;
    void (*write)(struct buf *out, const struct series *series);
} families[] = {
    {"hashrange_requests_total", "counter", "Requests answered, whatever the answer", write_count},
    {"hashrange_errors_total", "counter", "Requests answered with an error, by its name",
     write_errors},
    {"hashrange_request_seconds", "histogram",
     "From the last byte of a request until its response was built", write_seconds},
    {"hashrange_request_bytes_total", "counter", "Bodies received", write_request_bytes},
    {"hashrange_response_bytes_total", "counter", "Bodies sent", write_response_bytes},
};

void metrics_write(struct metrics *metrics, struct buf *out)
{
    struct shard sum = {.slots = NULL};
    struct series **sorted = NULL;
    size_t count = 0;
    bool complete = add_up(metrics, &sum);
    if (complete)
        sorted = calloc(sum.slot_count + 1, sizeof(struct series *));
    for (size_t i = 0; sorted != NULL && i < sum.slot_count; i++) {
        if (sum.slots[i] != NULL)
            sorted[count++] = sum.slots[i];
    }
    if (sorted != NULL)
        qsort(sorted, count, sizeof(struct series *), compare);
    for (size_t family = 0; family < COUNT_OF(families); family++) {
        write_head(out, families[family].name, families[family].type, families[family].help);
        for (size_t i = 0; i < count; i++)
            families[family].write(out, sorted[i]);
    }
    out->failed = out->failed || sorted == NULL;
    free(sorted);
    free_series(&sum);
}

void metrics_write_one(struct buf *out, const char *name, const char *type, const char *help,
                       double value)
{
    write_head(out, name, type, help);
    buf_append_format(out, "%s %.17g\n", name, value);
}
