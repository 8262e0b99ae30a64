#ifndef HASHRANGE_CLI_BENCH_H
#define HASHRANGE_CLI_BENCH_H

/* `hashrange bench`: makes and fills a table, loads a service with requests, and says how it did.
 */

/* arguments behind "bench". The exit status: 0; 1: it could not be measured, or an answer was no
 * success; 2: a wrong command line. */
int cli_bench(int argument_count, const char *const *arguments);

#endif
