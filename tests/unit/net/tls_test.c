/* What TLS is opened with: files that fit, files that do not, and what is said about them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "net/certificates.h"
#include "net/tls.h"
#include "temporary.h"

enum { ARENA_BYTES = 64 * 1024 };

static struct arena arena;
static char folder[TEMPORARY_PATH_BYTES];
static struct certificate authority;
static struct certificate server;
static struct certificate other;

static int make_files(void **state)
{
    (void)state;
    temporary_folder("tls", folder);
    authority = certificate_make(folder, "authority", NULL);
    server = certificate_make(folder, "server", &authority);
    other = certificate_make(folder, "other", &authority);
    arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    certificate_free(&authority);
    certificate_free(&server);
    certificate_free(&other);
    arena_fini(&arena);
    return rmdir(folder);
}

static struct net_tls_files good_files(void)
{
    return (struct net_tls_files){.certificate = server.path, .key = server.key_path};
}

static void expect_error(const struct error *error, const char *expected)
{
    char message[512];
    assert_non_null(error);
    assert_true(error->message.size < sizeof(message));
    snprintf(message, sizeof(message), "%.*s", SLICE_PRINT(error->message));
    if (strstr(message, expected) == NULL)
        fail_msg("'%s' is not in '%s'", expected, message);
}

static void expect_refused(const struct net_tls_files *files, const char *expected)
{
    struct net_tls *tls = NULL;
    expect_error(net_tls_open(&arena, files, &tls), expected);
    assert_null(tls);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

static void good_files_open(void **state)
{
    (void)state;
    struct net_tls_files files = good_files();
    struct net_tls *tls = NULL;
    assert_null(net_tls_open(&arena, &files, &tls));
    net_tls_close(tls);
    files.client_ca = authority.path;
    assert_null(net_tls_open(&arena, &files, &tls));
    SSL *ssl = net_tls_new_connection(tls);
    assert_non_null(ssl);
    assert_int_equal(SSL_get_verify_mode(ssl), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
    SSL_free(ssl);
    net_tls_close(tls);
    files.client_certificate_is_optional = true;
    assert_null(net_tls_open(&arena, &files, &tls));
    ssl = net_tls_new_connection(tls);
    assert_int_equal(SSL_get_verify_mode(ssl), SSL_VERIFY_PEER);
    net_tls_close(tls);
    SSL_free(ssl); /* a connection may outlive what it came from */
    net_tls_close(NULL);
}

static void what_is_wrong_with_a_file_is_said(void **state)
{
    (void)state;
    struct net_tls_files files = good_files();
    files.certificate = "/no/such/file";
    expect_refused(&files, "Cannot read the TLS certificate /no/such/file: No such file");
    files = good_files();
    files.key = "/no/such/file";
    expect_refused(&files, "Cannot read the TLS key /no/such/file: No such file");
    files = good_files();
    files.client_ca = "/no/such/file";
    expect_refused(&files, "Cannot read the certificates of client authorities /no/such/file");
    files = good_files();
    files.certificate = server.key_path;
    expect_refused(&files, "it must hold certificates in PEM form");
    files = good_files();
    files.key = server.path;
    expect_refused(&files, "it must hold a private key in PEM form");
    files = good_files();
    files.client_ca = server.key_path;
    expect_refused(&files, "it must hold certificates in PEM form");
    files = good_files();
    files.key = other.key_path;
    expect_refused(&files, "does not belong to the certificate");
}

static void a_key_under_a_passphrase_is_not_asked_for(void **state)
{
    (void)state;
    char path[CERTIFICATE_PATH_BYTES];
    snprintf(path, sizeof(path), "%s/protected.key", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    static unsigned char passphrase[] = "open sesame";
    assert_int_equal(PEM_write_PrivateKey(file, server.key, EVP_aes_128_cbc(), passphrase,
                                          sizeof(passphrase) - 1, NULL, NULL),
                     1);
    fclose(file);
    struct net_tls_files files = good_files();
    files.key = path;
    expect_refused(&files, "it is protected by a passphrase");
    unlink(path);
}

static X509 *shown(struct net_tls *tls)
{
    SSL *ssl = net_tls_new_connection(tls);
    assert_non_null(ssl);
    X509 *x509 = SSL_get_certificate(ssl);
    assert_non_null(x509);
    X509_up_ref(x509);
    SSL_free(ssl);
    return x509;
}

static void a_reload_takes_new_files_and_refuses_broken_ones(void **state)
{
    (void)state;
    struct certificate moving = certificate_make(folder, "moving", &authority);
    struct net_tls_files files = {.certificate = moving.path, .key = moving.key_path};
    struct net_tls *tls = NULL;
    assert_null(net_tls_open(&arena, &files, &tls));
    SSL *before = net_tls_new_connection(tls);

    struct certificate renewed = certificate_make(folder, "moving", &authority);
    assert_null(net_tls_reload(&arena, tls));
    X509 *now = shown(tls);
    assert_int_equal(X509_cmp(now, renewed.x509), 0);
    assert_int_equal(X509_cmp(SSL_get_certificate(before), moving.x509), 0);
    X509_free(now);

    write_text(moving.path, "not a certificate\n");
    expect_error(net_tls_reload(&arena, tls), "it must hold certificates in PEM form");
    certificate_write(&renewed);
    write_text(moving.key_path, "not a key\n");
    expect_error(net_tls_reload(&arena, tls), "it must hold a private key in PEM form");
    unlink(moving.key_path);
    expect_error(net_tls_reload(&arena, tls), "Cannot read the TLS key");
    now = shown(tls);
    assert_int_equal(X509_cmp(now, renewed.x509), 0);
    X509_free(now);

    SSL_free(before);
    net_tls_close(tls);
    certificate_free(&moving);
    certificate_free(&renewed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files_open),
        cmocka_unit_test(what_is_wrong_with_a_file_is_said),
        cmocka_unit_test(a_key_under_a_passphrase_is_not_asked_for),
        cmocka_unit_test(a_reload_takes_new_files_and_refuses_broken_ones),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
