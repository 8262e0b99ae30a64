#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

/* TLS 1.2, in the server's order: key exchange with forward secrecy, authenticated encryption
 * (RFC 9325 4.2). What TLS 1.3 has is all of that kind. */
static const char ciphers_1_2[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

struct net_tls {
    struct net_tls_files files;
    pthread_mutex_t lock;
    SSL_CTX *context; /* guarded by lock; counted, so that a connection outlives a reload */
};

/* Of the first failure in OpenSSL's queue, which is emptied. */
static const char *openssl_reason(void)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason != NULL ? reason : "unknown reason";
}

static const struct error *no_memory(struct arena *arena)
{
    ERR_clear_error();
    return error_make(arena, ERROR_INTERNAL, "Cannot prepare TLS: out of memory");
}

/* There, and not empty-handed: what OpenSSL would say about a missing file is no help. */
static const struct error *check_readable(struct arena *arena, const char *what, const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_make(arena, ERROR_VALIDATION, "Cannot read %s %s: %s", what, path,
                          strerror(errno));
    fclose(file);
    return NULL;
}

static const struct error *use_certificate(struct arena *arena, SSL_CTX *context, const char *path)
{
    const struct error *error = check_readable(arena, "the TLS certificate", path);
    if (error != NULL)
        return error;
    if (SSL_CTX_use_certificate_chain_file(context, path) == 1)
        return NULL;
    return error_make(arena, ERROR_VALIDATION,
                      "Cannot use the TLS certificate %s: it must hold certificates in PEM form, "
                      "the server's own first (%s)",
                      path, openssl_reason());
}

/* Without it OpenSSL would ask on the terminal. */
static int no_passphrase(char *room, int size, int writing, void *ret_was_asked)
{
    (void)room;
    (void)size;
    (void)writing;
    *(bool *)ret_was_asked = true;
    return -1;
}

static const struct error *use_key(struct arena *arena, SSL_CTX *context,
                                   const struct net_tls_files *files)
{
    const struct error *error = check_readable(arena, "the TLS key", files->key);
    if (error != NULL)
        return error;
    bool is_protected = false;
    BIO *file = BIO_new_file(files->key, "r");
    EVP_PKEY *key =
        file == NULL ? NULL : PEM_read_bio_PrivateKey(file, NULL, no_passphrase, &is_protected);
    BIO_free(file);
    if (is_protected)
        error = error_make(arena, ERROR_VALIDATION,
                           "Cannot use the TLS key %s: it is protected by a passphrase, and nobody "
                           "is there to ask; decrypt it with openssl pkey",
                           files->key);
    else if (key == NULL)
        error = error_make(arena, ERROR_VALIDATION,
                           "Cannot use the TLS key %s: it must hold a private key in PEM form (%s)",
                           files->key, openssl_reason());
    else if (X509_check_private_key(SSL_CTX_get0_certificate(context), key) != 1)
        error = error_make(arena, ERROR_VALIDATION,
                           "The TLS key %s does not belong to the certificate %s", files->key,
                           files->certificate);
    else if (SSL_CTX_use_PrivateKey(context, key) != 1)
        error = error_make(arena, ERROR_VALIDATION, "Cannot use the TLS key %s: %s", files->key,
                           openssl_reason());
    EVP_PKEY_free(key);
    ERR_clear_error();
    return error;
}

static const struct error *ask_clients(struct arena *arena, SSL_CTX *context,
                                       const struct net_tls_files *files)
{
    const struct error *error =
        check_readable(arena, "the certificates of client authorities", files->client_ca);
    if (error != NULL)
        return error;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(files->client_ca);
    if (names == NULL || SSL_CTX_load_verify_locations(context, files->client_ca, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return error_make(arena, ERROR_VALIDATION,
                          "Cannot use the client authorities in %s: it must hold certificates in "
                          "PEM form (%s)",
                          files->client_ca, openssl_reason());
    }
    SSL_CTX_set_client_CA_list(context, names);
    int mode = SSL_VERIFY_PEER;
    if (!files->client_certificate_is_optional)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context, mode, NULL);
    return NULL;
}

/* A client that speaks something else only is told so (RFC 7301 3.2). One without ALPN is asked
 * nothing. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_chosen, unsigned char *ret_size,
                           const unsigned char *offered, unsigned offered_size, void *context)
{
    static const unsigned char protocols[] = "\x08http/1.1";
    unsigned char *chosen;
    (void)ssl;
    (void)context;
    if (SSL_select_next_proto(&chosen, ret_size, protocols, sizeof(protocols) - 1, offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret_chosen = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* Nothing of this depends on the files. */
static bool set_rules(SSL_CTX *context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    /* An idle connection keeps no record buffers. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, ciphers_1_2) == 1 &&
           SSL_CTX_set_num_tickets(context, 0) == 1;
}

static const struct error *make_context(struct arena *arena, const struct net_tls_files *files,
                                        SSL_CTX **ret_context)
{
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || !set_rules(context)) {
        SSL_CTX_free(context);
        return no_memory(arena);
    }
    const struct error *error = use_certificate(arena, context, files->certificate);
    if (error == NULL)
        error = use_key(arena, context, files);
    if (error == NULL && files->client_ca != NULL)
        error = ask_clients(arena, context, files);
    if (error != NULL) {
        SSL_CTX_free(context);
        return error;
    }
    *ret_context = context;
    return NULL;
}

const struct error *net_tls_open(struct arena *arena, const struct net_tls_files *files,
                                 struct net_tls **ret_tls)
{
    struct net_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL)
        return no_memory(arena);
    tls->files = *files;
    const struct error *error = make_context(arena, files, &tls->context);
    if (error != NULL) {
        free(tls);
        return error;
    }
    pthread_mutex_init(&tls->lock, NULL);
    *ret_tls = tls;
    return NULL;
}

const struct error *net_tls_reload(struct arena *arena, struct net_tls *tls)
{
    SSL_CTX *context = NULL;
    const struct error *error = make_context(arena, &tls->files, &context);
    if (error != NULL)
        return error;
    pthread_mutex_lock(&tls->lock);
    SSL_CTX *old = tls->context;
    tls->context = context;
    pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(old);
    return NULL;
}

void net_tls_close(struct net_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    pthread_mutex_destroy(&tls->lock);
    free(tls);
}

SSL *net_tls_new_connection(struct net_tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    SSL *ssl = SSL_new(tls->context);
    pthread_mutex_unlock(&tls->lock);
    if (ssl == NULL)
        ERR_clear_error();
    else
        SSL_set_accept_state(ssl);
    return ssl;
}
