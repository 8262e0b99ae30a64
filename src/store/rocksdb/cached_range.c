#include "store/rocksdb/cached_range.h"

#include "base/check.h"

bool cached_range_key(struct store_range range, uint8_t ret_bytes[CACHED_RANGE_KEY_BYTES_MAX],
                      struct slice *ret_key)
{
    size_t size = varint_size(range.first.size) + range.first.size + range.end.size;
    if (size > CACHED_RANGE_KEY_BYTES_MAX)
        return false;
    uint8_t *at = ret_bytes + varint_write(ret_bytes, range.first.size);
    memcpy(at, range.first.data, range.first.size);
    memcpy(at + range.first.size, range.end.data, range.end.size);
    *ret_key = slice_of(ret_bytes, size);
    return true;
}

void cached_range_collect(struct cached_range_collector *collector, store_visit *visit,
                          void *context)
{
    *collector = (struct cached_range_collector){.visit = visit, .context = context};
    buf_init(&collector->entries, NULL, VALUE_CACHE_VALUE_BYTES_MAX);
}

void cached_range_forget(struct cached_range_collector *collector)
{
    buf_fini(&collector->entries);
}

static void append_sized(struct buf *out, struct slice bytes)
{
    buf_append_varint(out, bytes.size);
    buf_append(out, bytes);
}

bool cached_range_visit(void *context, struct slice key, struct slice value)
{
    struct cached_range_collector *collector = context;
    append_sized(&collector->entries, key);
    append_sized(&collector->entries, value);
    collector->stopped = !collector->visit(collector->context, key, value);
    return !collector->stopped;
}

static struct slice take_sized(struct slice *at)
{
    uint64_t size;
    CHECK(varint_read(at, &size) && size <= at->size);
    struct slice bytes = slice_of(at->data, (size_t)size);
    *at = slice_after(*at, bytes.size);
    return bytes;
}

void cached_range_show(struct slice entries, store_visit *visit, void *context)
{
    while (entries.size > 0) {
        struct slice key = take_sized(&entries);
        struct slice value = take_sized(&entries);
        if (!visit(context, key, value))
            return;
    }
}
