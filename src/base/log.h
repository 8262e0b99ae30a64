#ifndef HASHRANGE_BASE_LOG_H
#define HASHRANGE_BASE_LOG_H

/*
 * One line per event to standard error:
 *
 *     2026-10-07T09:30:00.123Z warning the message
 *
 * or, with log_set_format(LOG_JSON), an object:
 *
 *     {"time":"2026-10-07T09:30:00.123Z","level":"warning","message":"the message"}
 *
 * A line is written with one write(2), so lines of several threads never mix. Control characters
 * of the message are shown as '?', so that nothing a client sent can forge a line. Lines longer
 * than LOG_LINE_BYTES_MAX are cut and end in "...".
 *
 * Libraries log at LOG_DEBUG only; whoever decides about a failure logs it, once.
 */

#include "base/attributes.h"
#include "base/slice.h"

enum log_format { LOG_TEXT, LOG_JSON };
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

enum { LOG_LINE_BYTES_MAX = 2048 };

/* Any thread. Messages below the level are dropped; at the start it is LOG_INFO. */
void log_set_level(enum log_level level);
/* At the start, before anybody else logs; LOG_TEXT at first. */
void log_set_format(enum log_format format);
/* For messages that are costly to prepare. */
bool log_enabled(enum log_level level);

/* The format has no newline at its end. Keeps errno. */
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

/* A message with figures: "message name=text name=1.5", or members of the object. */
struct log_field {
    const char *name;
    struct slice text; /* absent: it is the number */
    double number;
};
void log_write_fields(enum log_level level, const char *message, const struct log_field *fields,
                      size_t count);

#endif
