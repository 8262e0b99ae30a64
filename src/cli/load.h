#ifndef HASHRANGE_CLI_LOAD_H
#define HASHRANGE_CLI_LOAD_H

/*
 * Drives many connections with requests from a source, in a number of threads, each with an epoll
 * of its own, and measures each answer.
 *
 * Closed loop: a connection sends its next request when its answer is there. Open loop: requests
 * are due at a fixed rate; one that finds no connection idle waits, and its latency counts from
 * when it was due: a server that stops for a second does not hide the requests that would have come
 * (Tene, "How not to measure latency").
 */

#include <stdatomic.h>

#include "cli/histogram.h"
#include "cli/key_chooser.h"
#include "client/connection.h"
#include "client/signer.h"

enum { LOAD_KINDS_MAX = 16, LOAD_SECONDS_MAX = 100000, LOAD_ERROR_BYTES = 256 };

/* What is to be sent next. Threads: called by many at once, each with its own chance. false: there
 * is nothing more. */
typedef bool load_source(void *context, struct key_chance *chance, struct buf *ret_body,
                         struct slice *ret_target, unsigned *ret_kind);

struct load_options {
    const struct client_endpoint *endpoint;
    SSL_CTX *tls;
    const struct client_signer *signer;
    unsigned threads;
    unsigned connections;
    double rate;    /* of all threads together; 0: closed loop */
    double seconds; /* measured; 0: until the source ends */
    double warmup;  /* before that */
    load_source *source;
    void *context;
    bool progress; /* to standard error, each second */
};

struct load_kind {
    struct histogram latency; /* nanoseconds */
    uint64_t failed;          /* answers that were not 200 */
    uint64_t bytes;           /* of bodies received */
};

struct load_result {
    struct load_kind kinds[LOAD_KINDS_MAX];
    double seconds;       /* from the end of the warm-up to the last answer */
    uint64_t lost;        /* connections that ended under a request */
    uint32_t *per_second; /* answers in each second measured; heap */
    size_t second_count;
    char first_error[LOAD_ERROR_BYTES]; /* "" : none */
};

/* On the heap; NULL when memory is exhausted. */
MUST_USE struct load_result *load_run(const struct load_options *options);
/* Accepts NULL. */
void load_result_free(struct load_result *result);

#endif
