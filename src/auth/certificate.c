#include "auth/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "auth/claim.h"
#include "base/base64.h"
#include "base/buf.h"

enum {
    SECURITY_LEVEL = 2, /* of OpenSSL: 112 bits */
    NAME_BYTES_MAX = 64 * 1024,
    ANCHOR_CERTIFICATES_MAX = 16,
};

static X509 *read_der(struct slice der)
{
    const unsigned char *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.size);
    if (certificate != NULL && at != der.data + der.size) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

X509 *auth_certificate_read(struct arena *arena, struct slice base64)
{
    size_t size = 0;
    uint8_t *der = arena_alloc_bytes(arena, base64_decoded_size_max(base64.size));
    if (der == NULL || base64.size == 0 || !base64_decode(base64, der, &size))
        return NULL;
    return read_der(slice_of(der, size));
}

static bool push(STACK_OF(X509) * chain, X509 *certificate)
{
    if (certificate != NULL && sk_X509_push(chain, certificate) > 0)
        return true;
    X509_free(certificate);
    return false;
}

STACK_OF(X509) * auth_certificate_chain_read(struct arena *arena, struct slice list)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    bool is_read = chain != NULL;
    while (is_read && list.size > 0) {
        struct slice one = auth_trim(auth_take_part(&list, SLICE(",")));
        is_read = sk_X509_num(chain) < AUTH_X509_CHAIN_MAX &&
                  push(chain, auth_certificate_read(arena, one));
    }
    if (is_read)
        return chain;
    auth_certificate_chain_free(chain);
    return NULL;
}

void auth_certificate_chain_free(STACK_OF(X509) * chain)
{
    sk_X509_pop_free(chain, X509_free);
}

bool auth_certificate_is_end_entity(X509 *certificate)
{
    uint32_t flags = X509_get_extension_flags(certificate);
    return X509_get_version(certificate) == X509_VERSION_3 && (flags & EXFLAG_INVALID) == 0 &&
           (flags & EXFLAG_BCONS) != 0 && (flags & EXFLAG_CA) == 0 &&
           (flags & EXFLAG_KUSAGE) != 0 &&
           (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0;
}

/* PEM of several, or DER of one. NULL: they are none, or memory. */
static STACK_OF(X509) * read_anchor(struct slice text)
{
    STACK_OF(X509) *anchors = sk_X509_new_null();
    if (anchors == NULL || text.size == 0 || text.size > INT32_MAX)
        return anchors;
    X509 *alone = text.data[0] == 0x30 ? read_der(text) : NULL;
    if (alone != NULL) {
        if (push(anchors, alone))
            return anchors;
        sk_X509_free(anchors);
        return NULL;
    }
    BIO *bio = BIO_new_mem_buf(text.data, (int)text.size);
    bool is_read = bio != NULL;
    while (is_read && sk_X509_num(anchors) < ANCHOR_CERTIFICATES_MAX) {
        X509 *next = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (next == NULL)
            break; /* the end, or what is none */
        is_read = push(anchors, next);
    }
    BIO_free(bio);
    ERR_clear_error();
    return anchors;
}

bool auth_x509_is_anchor(struct slice certificates)
{
    STACK_OF(X509) *anchors = read_anchor(certificates);
    bool is_anchor = anchors != NULL && sk_X509_num(anchors) > 0;
    for (int i = 0; is_anchor && i < sk_X509_num(anchors); i++)
        is_anchor = X509_check_ca(sk_X509_value(anchors, i)) == 1;
    auth_certificate_chain_free(anchors);
    return is_anchor;
}

static bool verify_chain(X509_STORE_CTX *context, X509 *leaf, STACK_OF(X509) * chain,
                         STACK_OF(X509) * trusted, int64_t now_ms)
{
    if (X509_STORE_CTX_init(context, NULL, leaf, chain) != 1)
        return false;
    X509_STORE_CTX_set0_trusted_stack(context, trusted);
    X509_VERIFY_PARAM *limits = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_depth(limits, AUTH_X509_CHAIN_MAX + 1);
    X509_VERIFY_PARAM_set_auth_level(limits, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_time(limits, (time_t)(now_ms / 1000));
    return X509_VERIFY_PARAM_set_flags(limits, X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
           X509_VERIFY_PARAM_set_purpose(limits, X509_PURPOSE_SSL_CLIENT) == 1 &&
           X509_verify_cert(context) == 1;
}

bool auth_certificate_leads_to(X509 *leaf, STACK_OF(X509) * chain,
                               const struct auth_trust_anchor *anchor, int64_t now_ms)
{
    STACK_OF(X509) *trusted = read_anchor(anchor->certificates);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool leads = trusted != NULL && sk_X509_num(trusted) > 0 && context != NULL &&
                 verify_chain(context, leaf, chain, trusted, now_ms);
    X509_STORE_CTX_free(context);
    auth_certificate_chain_free(trusted);
    return leads;
}

bool auth_certificate_signed(X509 *certificate, int kind, struct slice text, struct slice signature)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL || EVP_PKEY_get_base_id(key) != kind)
        return false;
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool is_signed =
        state != NULL &&
        EVP_DigestVerifyInit_ex(state, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
        EVP_DigestVerify(state, signature.data, signature.size, text.data, text.size) == 1;
    EVP_MD_CTX_free(state);
    return is_signed;
}

/* An ASN.1 string in UTF-8. Absent: it cannot be, or memory. */
static struct slice copy_string(struct arena *arena, const ASN1_STRING *string)
{
    unsigned char *utf8 = NULL;
    struct slice copy = SLICE_ABSENT;
    int size = ASN1_STRING_to_UTF8(&utf8, string);
    if (size < 0)
        return copy;
    if (!arena_copy(arena, slice_of(utf8, (size_t)size), &copy))
        copy = SLICE_ABSENT;
    OPENSSL_free(utf8);
    return copy;
}

static struct slice copy_name(struct arena *arena, X509_NAME *name)
{
    struct slice copy = SLICE_ABSENT;
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL &&
        X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long size = BIO_get_mem_data(bio, &text);
        if (size > NAME_BYTES_MAX ||
            !arena_copy(arena, slice_of(size == 0 ? "" : text, (size_t)size), &copy))
            copy = SLICE_ABSENT;
    }
    BIO_free(bio);
    return copy;
}

struct slice auth_certificate_serial(struct arena *arena, X509 *certificate)
{
    struct slice copy = SLICE_ABSENT;
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *text = number == NULL ? NULL : BN_bn2dec(number);
    if (text != NULL && !arena_copy(arena, slice_of_cstring(text), &copy))
        copy = SLICE_ABSENT;
    OPENSSL_free(text);
    BN_free(number);
    return copy;
}

static struct slice serial_hex(struct arena *arena, X509 *certificate)
{
    struct slice copy = SLICE_ABSENT;
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *text = number == NULL ? NULL : BN_bn2hex(number);
    if (text != NULL && !auth_copy_lower(arena, slice_of_cstring(text), &copy))
        copy = SLICE_ABSENT;
    OPENSSL_free(text);
    BN_free(number);
    return copy;
}

/* What is being collected of a certificate. */
struct collection {
    struct arena *arena;
    struct auth_tag *tags;
    size_t tag_count;
    struct slice *dns_names;
    size_t dns_name_count;
    struct slice *uris;
    size_t uri_count;
    bool failed; /* memory */
};

static void add_tag(struct collection *collection, const char *field, const char *specifier,
                    struct slice value)
{
    struct buf key;
    buf_init(&key, collection->arena, NAME_BYTES_MAX);
    buf_append_format(&key, "%s/%s", field, specifier);
    if (key.failed) {
        collection->failed = true;
        return;
    }
    for (size_t i = 0; i < collection->tag_count; i++) {
        if (slice_equal(collection->tags[i].key, buf_slice(&key)))
            return;
    }
    if (collection->tag_count < AUTH_X509_TAGS_MAX)
        collection->tags[collection->tag_count++] = (struct auth_tag){buf_slice(&key), value};
}

/* All attributes of a name that have a short one. */
static void add_name(struct collection *collection, const char *field, X509_NAME *name)
{
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        int kind = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        struct slice value = copy_string(collection->arena, X509_NAME_ENTRY_get_data(entry));
        if (kind != NID_undef && slice_present(value))
            add_tag(collection, field, OBJ_nid2sn(kind), value);
    }
}

static void add_alternative(struct collection *collection, const GENERAL_NAME *name)
{
    int kind = 0;
    void *value = GENERAL_NAME_get0_value(name, &kind);
    if (kind == GEN_DIRNAME) {
        add_name(collection, "x509SAN/Name", value);
        return;
    }
    if (kind != GEN_DNS && kind != GEN_URI)
        return;
    struct slice text = copy_string(collection->arena, value);
    if (!slice_present(text))
        return;
    bool is_dns = kind == GEN_DNS;
    struct slice *items = is_dns ? collection->dns_names : collection->uris;
    size_t *count = is_dns ? &collection->dns_name_count : &collection->uri_count;
    if (*count < AUTH_X509_NAMES_MAX)
        items[(*count)++] = text;
    add_tag(collection, "x509SAN", is_dns ? "DNS" : "URI", text);
}

static void add_alternatives(struct collection *collection, X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        add_alternative(collection, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
}

static int64_t not_after_ms(X509 *certificate)
{
    struct tm fields;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &fields) != 1)
        return 0;
    return (int64_t)timegm(&fields) * 1000;
}

const struct error *auth_certificate_describe(struct arena *arena, X509 *certificate,
                                              struct auth_x509_identity *ret_identity)
{
    struct collection collection = {
        .arena = arena,
        .tags = ARENA_NEW_ARRAY(arena, struct auth_tag, AUTH_X509_TAGS_MAX),
        .dns_names = ARENA_NEW_ARRAY(arena, struct slice, AUTH_X509_NAMES_MAX),
        .uris = ARENA_NEW_ARRAY(arena, struct slice, AUTH_X509_NAMES_MAX),
    };
    if (collection.tags == NULL || collection.dns_names == NULL || collection.uris == NULL)
        return error_exhausted();
    struct slice subject = copy_name(arena, X509_get_subject_name(certificate));
    struct slice issuer = copy_name(arena, X509_get_issuer_name(certificate));
    struct slice serial = auth_certificate_serial(arena, certificate);
    struct slice hex = serial_hex(arena, certificate);
    add_name(&collection, "x509Subject", X509_get_subject_name(certificate));
    add_name(&collection, "x509Issuer", X509_get_issuer_name(certificate));
    add_alternatives(&collection, certificate);
    if (collection.failed || !slice_present(subject) || !slice_present(issuer) ||
        !slice_present(serial) || !slice_present(hex))
        return error_exhausted();
    ret_identity->subject = subject;
    ret_identity->issuer = issuer;
    ret_identity->serial = serial;
    ret_identity->serial_hex = hex;
    ret_identity->dns_names =
        (struct auth_x509_names){collection.dns_names, collection.dns_name_count};
    ret_identity->uris = (struct auth_x509_names){collection.uris, collection.uri_count};
    ret_identity->not_after_ms = not_after_ms(certificate);
    ret_identity->tags = collection.tags;
    ret_identity->tag_count = collection.tag_count;
    return NULL;
}
