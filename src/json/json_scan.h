#ifndef HASHRANGE_JSON_JSON_SCAN_H
#define HASHRANGE_JSON_JSON_SCAN_H

/*
 * The lexical half of the reader, private to json/: finds the end of tokens and validates them on
 * the way. Each function gets [at, end), reads nothing outside of it, and returns where the token
 * ends, or NULL when it is malformed or cut off.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Past any white space. Never NULL. */
const uint8_t *json_scan_space(const uint8_t *at, const uint8_t *end);

/* at is behind the opening quote; returns the closing quote itself. */
const uint8_t *json_scan_string(const uint8_t *at, const uint8_t *end, bool *ret_escaped);

const uint8_t *json_scan_number(const uint8_t *at, const uint8_t *end);
const uint8_t *json_scan_literal(const uint8_t *at, const uint8_t *end);

/* Any value with all inside it, without leading or trailing space. *ret_depth is how deep it nests,
 * or, of a malformed one, did until it was found so. */
const uint8_t *json_scan_value(const uint8_t *at, const uint8_t *end, unsigned depth_max,
                               unsigned *ret_depth);

/* Decodes the escapes of [at, quote), which json_scan_string has accepted. Writes at most
 * quote - at bytes to out and returns how many. */
size_t json_unescape(const uint8_t *at, const uint8_t *quote, uint8_t *out);

#endif
