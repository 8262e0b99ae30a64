#ifndef HASHRANGE_NET_TLS_H
#define HASHRANGE_NET_TLS_H

/*
 * What a server needs to speak TLS: its certificate and key and, when clients are to show
 * certificates, the authorities it trusts. TLS 1.2 and 1.3 with forward secrecy and authenticated
 * ciphers only, ALPN http/1.1; no compression, no renegotiation, no session tickets or resumption,
 * no early data (docs/decisions/0014).
 *
 * All files are PEM. They are read when opened and on every reload; a connection keeps what was
 * there when it began.
 *
 * Threads: any.
 */

#include <openssl/ssl.h>

#include "base/error.h"

struct net_tls_files {
    const char *certificate; /* the server's own, then those between it and its authority */
    const char *key;         /* of the first certificate; not protected by a passphrase */
    const char *client_ca;   /* NULL: clients are not asked for a certificate */
    /* With client_ca: a client without a certificate is let in, too. A wrong one never is. */
    bool client_certificate_is_optional;
};

struct net_tls;

/* The file names are borrowed until it is closed. Errors are for the one who started the program:
 * which file, and what is wrong with it. */
MUST_USE const struct error *net_tls_open(struct arena *arena, const struct net_tls_files *files,
                                          struct net_tls **ret_tls);
/* Reads the files again, for connections that begin from now on. After an error everything stays as
 * it was. */
MUST_USE const struct error *net_tls_reload(struct arena *arena, struct net_tls *tls);
/* Accepts NULL. Connections that are there keep what they need. */
void net_tls_close(struct net_tls *tls);

/* For one connection, to be freed with SSL_free; NULL when memory is exhausted. */
MUST_USE SSL *net_tls_new_connection(struct net_tls *tls);

#endif
