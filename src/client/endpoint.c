#include "client/endpoint.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORT_TEXT_BYTES = 6 };

static const struct error *refuse(struct arena *arena, const char *url)
{
    return error_make(arena, ERROR_VALIDATION,
                      "'%s' is no endpoint: http://HOST[:PORT] or https://HOST[:PORT] is", url);
}

static bool take_prefix(struct slice *at, struct slice prefix)
{
    if (!slice_starts_with(*at, prefix))
        return false;
    *at = slice_after(*at, prefix.size);
    return true;
}

/* Takes the host; *ret_port_text is what stands behind its colon, absent when nothing does. */
static bool take_host(struct slice text, struct slice *ret_host, struct slice *ret_port_text)
{
    struct slice rest;
    if (text.size > 0 && text.data[0] == '[') {
        const uint8_t *end = memchr(text.data, ']', text.size);
        if (end == NULL)
            return false;
        *ret_host = slice_of(text.data + 1, (size_t)(end - text.data) - 1);
        rest = slice_after(text, ret_host->size + 2);
    } else {
        const uint8_t *colon = text.size == 0 ? NULL : memchr(text.data, ':', text.size);
        *ret_host = slice_of(text.data, colon == NULL ? text.size : (size_t)(colon - text.data));
        rest = slice_after(text, ret_host->size);
    }
    *ret_port_text = SLICE_ABSENT;
    if (rest.size > 0 && rest.data[0] == ':')
        *ret_port_text = slice_after(rest, 1);
    else if (rest.size > 0)
        return false;
    return ret_host->size > 0;
}

static bool read_port(struct slice text, uint16_t *ret_port)
{
    unsigned long port = 0;
    if (text.size == 0 || text.size >= PORT_TEXT_BYTES)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        port = port * 10 + (unsigned long)(text.data[i] - '0');
    }
    *ret_port = (uint16_t)port;
    return port > 0 && port <= UINT16_MAX;
}

static const struct error *look_up(struct arena *arena, struct client_endpoint *endpoint)
{
    char host[256], service[PORT_TEXT_BYTES];
    snprintf(host, sizeof(host), "%.*s", SLICE_PRINT(endpoint->host));
    snprintf(service, sizeof(service), "%u", endpoint->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int problem = getaddrinfo(host, service, &hints, &found);
    if (problem != 0)
        return error_make(arena, ERROR_VALIDATION, "Cannot find %s: %s", host,
                          gai_strerror(problem));
    memcpy(&endpoint->address, found->ai_addr, found->ai_addrlen);
    endpoint->address_size = found->ai_addrlen;
    freeaddrinfo(found);
    return NULL;
}

const struct error *client_endpoint_read(struct arena *arena, const char *url,
                                         struct client_endpoint *ret_endpoint)
{
    struct client_endpoint endpoint = {.secure = false};
    struct slice text = slice_of_cstring(url);
    struct slice port_text;
    if (!take_prefix(&text, SLICE("http://"))) {
        if (!take_prefix(&text, SLICE("https://")))
            return refuse(arena, url);
        endpoint.secure = true;
    }
    if (text.size > 0 && text.data[text.size - 1] == '/')
        text.size--;
    endpoint.port = endpoint.secure ? 443 : 80;
    if (!take_host(text, &endpoint.host, &port_text) ||
        (slice_present(port_text) && !read_port(port_text, &endpoint.port)) ||
        memchr(text.data, '/', text.size) != NULL)
        return refuse(arena, url);
    if (!arena_copy(arena, text, &endpoint.header) ||
        !arena_copy(arena, endpoint.host, &endpoint.host))
        return error_exhausted();
    const struct error *error = look_up(arena, &endpoint);
    if (error == NULL)
        *ret_endpoint = endpoint;
    return error;
}
