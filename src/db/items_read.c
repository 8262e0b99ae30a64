/*
 * Ordered reads. A Query is one range of keys; a Scan is all hashes of a space, or an equal slice
 * of them; an exclusive start cuts the range short at its end or beginning.
 */

#include "base/check.h"
#include "db/database.h"
#include "db/entry.h"
#include "db/items.h"
#include "db/read_range.h"
#include "item/value_size.h"

enum {
    /* Whole items fetched for entries of a local index at a time, so that the memory is bounded:
     * what 16 items of ITEM_SIZE_MAX can need in stored form. */
    FETCH_COUNT = 16,
    FETCH_BYTES_MAX = 64 * 1024 * 1024,
    FETCH_UNIT_BYTES = 4096,
};

struct page {
    struct db *db;
    struct arena *arena;
    struct db_read *read;
    size_t fetched_bytes;
    bool is_full;    /* ended by limit or size */
    bool is_stopped; /* by the visitor */
    const struct error *error;
};

/* Counts one entry; its item, when it was fetched, is in fetched. Is the page full with it? */
static void count_entry(struct page *page, struct slice entry, struct slice fetched)
{
    struct db_read *read = page->read;
    read->scanned++;
    read->scanned_bytes += item_size_bytes(entry);
    if (slice_present(fetched)) {
        size_t bytes = item_size_bytes(fetched);
        page->fetched_bytes += bytes;
        read->fetched_units_bytes +=
            (bytes + FETCH_UNIT_BYTES - 1) / FETCH_UNIT_BYTES * FETCH_UNIT_BYTES;
    }
    if (read->scanned != read->limit && read->scanned_bytes < DB_PAGE_BYTES &&
        page->fetched_bytes < DB_PAGE_BYTES)
        return;
    page->is_full = true;
    read->last_evaluated = db_entry_start_key(page->arena, read->table, read->index, entry);
    if (!slice_present(read->last_evaluated))
        page->error = error_exhausted();
}

static const struct error *corrupt_entry(struct page *page)
{
    return error_make(page->arena, ERROR_INTERNAL,
                      "An entry of table %.*s is of a format version that is not known",
                      SLICE_PRINT(page->read->table->name));
}

static bool visit_entry(void *context, struct slice key, struct slice value)
{
    (void)key;
    struct page *page = context;
    struct slice entry;
    if (!db_record_open(db_family_of(page->read->index), value, &entry)) {
        page->error = corrupt_entry(page);
        return false;
    }
    count_entry(page, entry, SLICE_ABSENT);
    if (page->error == NULL && !page->read->visit(page->read->context, entry))
        page->is_stopped = true;
    if (page->error != NULL || page->is_stopped || page->is_full)
        return false;
    struct db_read *read = page->read;
    read->is_cut = read->short_bytes != 0 && read->scanned_bytes > read->short_bytes;
    return !read->is_cut;
}

/* --- entries of a local index with their whole items --- */

struct fetch {
    struct page *page;
    struct arena scratch; /* of one chunk */
    size_t count;
    size_t count_max;
    struct slice entries[FETCH_COUNT];
    struct slice item_keys[FETCH_COUNT];
    struct slice last_key; /* of the last entry: where the next chunk begins */
    bool is_cut;           /* there may be more */
};

static bool collect_entry(void *context, struct slice key, struct slice value)
{
    struct fetch *fetch = context;
    struct page *page = fetch->page;
    struct slice entry;
    if (!db_record_open(db_family_of(page->read->index), value, &entry)) {
        page->error = corrupt_entry(page);
        return false;
    }
    struct slice *kept = &fetch->entries[fetch->count];
    if (!arena_copy(&fetch->scratch, entry, kept) ||
        !arena_copy(&fetch->scratch, key, &fetch->last_key)) {
        page->error = error_exhausted();
        return false;
    }
    fetch->item_keys[fetch->count] = db_entry_key(&fetch->scratch, page->read->table, NULL, *kept);
    if (!slice_present(fetch->item_keys[fetch->count])) {
        page->error = error_exhausted();
        return false;
    }
    fetch->count++;
    fetch->is_cut = fetch->count == fetch->count_max;
    return !fetch->is_cut;
}

static const struct error *visit_fetched(struct fetch *fetch)
{
    struct page *page = fetch->page;
    struct slice values[FETCH_COUNT];
    const struct error *error =
        store_get(page->db->store, &fetch->scratch, fetch->item_keys, fetch->count, values);
    for (size_t i = 0; error == NULL && i < fetch->count && !page->is_full && !page->is_stopped;
         i++) {
        struct slice item = SLICE_ABSENT;
        if (slice_present(values[i]) && !db_record_open(DB_FAMILY_ITEM, values[i], &item))
            return corrupt_entry(page);
        count_entry(page, fetch->entries[i], item);
        error = page->error;
        /* An item deleted since its entry was read is not shown. */
        if (error == NULL && slice_present(item) && !page->read->visit(page->read->context, item))
            page->is_stopped = true;
    }
    return error;
}

/* One chunk; the range becomes what is behind it. */
static const struct error *fetch_chunk(struct fetch *fetch, struct store_range *range)
{
    struct page *page = fetch->page;
    const struct db_read *read = page->read;
    fetch->count = 0;
    fetch->is_cut = false;
    fetch->count_max = FETCH_COUNT;
    if (read->limit != 0 && read->limit - read->scanned < FETCH_COUNT)
        fetch->count_max = read->limit - read->scanned;
    const struct error *error =
        store_scan(page->db->store, &fetch->scratch, *range,
                   read->backward ? STORE_BACKWARD : STORE_FORWARD, collect_entry, fetch);
    if (error == NULL)
        error = page->error;
    if (error == NULL && fetch->count > 0)
        error = visit_fetched(fetch);
    if (error != NULL || !fetch->is_cut)
        return error;
    if (!db_range_continue(page->arena, range, fetch->last_key, read->backward))
        return error_exhausted();
    return NULL;
}

static const struct error *read_fetching(struct page *page, struct store_range range)
{
    struct fetch fetch = {.page = page};
    arena_init(&fetch.scratch, FETCH_BYTES_MAX);
    const struct error *error;
    do {
        arena_reset(&fetch.scratch);
        error = fetch_chunk(&fetch, &range);
        if (error != NULL && error != error_exhausted() && page->error != error) {
            /* It may live in the scratch arena. */
            struct slice message;
            error = arena_copy(page->arena, error->message, &message)
                        ? error_make_slice(page->arena, error->kind, message)
                        : error_exhausted();
        }
    } while (error == NULL && fetch.is_cut && !page->is_full && !page->is_stopped);
    arena_fini(&fetch.scratch);
    return error;
}

const struct error *db_read_items(struct db *db, struct arena *arena, struct db_read *read)
{
    CHECK(!read->fetch_items || (read->index != NULL && !read->index->global));
    CHECK(!read->fetch_items || read->short_bytes == 0);
    read->scanned = 0;
    read->scanned_bytes = 0;
    read->fetched_units_bytes = 0;
    read->is_cut = false;
    read->last_evaluated = SLICE_ABSENT;

    struct store_range range;
    bool is_empty;
    const struct error *error = db_read_range(read, arena, &range, &is_empty);
    if (error != NULL || is_empty)
        return error;
    struct page page = {.db = db, .arena = arena, .read = read};
    if (read->short_bytes != 0)
        range.ret_gave_up = &read->is_cut;
    if (read->fetch_items)
        return read_fetching(&page, range);
    error = store_scan(db->store, arena, range, read->backward ? STORE_BACKWARD : STORE_FORWARD,
                       visit_entry, &page);
    return error != NULL ? error : page.error;
}
