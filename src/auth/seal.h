#ifndef HASHRANGE_AUTH_SEAL_H
#define HASHRANGE_AUTH_SEAL_H

/*
 * Sealed bytes: nobody without the key can read or change them (AES-256-GCM, NIST SP 800-38D).
 *
 *   version 1 | nonce 12 | ciphertext | tag 16
 *
 * Each use has a key of its own, derived from the one key with HKDF-SHA256 (RFC 5869): what was
 * sealed for one cannot be passed off for another. Nonces are random: some 2^32 seals per key are
 * safe, which is far beyond the access keys and sessions that one key will see.
 *
 * Threads: all functions may be called by many at once.
 */

#include "base/error.h"

enum { AUTH_SEAL_KEY_BYTES = 32, AUTH_SEAL_OVERHEAD_BYTES = 1 + 12 + 16 };

struct auth_seal_key {
    uint8_t bytes[AUTH_SEAL_KEY_BYTES];
};

enum auth_seal_use {
    AUTH_SEAL_SECRET,  /* secrets of access keys, where they are stored */
    AUTH_SEAL_SESSION, /* session tokens */
};

/* associated is not in the result but must be the same when it is opened again; it may be empty.
 * Error: INTERNAL, when memory is exhausted or the library refuses. */
MUST_USE const struct error *auth_seal(struct arena *arena, const struct auth_seal_key *key,
                                       enum auth_seal_use use, struct slice associated,
                                       struct slice plain, struct slice *ret_sealed);

/* Bytes from anywhere. *ret_valid false, and nothing in *ret_plain: they were not sealed with this
 * key for this use with this associated text. The arena wipes the plain bytes with all it holds;
 * who knows that they have been used up does so earlier. */
MUST_USE const struct error *auth_unseal(struct arena *arena, const struct auth_seal_key *key,
                                         enum auth_seal_use use, struct slice associated,
                                         struct slice sealed, struct slice *ret_plain,
                                         bool *ret_valid);

#endif
