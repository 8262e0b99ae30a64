#ifndef HASHRANGE_JOBS_JOBS_H
#define HASHRANGE_JOBS_JOBS_H

/*
 * What the database does on its own: one thread that runs every job of the table in jobs.c about
 * once a second, and at once when woken. A job does a bounded piece of work and says whether there
 * is more; then the next round follows without a pause, with the other jobs in between.
 */

#include "db/catalog.h"

struct jobs;

/* Starts the thread. db outlives the jobs. INTERNAL when there is no thread to be had. */
MUST_USE const struct error *jobs_start(struct arena *arena, struct db *db, struct jobs **ret_jobs);

/* There may be something to do. The db calls it (db_on_work). Any thread; does not wait. */
void jobs_wake(struct jobs *jobs);

/* Lets the piece of work under way end, then ends the thread. What is left is taken up by the next
 * start. Accepts NULL. */
void jobs_stop(struct jobs *jobs);

#endif
