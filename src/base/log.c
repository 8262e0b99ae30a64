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

static atomic_int format = LOG_TEXT;

void log_set_format(enum log_format wanted)
{
    atomic_store_explicit(&format, (int)wanted, memory_order_relaxed);
}

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

/* A line as it grows. What does not fit is left out. */
struct line {
    char text[LOG_LINE_BYTES_MAX];
    size_t size;
    bool cut;
};

enum { TAIL_BYTES = 8 }; /* room for "...", the end of a string and an object, a newline */

static void add_byte(struct line *line, char byte)
{
    if (line->size + TAIL_BYTES < sizeof(line->text))
        line->text[line->size++] = byte;
    else
        line->cut = true;
}

static void add_plain(struct line *line, const char *text)
{
    for (; *text != '\0'; text++)
        add_byte(line, *text);
}

/* Nothing that a client sent can forge a line or end a string. */
static void add_words(struct line *line, const char *text, size_t size)
{
    bool is_json = atomic_load_explicit(&format, memory_order_relaxed) == LOG_JSON;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f || (is_json && byte >= 0x80))
            byte = '?';
        if (is_json && (byte == '"' || byte == '\\'))
            add_byte(line, '\\');
        add_byte(line, (char)byte);
    }
}

static void begin_line(struct line *line, enum log_level level)
{
    line->size = 0;
    line->cut = false;
    if (atomic_load_explicit(&format, memory_order_relaxed) == LOG_TEXT) {
        line->size = write_head(line->text, sizeof(line->text), level);
        return;
    }
    char head[64];
    size_t size = write_head(head, sizeof(head), level);
    size_t time_size = strcspn(head, " ");
    add_plain(line, "{\"time\":\"");
    add_words(line, head, time_size);
    add_plain(line, "\",\"level\":\"");
    add_words(line, head + time_size + 1, size - time_size - 2);
    add_plain(line, "\",\"message\":\"");
}

static void end_words(struct line *line)
{
    if (line->cut) {
        /* An escape that was cut in two would take the end of the string along. */
        if (line->text[line->size - 1] == '\\')
            line->size--;
        memcpy(line->text + line->size, "...", 3);
        line->size += 3;
    }
    if (atomic_load_explicit(&format, memory_order_relaxed) == LOG_JSON)
        line->text[line->size++] = '"';
}

static void end_line(struct line *line)
{
    if (atomic_load_explicit(&format, memory_order_relaxed) == LOG_JSON)
        line->text[line->size++] = '}';
    line->text[line->size++] = '\n';
    write_line(line->text, line->size);
}

void log_write(enum log_level level, const char *words, ...)
{
    if (!log_enabled(level))
        return;
    int saved_errno = errno;
    char text[LOG_LINE_BYTES_MAX];
    struct line line;
    va_list arguments;
    va_start(arguments, words);
    errno = saved_errno; /* for %m */
    int wanted = vsnprintf(text, sizeof(text), words, arguments);
    va_end(arguments);
    begin_line(&line, level);
    if (wanted > 0)
        add_words(&line, text, strlen(text));
    line.cut = line.cut || (wanted > 0 && (size_t)wanted >= sizeof(text));
    end_words(&line);
    end_line(&line);
    errno = saved_errno;
}

static void add_field(struct line *line, const struct log_field *field, bool is_json)
{
    char number[32];
    snprintf(number, sizeof(number), "%.6g", field->number);
    add_plain(line, is_json ? ",\"" : " ");
    add_plain(line, field->name);
    add_plain(line, is_json ? "\":" : "=");
    if (!slice_present(field->text)) {
        add_plain(line, number);
        return;
    }
    if (is_json)
        add_byte(line, '"');
    add_words(line, (const char *)field->text.data, field->text.size);
    if (is_json)
        add_byte(line, '"');
}

void log_write_fields(enum log_level level, const char *message, const struct log_field *fields,
                      size_t count)
{
    if (!log_enabled(level))
        return;
    int saved_errno = errno;
    bool is_json = atomic_load_explicit(&format, memory_order_relaxed) == LOG_JSON;
    struct line line;
    begin_line(&line, level);
    add_words(&line, message, strlen(message));
    end_words(&line);
    for (size_t i = 0; i < count; i++) {
        struct line before = line;
        add_field(&line, &fields[i], is_json);
        if (line.cut)
            line = before; /* whole or not at all */
    }
    end_line(&line);
    errno = saved_errno;
}
