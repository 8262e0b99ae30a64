#include "server/request_log.h"

#include "base/clock.h"
#include "base/log.h"

#define MILLISECONDS 1e6

/* The greatest part of the time, in words. */
static struct slice reason_of(const struct api_event *event)
{
    if (event->waited_ns >= event->worked_ns && event->waited_ns >= event->answered_ns)
        return SLICE("waited for a worker: too many long requests at once");
    if (event->answered_ns > event->worked_ns)
        return SLICE("built a large response, or its event loop was busy");
    return SLICE("worked: read data, or waited for a commit");
}

static bool has_room(struct request_log *log)
{
    int64_t second = clock_monotonic_ms() / 1000;
    if (atomic_exchange(&log->second, second) != second)
        atomic_store(&log->lines, 0);
    if (atomic_fetch_add(&log->lines, 1) < REQUEST_LOG_LINES_PER_SECOND)
        return true;
    atomic_fetch_add(&log->left_out, 1);
    return false;
}

void request_log_slow(struct request_log *log, const struct api_event *event, int64_t slow_ms)
{
    int64_t took_ns = event->waited_ns + event->worked_ns + event->answered_ns;
    if (took_ns < slow_ms * 1000000 || !has_room(log))
        return;
    const struct log_field fields[] = {
        {"service", slice_of_cstring(event->service), 0},
        {"operation", slice_present(event->operation) ? event->operation : SLICE("unknown"), 0},
        {"table", slice_present(event->table) ? event->table : SLICE(""), 0},
        {"requestId", event->request_id, 0},
        {"ms", SLICE_ABSENT, (double)took_ns / MILLISECONDS},
        {"waitedMs", SLICE_ABSENT, (double)event->waited_ns / MILLISECONDS},
        {"workedMs", SLICE_ABSENT, (double)event->worked_ns / MILLISECONDS},
        {"answeredMs", SLICE_ABSENT, (double)event->answered_ns / MILLISECONDS},
        {"requestBytes", SLICE_ABSENT, (double)event->request_bytes},
        {"responseBytes", SLICE_ABSENT, (double)event->response_bytes},
        {"status", SLICE_ABSENT, event->status},
        {"reason", reason_of(event), 0},
        {"leftOutBefore", SLICE_ABSENT, atomic_exchange(&log->left_out, 0)},
    };
    log_write_fields(LOG_WARNING, "slow request", fields, COUNT_OF(fields));
}
