#ifndef HASHRANGE_AUTH_OPERAND_H
#define HASHRANGE_AUTH_OPERAND_H

/*
 * The typed values that condition operators compare (IAM user guide, "IAM JSON policy elements:
 * Condition operators"): read from the text of a policy once, and from the text of a request each
 * time. false: the text is no such value; a comparison with it never holds.
 */

#include "base/attributes.h"
#include "base/slice.h"
#include "num/num.h"

MUST_USE bool auth_read_number(struct slice text, struct num *ret_number);

/* Milliseconds since 1970. Digits alone are seconds since then; else a date of W3C's profile of ISO
 * 8601: 2026, which is a number already, is a second; 2026-01, 2026-01-31, 2026-01-31T12:00Z,
 * 2026-01-31T12:00:00.5+01:00. Without a zone it is UTC. */
MUST_USE bool auth_read_date(struct slice text, int64_t *ret_ms);

/* 2026-01-31T12:00:00Z, without a NUL; returns its size, 0 when it does not fit. */
size_t auth_write_date(int64_t ms, char *out, size_t size);

MUST_USE bool auth_read_bool(struct slice text, bool *ret_bool);

enum { AUTH_ADDRESS_BYTES = 16 };

/* An IPv4 address has its first four bytes set. One mapped into IPv6 (::ffff:10.0.0.1) is IPv4. */
struct auth_address {
    bool is_v6;
    uint8_t bytes[AUTH_ADDRESS_BYTES];
};
struct auth_network {
    struct auth_address address;
    unsigned bits; /* of the prefix: 0 to 32, or to 128 */
};

MUST_USE bool auth_read_address(struct slice text, struct auth_address *ret_address);
/* 203.0.113.0/24, 2001:db8::/32, or an address alone. */
MUST_USE bool auth_read_network(struct slice text, struct auth_network *ret_network);
bool auth_network_contains(const struct auth_network *network, const struct auth_address *address);

#endif
