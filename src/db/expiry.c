#include "db/expiry.h"

#include "base/check.h"
#include "db/entry.h"
#include "num/num.h"

/* In the place of the second, for the record that is none. */
#define SETTLED_SECOND (DB_HASH_END - 1)

/* The whole part of a number that is not negative, and not too large; else DB_EXPIRY_NEVER. */
static int64_t whole_seconds(const struct num *num)
{
    uint64_t seconds = 0;
    if (num->negative)
        return DB_EXPIRY_NEVER;
    if (num->digit_count == 0 || num->exponent < 0)
        return 0;
    for (int i = 0; i <= num->exponent; i++) {
        seconds = 10 * seconds + (i < num->digit_count ? num->digits[i] : 0);
        if (seconds >= SETTLED_SECOND)
            return DB_EXPIRY_NEVER;
    }
    return (int64_t)seconds;
}

int64_t db_expiry_of(const struct db_table *table, struct slice item)
{
    struct num num;
    if (!table->expiry_enabled || !slice_present(item))
        return DB_EXPIRY_NEVER;
    struct value value = value_map_find(value_of_item(item), table->expiry_attribute);
    if (value.type != VALUE_NUMBER || !value_to_num(value, &num))
        return DB_EXPIRY_NEVER;
    return whole_seconds(&num);
}

struct slice db_expiry_key(struct arena *arena, const struct db_table *table, int64_t second,
                           struct slice key)
{
    struct db_key_parts parts;
    CHECK(second >= 0 && (uint64_t)second < SETTLED_SECOND);
    bool is_key = db_entry_parts(table, NULL, key, &parts);
    CHECK(is_key);
    parts.partition_count = 0;
    return db_key_make_placed(arena, DB_FAMILY_EXPIRY, table->id, (uint64_t)second, &parts);
}

struct slice db_settled_key(struct arena *arena, const struct db_table *table)
{
    const struct db_key_parts none = {0};
    return db_key_make_placed(arena, DB_FAMILY_EXPIRY, table->id, SETTLED_SECOND, &none);
}
