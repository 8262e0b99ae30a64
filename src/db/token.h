#ifndef HASHRANGE_DB_TOKEN_H
#define HASHRANGE_DB_TOKEN_H

/*
 * Client request tokens: what is remembered of a transaction for ten minutes, so that sending it
 * again changes nothing (API reference, TransactWriteItems, "ClientRequestToken").
 *
 * A record is written with the transaction's own writes, in the same commit: after a crash both are
 * there or neither. It lies in the period of ten minutes in which it was made. A token is looked
 * for in its own period and in those before and after: in the one before it may still be valid; in
 * the one after, a request that came a moment later may have been decided first. Both then name a
 * key in common, so that one of them sees the other. Whole periods are deleted when they are over:
 * nobody looks for single expired records.
 *
 * docs/format/tokens.md has the record byte by byte. Private to db/, except for struct db_token.
 */

#include "base/buf.h"
#include "base/error.h"

enum {
    DB_TOKEN_DIGEST_BYTES = 16,
    DB_TOKEN_LIFE_MS = 10 * 60 * 1000,
    DB_TOKEN_KEYS = 3,
    DB_TOKEN_UNITS_MAX = 100, /* as many as a transaction may have actions */
};

enum db_token_state {
    DB_TOKEN_NEW,
    DB_TOKEN_RUNNING,  /* a transaction with this token and digest has not landed yet */
    DB_TOKEN_USED,     /* one has */
    DB_TOKEN_MISMATCH, /* one with this token and another digest has, or is under way */
};

/* Whose tokens: each operation has its own. Stored; never reused. */
enum db_token_scope {
    DB_TOKEN_TRANSACT_WRITE_ITEMS = 'w',
    DB_TOKEN_EXECUTE_TRANSACTION = 'e',
};

struct db_token {
    /* in */
    struct slice account;
    struct slice region;
    enum db_token_scope scope;
    struct slice text;
    uint8_t digest[DB_TOKEN_DIGEST_BYTES]; /* of the request */
    int64_t now_ms;
    /* Given to decide. units: what the first request left; set by decide when it commits a new
     * one: what answering this again costs, for each action. */
    enum db_token_state state;
    uint32_t units[DB_TOKEN_UNITS_MAX];
    size_t unit_count;
};

/* The digest of bytes in which equal requests are equal: SipHash-2-4 under two keys. Part of the
 * format: a record outlives the process. It tells a client's mistakes, it is no defence. */
void db_token_digest(struct slice bytes, uint8_t ret_digest[DB_TOKEN_DIGEST_BYTES]);

struct db;

/* The keys to be named in the transaction. false: memory is exhausted. */
MUST_USE bool db_token_keys(const struct db *db, struct arena *arena, const struct db_token *token,
                            struct slice ret_keys[DB_TOKEN_KEYS]);
/* Fills in what is given to decide. INTERNAL when a record is none. */
MUST_USE const struct error *db_token_look(struct db_token *token, struct arena *arena,
                                           const struct slice values[DB_TOKEN_KEYS],
                                           const bool held[DB_TOKEN_KEYS]);
/* The one of the keys that a record goes to, and the record; SLICE_ABSENT: memory is exhausted. */
struct slice db_token_key_to_write(const struct slice keys[DB_TOKEN_KEYS]);
struct slice db_token_record(struct arena *arena, const struct db_token *token);

/* The body of a record, behind its version: for tests of the format. */
MUST_USE bool db_token_read(struct slice body, int64_t *ret_valid_until_ms,
                            struct db_token *ret_token);

#endif
