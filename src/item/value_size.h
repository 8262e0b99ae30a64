#ifndef HASHRANGE_ITEM_VALUE_SIZE_H
#define HASHRANGE_ITEM_VALUE_SIZE_H

/*
 * Sizes as DynamoDB counts them (developer guide, "DynamoDB item sizes and formats"): string and
 * binary their bytes; boolean and null 1; number num_size_bytes; list and map 3 + 1 for each
 * element + contents (a map's names count too); set the sum of its elements.
 */

#include "item/value.h"

enum { ITEM_SIZE_MAX = 409600 };

size_t value_size_bytes(struct value value);
/* Names and values of all attributes; no overhead. What ITEM_SIZE_MAX and capacity are about. */
size_t item_size_bytes(struct slice item);

#endif
