#ifndef HASHRANGE_CLI_REPORT_H
#define HASHRANGE_CLI_REPORT_H

/* What a load has measured, as a table to read, as JSON, as a page with charts. */

#include <stdio.h>

#include "cli/load.h"

struct report {
    const char *endpoint;
    const char *workload;
    const char *distribution;
    unsigned connections;
    uint64_t items;
    uint64_t item_bytes;
    double rate; /* 0: closed loop */
    const struct load_result *result;
    const char *kind_names[LOAD_KINDS_MAX]; /* NULL: none of that kind */
};

void report_write_text(FILE *file, const struct report *report);
/* Latencies in microseconds. */
void report_write_json(FILE *file, const struct report *report);
void report_write_html(FILE *file, const struct report *report);

#endif
