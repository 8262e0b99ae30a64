#ifndef HASHRANGE_DB_STATUS_H
#define HASHRANGE_DB_STATUS_H

/*
 * The life of a table. Its drawing; the table in status.c says the same.
 *
 *    created
 *       |
 *       v
 *   CREATING --time--> ACTIVE --update--> UPDATING
 *                      ^    |                 |
 *                      |    |                 |
 *                      +----|------time-------+
 *                           |
 *                         delete
 *                           |
 *                           v
 *                       DELETING --time--> gone
 *
 * "time" happens when status_until_ms is over, and for UPDATING not while the creation or deletion
 * of an index holds the table (db_table_holding_index); db/fill.h ends that. What the drawing does
 * not have is refused: the resource is in use. A setting that does not change the status (time to
 * live) may be made in ACTIVE and UPDATING.
 *
 * Global indexes go CREATING -> ACTIVE -> UPDATING -> ACTIVE together with their table; one that is
 * online stays behind until it is filled.
 */

#include "db/table.h"

enum db_event {
    DB_EVENT_TIME,
    DB_EVENT_UPDATE,
    DB_EVENT_DELETE,
    DB_EVENT_SETTING,
    DB_EVENT_COUNT,
};

/* The end of a table's life; never stored. */
enum { DB_STATUS_GONE = 0 };

/* The status that follows. RESOURCE_IN_USE when the event may not happen now. ret_status may be
 * DB_STATUS_GONE. */
MUST_USE const struct error *db_status_after(struct arena *arena, struct slice table_name,
                                             enum db_status status, enum db_event event,
                                             int *ret_status);

/* Is the time of its status over? Never for ACTIVE. */
bool db_status_is_over(const struct db_table *table, int64_t now_ms);

/* The status at that time: what has been over by then has happened. */
int db_status_at(const struct db_table *table, int64_t now_ms);

/* A table whose status is over becomes ACTIVE, with its indexes that nothing fills; *table is
 * changed, and its list of indexes is made anew in arena. false without memory. */
MUST_USE bool db_status_end(struct arena *arena, struct db_table *table);

#endif
