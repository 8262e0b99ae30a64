#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error",
};

static atomic_int level_least = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&level_least, (int)level, memory_order_relaxed);
}

bool log_enabled(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&level_least, memory_order_relaxed);
}

/* Timestamp and level; returns the number of characters. */
static size_t write_head(char *line, size_t size, enum log_level level)
{
    struct timespec now;
    struct tm utc;
    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
    CHECK(gmtime_r(&now.tv_sec, &utc) != NULL);
    size_t used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    int more = snprintf(line + used, size - used, ".%03dZ %s ", (int)(now.tv_nsec / 1000000),
                        level_names[level]);
    CHECK(more > 0 && (size_t)more < size - used);
    return used + (size_t)more;
}

/* Standard error may be a full pipe or closed: a server does not stop for that. */
static void write_line(const char *line, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(STDERR_FILENO, line, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return;
        line += wrote;
        size -= (size_t)wrote;
    }
}

void log_write(enum log_level level, const char *format, ...)
{
    if (!log_enabled(level))
        return;
    int saved_errno = errno;

    char line[LOG_LINE_BYTES_MAX];
    size_t head = write_head(line, sizeof(line), level);
    size_t room = sizeof(line) - head; /* also for the newline, which takes the NUL's place */
    va_list arguments;
    va_start(arguments, format);
    errno = saved_errno; /* for %m */
    int wanted = vsnprintf(line + head, room, format, arguments);
    va_end(arguments);

    size_t size = head;
    if (wanted > 0)
        size += (size_t)wanted < room ? (size_t)wanted : room - 1;
    if (wanted > 0 && (size_t)wanted >= room)
        memcpy(line + size - 3, "...", 3);
    for (size_t i = head; i < size; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    }
    line[size++] = '\n';
    write_line(line, size);
    errno = saved_errno;
}
