#ifndef HASHRANGE_IAM_PAGE_H
#define HASHRANGE_IAM_PAGE_H

/*
 * Pages of lists (IAM API reference, Marker, MaxItems, IsTruncated). A marker is the key of the
 * last element that was shown, so that a list may change between two pages: nothing that stays is
 * shown twice or left out. Private to iam/.
 *
 *     iam_page_begin(call, &input, &page);
 *     for (each, in the order of keys) if (iam_page_takes(&page, key)) write it
 *     iam_page_end(&page, call->out);
 */

#include "iam/input.h"

struct iam_page {
    struct arena *arena;
    struct slice after; /* absent: from the start */
    int64_t room;
    bool is_truncated;
    bool is_exhausted; /* the arena had no room for a key: iam_page_end lets the answer fail */
    struct slice last; /* key of the last element taken */
};

/* QUERY_VALIDATION "Invalid Marker." */
MUST_USE const struct error *iam_page_begin(const struct iam_call *call,
                                            const struct iam_input *input,
                                            struct iam_page *ret_page);
/* Is the element to be shown? Keys ascend, and live until the end of the page. */
bool iam_page_takes(struct iam_page *page, struct slice key);
/* For several lists one behind another: each has a letter, and they ascend. */
bool iam_page_takes_in(struct iam_page *page, char letter, struct slice key);
/* For short lists in an order of their own, shown by position. */
bool iam_page_takes_position(struct iam_page *page, size_t position);
/* Writes IsTruncated and Marker. */
void iam_page_end(const struct iam_page *page, struct xml_writer *out);

#endif
