#ifndef HASHRANGE_BASE_LOG_H
#define HASHRANGE_BASE_LOG_H

/*
 * One line per event to standard error:
 *
 *     2026-10-07T09:30:00.123Z warning the message
 *
 * A line is written with one write(2), so lines of several threads never mix. Control characters
 * of the message are shown as '?', so that nothing a client sent can forge a line. Lines longer
 * than LOG_LINE_BYTES_MAX are cut and end in "...".
 *
 * Libraries log at LOG_DEBUG only; whoever decides about a failure logs it, once.
 */

#include <stdbool.h>

#include "base/attributes.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

enum { LOG_LINE_BYTES_MAX = 2048 };

/* Any thread. Messages below the level are dropped; at the start it is LOG_INFO. */
void log_set_level(enum log_level level);
/* For messages that are costly to prepare. */
bool log_enabled(enum log_level level);

/* The format has no newline at its end. Keeps errno. */
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
