#ifndef HASHRANGE_OPS_STATEMENT_TOKEN_H
#define HASHRANGE_OPS_STATEMENT_TOKEN_H

/*
 * NextToken of a SELECT: where its next page begins, bound to the statement, its parameters and the
 * table. Clients hand it back as it is; it hides nothing that LastEvaluatedKey does not show, and a
 * forged one can at most ask for a position that the read itself refuses.
 *
 *   token = base64 of: version 1, fingerprint (8 bytes), range (varint), key (a map body, or
 *           nothing), checksum (8 bytes over all before it). Integers are big-endian.
 */

#include "ops/statement.h"

struct op_statement_position {
    uint64_t range;     /* which of the plan's reads */
    struct slice start; /* the key it goes on behind; SLICE_ABSENT: from its beginning */
};

/* What a token of this statement must say. false: arena exhausted. */
MUST_USE bool op_statement_fingerprint(const struct op_statement *statement,
                                       uint64_t *ret_fingerprint);

/* SLICE_ABSENT: arena exhausted. */
struct slice op_statement_token_make(struct arena *arena, uint64_t fingerprint,
                                     const struct op_statement_position *position);
/* "Invalid NextToken", or "NextToken does not match request". The key is a sound map; whether it is
 * one of the read's is still to be checked. */
MUST_USE const struct error *op_statement_token_read(struct arena *arena, struct slice token,
                                                     uint64_t fingerprint,
                                                     struct op_statement_position *ret_position);

#endif
