#ifndef HASHRANGE_TESTS_UNIT_NET_CERTIFICATES_H
#define HASHRANGE_TESTS_UNIT_NET_CERTIFICATES_H

/* Authorities and certificates made for one run of a test, as PEM files in a folder of their own.
 * Include after cmocka. */

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "temporary.h"

enum { CERTIFICATE_PATH_BYTES = TEMPORARY_PATH_BYTES + 64 };

struct certificate {
    X509 *x509;
    EVP_PKEY *key;
    char path[CERTIFICATE_PATH_BYTES];
    char key_path[CERTIFICATE_PATH_BYTES];
};

static inline void certificate_write(const struct certificate *made)
{
    FILE *file = fopen(made->path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, made->x509), 1);
    fclose(file);
    file = fopen(made->key_path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, made->key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
}

static inline void certificate_extend(X509 *x509, int what, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* <folder>/<name>.pem and <name>.key, for localhost, valid for an hour; issuer NULL: an authority
 * that has signed itself. To be freed with certificate_free. */
static inline struct certificate certificate_make(const char *folder, const char *name,
                                                  const struct certificate *issuer)
{
    static int serial = 1;
    struct certificate made = {.x509 = X509_new(), .key = EVP_EC_gen("P-256")};
    assert_true(made.x509 != NULL && made.key != NULL);
    snprintf(made.path, sizeof(made.path), "%s/%s.pem", folder, name);
    snprintf(made.key_path, sizeof(made.key_path), "%s/%s.key", folder, name);
    X509_set_version(made.x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.x509), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made.x509), -60);
    X509_gmtime_adj(X509_getm_notAfter(made.x509), 3600);
    X509_NAME *subject = X509_get_subject_name(made.x509);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(made.x509, X509_get_subject_name(issuer ? issuer->x509 : made.x509));
    X509_set_pubkey(made.x509, made.key);
    certificate_extend(made.x509, NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
    certificate_extend(made.x509, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    assert_true(X509_sign(made.x509, issuer ? issuer->key : made.key, EVP_sha256()) > 0);
    certificate_write(&made);
    return made;
}

/* And its files. */
static inline void certificate_free(struct certificate *made)
{
    unlink(made->path);
    unlink(made->key_path);
    X509_free(made->x509);
    EVP_PKEY_free(made->key);
    *made = (struct certificate){.key = NULL};
}

#endif
