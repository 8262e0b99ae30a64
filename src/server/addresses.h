#ifndef HASHRANGE_SERVER_ADDRESSES_H
#define HASHRANGE_SERVER_ADDRESSES_H

/* The addresses of --bind, and who can reach them. */

#include "base/error.h"

enum { ADDRESSES_MAX = 8 };

struct addresses {
    const char *texts[ADDRESSES_MAX]; /* numeric, in the arena */
    size_t count;
    /* The first one that other machines may reach; NULL: all are loopback (127.0.0.0/8, ::1). */
    const char *exposed;
};

/* Splits "127.0.0.1,::1" at its commas. Names are refused: which of their addresses is meant? */
MUST_USE const struct error *addresses_read(struct arena *arena, const char *bind,
                                            struct addresses *ret_addresses);

#endif
