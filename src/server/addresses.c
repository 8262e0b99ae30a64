#include "server/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* false: it is not an address. */
static bool read_address(const char *text, bool *ret_is_loopback)
{
    enum { LOOPBACK_NET = 127 }; /* RFC 1122 3.2.1.3 */
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *ret_is_loopback = ntohl(v4.s_addr) >> 24 == LOOPBACK_NET;
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6) == 1) {
        *ret_is_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
        return true;
    }
    return false;
}

const struct error *addresses_read(struct arena *arena, const char *bind,
                                   struct addresses *ret_addresses)
{
    struct slice copy;
    if (!arena_copy(arena, slice_of(bind, strlen(bind) + 1), &copy))
        return error_exhausted();
    struct addresses addresses = {.count = 0};
    char *rest = (char *)copy.data;
    for (char *text; (text = strsep(&rest, ",")) != NULL;) {
        bool is_loopback;
        if (addresses.count == ADDRESSES_MAX)
            return error_make(arena, ERROR_VALIDATION, "--bind takes no more than %d addresses",
                              ADDRESSES_MAX);
        if (!read_address(text, &is_loopback))
            return error_make(arena, ERROR_VALIDATION,
                              "--bind takes numeric addresses, like 127.0.0.1 or ::1, not '%s'",
                              text);
        if (!is_loopback && addresses.exposed == NULL)
            addresses.exposed = text;
        addresses.texts[addresses.count++] = text;
    }
    *ret_addresses = addresses;
    return NULL;
}
