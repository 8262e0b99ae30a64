#include "db/status.h"

#include "base/check.h"
#include "db/catalog.h"

enum { REFUSED = -1 };

struct status_row {
    int after[DB_EVENT_COUNT];
    const char *words; /* why others are refused */
};

static const struct status_row rows[] = {
    /* clang-format off */
    /*                       time              update              delete              setting                       */
    [DB_STATUS_CREATING] = {{DB_STATUS_ACTIVE, REFUSED,            REFUSED,            REFUSED},            "created"},
    [DB_STATUS_ACTIVE]   = {{DB_STATUS_ACTIVE, DB_STATUS_UPDATING, DB_STATUS_DELETING, DB_STATUS_ACTIVE},   "used"},
    [DB_STATUS_UPDATING] = {{DB_STATUS_ACTIVE, REFUSED,            REFUSED,            DB_STATUS_UPDATING}, "updated"},
    [DB_STATUS_DELETING] = {{DB_STATUS_GONE,   REFUSED,            REFUSED,            REFUSED},            "deleted"},
    /* clang-format on */
};

static const struct status_row *row_of(enum db_status status)
{
    CHECK(status >= DB_STATUS_CREATING && (size_t)status < COUNT_OF(rows));
    return &rows[status];
}

const struct error *db_status_after(struct arena *arena, struct slice table_name,
                                    enum db_status status, enum db_event event, int *ret_status)
{
    const struct status_row *row = row_of(status);
    if (row->after[event] == REFUSED)
        return error_make(arena, ERROR_RESOURCE_IN_USE,
                          "Attempt to change a resource which is still in use: "
                          "Table is being %s: %.*s",
                          row->words, SLICE_PRINT(table_name));
    *ret_status = row->after[event];
    return NULL;
}

const struct error *db_table_check_setting(struct arena *arena, const struct db_table *table)
{
    int after;
    return db_status_after(arena, table->name, table->status, DB_EVENT_SETTING, &after);
}

bool db_status_is_over(const struct db_table *table, int64_t now_ms)
{
    if (table->status == DB_STATUS_UPDATING && db_table_holding_index(table) != NULL)
        return false;
    return table->status != DB_STATUS_ACTIVE && now_ms >= table->status_until_ms;
}

int db_status_at(const struct db_table *table, int64_t now_ms)
{
    return db_status_is_over(table, now_ms) ? row_of(table->status)->after[DB_EVENT_TIME]
                                            : (int)table->status;
}

bool db_status_end(struct arena *arena, struct db_table *table)
{
    struct db_index *indexes = ARENA_NEW_ARRAY(arena, struct db_index, table->index_count);
    if (indexes == NULL)
        return false;
    for (size_t i = 0; i < table->index_count; i++) {
        indexes[i] = table->indexes[i];
        if (indexes[i].global && indexes[i].status != DB_STATUS_DELETING && !indexes[i].online)
            indexes[i].status = DB_STATUS_ACTIVE;
    }
    table->indexes = indexes;
    table->status = DB_STATUS_ACTIVE;
    table->status_until_ms = 0;
    return true;
}
