#include "iam/page.h"

#include <stdio.h>

#include "base/base64.h"

const struct error *iam_page_begin(const struct iam_call *call, const struct iam_input *input,
                                   struct iam_page *ret_page)
{
    struct iam_page page = {.arena = call->arena, .room = input->max_items};
    if (slice_present(input->marker)) {
        size_t size;
        uint8_t *key =
            arena_alloc_bytes(call->arena, base64_decoded_size_max(input->marker.size) + 1);
        if (key == NULL)
            return error_exhausted();
        if (!base64_decode(input->marker, key, &size))
            return error_make(call->arena, ERROR_QUERY_VALIDATION, "Invalid Marker.");
        page.after = slice_of(key, size);
    }
    *ret_page = page;
    return NULL;
}

bool iam_page_takes(struct iam_page *page, struct slice key)
{
    if (page->is_truncated || (slice_present(page->after) && slice_compare(key, page->after) <= 0))
        return false;
    page->is_truncated = page->room == 0;
    if (page->is_truncated)
        return false;
    page->room--;
    page->last = key;
    return true;
}

bool iam_page_takes_in(struct iam_page *page, char letter, struct slice key)
{
    uint8_t *whole = arena_alloc_bytes(page->arena, key.size + 1);
    page->is_exhausted = page->is_exhausted || whole == NULL;
    if (page->is_exhausted)
        return false;
    whole[0] = (uint8_t)letter;
    memcpy(whole + 1, key.data, key.size);
    return iam_page_takes(page, slice_of(whole, key.size + 1));
}

bool iam_page_takes_position(struct iam_page *page, size_t position)
{
    char text[24];
    struct slice key = SLICE("");
    int size = snprintf(text, sizeof(text), "%08zu", position);
    if (!arena_copy(page->arena, slice_of(text, (size_t)size), &key))
        page->is_exhausted = true;
    return !page->is_exhausted && iam_page_takes(page, key);
}

void iam_page_end(const struct iam_page *page, struct xml_writer *out)
{
    out->out->failed = out->out->failed || page->is_exhausted;
    xml_boolean(out, "IsTruncated", page->is_truncated);
    if (!page->is_truncated)
        return;
    size_t size = base64_encoded_size(page->last.size);
    uint8_t *text = arena_alloc_bytes(page->arena, size);
    if (text == NULL) {
        out->out->failed = true;
        return;
    }
    base64_encode(page->last, text);
    xml_text(out, "Marker", slice_of(text, size));
}
