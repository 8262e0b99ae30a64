#include "ops/throughput_decrease.h"

#include <time.h>

#include "base/check.h"

enum { DECREASES_MAX = 4, PAUSE_SECONDS = 3600 };
static const int64_t DAY_MS = INT64_C(24) * 60 * 60 * 1000;

static int64_t day_of(int64_t ms)
{
    return ms / DAY_MS;
}

int64_t op_throughput_decreases_today(const struct db_throughput *throughput, int64_t now_ms)
{
    return day_of(throughput->last_decrease_ms) == day_of(now_ms) ? throughput->decreases_today : 0;
}

/* Friday, October 9, 2026 at 12:21:34 AM Coordinated Universal Time */
static void append_time(struct buf *out, int64_t ms)
{
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    time_t seconds = (time_t)(ms / 1000);
    struct tm date;
    bool is_date = gmtime_r(&seconds, &date) != NULL;
    CHECK(is_date);
    int hour = date.tm_hour % 12 == 0 ? 12 : date.tm_hour % 12;
    buf_append_format(out, "%s, %s %d, %d at %d:%02d:%02d %s Coordinated Universal Time",
                      days[date.tm_wday], months[date.tm_mon], date.tm_mday, date.tm_year + 1900,
                      hour, date.tm_min, date.tm_sec, date.tm_hour < 12 ? "AM" : "PM");
}

static const struct error *refuse(const struct op_call *call,
                                  const struct db_throughput *throughput, int64_t next_ms)
{
    struct buf message;
    buf_init(&message, call->arena, 1024);
    buf_append_format(&message,
                      "Subscriber limit exceeded: Provisioned throughput decreases are limited "
                      "within a given UTC day. After the first %d decreases, each subsequent "
                      "decrease in the same UTC day can be performed at most once every %d "
                      "seconds. Number of decreases today: %lld. Last decrease at ",
                      DECREASES_MAX, PAUSE_SECONDS, (long long)throughput->decreases_today);
    append_time(&message, throughput->last_decrease_ms);
    buf_append(&message, SLICE(". Next decrease can be made at "));
    append_time(&message, next_ms);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(call->arena, ERROR_LIMIT_EXCEEDED, buf_slice(&message));
}

const struct error *op_throughput_count_decrease(const struct op_call *call,
                                                 struct db_throughput *throughput)
{
    int64_t count = op_throughput_decreases_today(throughput, call->now_ms);
    int64_t tomorrow_ms = (day_of(call->now_ms) + 1) * DAY_MS;
    int64_t next_ms = throughput->last_decrease_ms + (int64_t)PAUSE_SECONDS * 1000;
    if (count >= DECREASES_MAX && call->now_ms < next_ms)
        return refuse(call, throughput, next_ms < tomorrow_ms ? next_ms : tomorrow_ms);
    throughput->decreases_today = count + 1;
    throughput->last_decrease_ms = call->now_ms;
    return NULL;
}
