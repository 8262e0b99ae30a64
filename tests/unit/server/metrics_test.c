#include "server/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PAGE_BYTES = 64 * 1024 * 1024, THREADS = 8, ROUNDS = 5000 };

static struct metrics *metrics;
static struct buf page;

static int open_metrics(void **state)
{
    (void)state;
    metrics = metrics_open();
    buf_init(&page, NULL, PAGE_BYTES);
    return metrics == NULL;
}

static int close_metrics(void **state)
{
    (void)state;
    metrics_close(metrics);
    buf_fini(&page);
    return 0;
}

static struct api_event event_of(const char *operation, const char *table)
{
    return (struct api_event){
        .service = "dynamodb",
        .operation = slice_of_cstring(operation),
        .table = slice_of_cstring(table),
        .status = 200,
        .worked_ns = 400000,
        .answered_ns = 200000,
        .request_bytes = 10,
        .response_bytes = 20,
    };
}

static bool says(const char *line)
{
    buf_clear(&page);
    metrics_write(metrics, &page);
    assert_false(page.failed);
    return memmem(page.data, page.size, line, strlen(line)) != NULL;
}

static void counts_by_operation_and_table(void **state)
{
    (void)state;
    struct api_event event = event_of("GetItem", "Music");
    metrics_count(metrics, &event);
    metrics_count(metrics, &event);
    event = event_of("PutItem", "Music");
    metrics_count(metrics, &event);
#define LABELS "{service=\"dynamodb\",operation=\"GetItem\",table=\"Music\""
    assert_true(says("\nhashrange_requests_total" LABELS "} 2\n"));
    assert_true(says("\nhashrange_request_bytes_total" LABELS "} 20\n"));
    assert_true(says("\nhashrange_response_bytes_total" LABELS "} 40\n"));
    assert_true(says("\nhashrange_request_seconds_bucket" LABELS ",le=\"0.0005\"} 0\n"));
    assert_true(says("\nhashrange_request_seconds_bucket" LABELS ",le=\"0.001\"} 2\n"));
    assert_true(says("\nhashrange_request_seconds_bucket" LABELS ",le=\"+Inf\"} 2\n"));
    assert_true(says("\nhashrange_request_seconds_sum" LABELS "} 0.001200000\n"));
    assert_true(says("operation=\"PutItem\",table=\"Music\"} 1\n"));
    assert_true(says("# TYPE hashrange_request_seconds histogram\n"));
}

static void counts_errors_by_their_name(void **state)
{
    (void)state;
    struct api_event event = event_of("PutItem", "Music");
    event.error = "ConditionalCheckFailedException";
    metrics_count(metrics, &event);
    assert_true(says("hashrange_errors_total{service=\"dynamodb\",operation=\"PutItem\","
                     "table=\"Music\",type=\"ConditionalCheckFailedException\"} 1\n"));
}

/* Whatever a client sends, it makes no series and no line of its own. */
static void what_is_not_there_becomes_no_series(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        char table[32];
        snprintf(table, sizeof(table), "nowhere-%d", i);
        struct api_event event = event_of("GetItem", table);
        event.error = "ResourceNotFoundException";
        metrics_count(metrics, &event);
    }
    assert_false(says("nowhere"));
    assert_true(says("operation=\"GetItem\",table=\"\",type=\"ResourceNotFoundException\"} 100\n"));
    struct api_event event = event_of("Get\"\n#Item", "a b");
    metrics_count(metrics, &event);
    assert_true(says("operation=\"Get__#Item\",table=\"a_b\"} 1\n"));
}

static void tables_beyond_the_limit_are_counted_together(void **state)
{
    (void)state;
    enum { TABLES = 6000 };
    for (int i = 0; i < TABLES; i++) {
        char table[32];
        snprintf(table, sizeof(table), "table-%d", i);
        struct api_event event = event_of("GetItem", table);
        metrics_count(metrics, &event);
    }
    assert_true(says("table=\"table-0\"} 1\n"));
    assert_false(says("table=\"table-5999\"} 1\n"));
}

static void *count_many(void *argument)
{
    (void)argument;
    for (int i = 0; i < ROUNDS; i++) {
        struct api_event event = event_of("GetItem", i % 2 == 0 ? "even" : "odd");
        metrics_count(metrics, &event);
    }
    return NULL;
}

static void loses_nothing_with_many_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, NULL), 0);
    for (int i = 0; i < 20; i++)
        says("");
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    char line[128];
    snprintf(line, sizeof(line), "operation=\"GetItem\",table=\"even\"} %d\n",
             THREADS * ROUNDS / 2);
    assert_true(says(line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_by_operation_and_table, open_metrics, close_metrics),
        cmocka_unit_test_setup_teardown(counts_errors_by_their_name, open_metrics, close_metrics),
        cmocka_unit_test_setup_teardown(what_is_not_there_becomes_no_series, open_metrics,
                                        close_metrics),
        cmocka_unit_test_setup_teardown(tables_beyond_the_limit_are_counted_together, open_metrics,
                                        close_metrics),
        cmocka_unit_test_setup_teardown(loses_nothing_with_many_threads, open_metrics,
                                        close_metrics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
