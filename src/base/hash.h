#ifndef HASHRANGE_BASE_HASH_H
#define HASHRANGE_BASE_HASH_H

/*
 * SipHash-2-4 with 64-bit output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012;
 * https://www.aumasson.jp/siphash/siphash.pdf).
 *
 * hash_bytes is part of the stored format: it decides in which partition an item lies. Its key is
 * therefore fixed for ever: the sixteen bytes 00 01 02 ... 0f of the paper's appendix A, so that
 * the paper's test vectors hold for it as they stand. It hides nothing.
 */

#include "base/slice.h"

enum { HASH_KEY_BYTES = 16 };

uint64_t hash_bytes(struct slice bytes);

/* With a key of the caller's: for tables in memory that clients must not be able to unbalance. */
uint64_t hash_bytes_keyed(const uint8_t key[HASH_KEY_BYTES], struct slice bytes);

#endif
