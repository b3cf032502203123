#pragma once
// OpenSSL as Swift sees it: its macros and stack types as functions with the prefix copenssl_.
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <time.h>

static inline long copenssl_only_tls13(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) && SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
}
static inline long copenssl_tls12_or_later(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
static inline int copenssl_set_versions(SSL_CTX *context, int lowest, int highest) {
    return SSL_CTX_set_min_proto_version(context, lowest) && SSL_CTX_set_max_proto_version(context, highest);
}
static inline int copenssl_set_session_versions(SSL *ssl, int lowest, int highest) {
    return SSL_set_min_proto_version(ssl, lowest) && SSL_set_max_proto_version(ssl, highest);
}
static inline int copenssl_set_groups(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, list);
}
static inline void copenssl_disable_session_cache(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
static inline void copenssl_set_mode(SSL_CTX *context) {
    SSL_CTX_set_mode(
        context,
        SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
}
static inline void copenssl_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
}
static inline int copenssl_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}
static inline int copenssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}
static inline void *copenssl_app_data(SSL *ssl) { return SSL_get_app_data(ssl); }
static inline void copenssl_set_app_data(SSL *ssl, void *data) { SSL_set_app_data(ssl, data); }
static inline SSL *copenssl_ssl_of_store(X509_STORE_CTX *store) {
    return (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
}
static inline void copenssl_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline void copenssl_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline const char *copenssl_alert_text(int alert) { return SSL_alert_desc_string_long(alert); }
static inline int copenssl_error_reason(unsigned long error) { return ERR_GET_REASON(error); }
static inline int copenssl_is_ssl_error(unsigned long error) { return ERR_GET_LIB(error) == ERR_LIB_SSL; }

static inline EVP_PKEY *copenssl_new_p256_key(void) { return EVP_EC_gen("P-256"); }
static inline long copenssl_memory_contents(BIO *bio, const char **data) {
    return BIO_get_mem_data(bio, (char **)data);
}
// Never asks on a terminal: a key with a passphrase fails instead.
static inline int copenssl_no_passphrase(char *buffer, int size, int writing, void *data) {
    (void)buffer, (void)size, (void)writing, (void)data;
    return -1;
}
static inline EVP_PKEY *copenssl_read_key(BIO *bio) {
    return PEM_read_bio_PrivateKey(bio, NULL, copenssl_no_passphrase, NULL);
}
static inline X509 *copenssl_read_certificate(BIO *bio) {
    return PEM_read_bio_X509(bio, NULL, copenssl_no_passphrase, NULL);
}
static inline X509_CRL *copenssl_read_revocations(BIO *bio) {
    return PEM_read_bio_X509_CRL(bio, NULL, copenssl_no_passphrase, NULL);
}
// Every certificate of a chain is looked up in a list of revocations, and refused without one of its issuer.
static inline int copenssl_check_revocations(X509_STORE *store) {
    return X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}
// The subject in the form of RFC 2253.
static inline int copenssl_print_subject(BIO *bio, const X509 *certificate) {
    return X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0;
}
// The SHA-256 digest of the key as the certificate has it (SubjectPublicKeyInfo); `digest` has room for EVP_MAX_MD_SIZE bytes.
static inline int copenssl_digest_key(const X509 *certificate, unsigned char *digest, unsigned int *length) {
    return ASN1_item_digest(
        ASN1_ITEM_rptr(X509_PUBKEY), EVP_sha256(), X509_get_X509_PUBKEY(certificate), digest, length);
}
// True if the last error is only the end of the PEM text.
static inline int copenssl_at_end_of_pem(void) {
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// Subject alternative names.
static inline GENERAL_NAMES *copenssl_names(const X509 *certificate) {
    return (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}
static inline int copenssl_name_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
// 6: URI, 2: DNS name, 0: another kind, for which nothing is stored.
static inline int copenssl_name(const GENERAL_NAMES *names, int index, const unsigned char **data, int *length) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name->type != GEN_URI && name->type != GEN_DNS) return 0;
    *data = ASN1_STRING_get0_data(name->d.ia5);
    *length = ASN1_STRING_length(name->d.ia5);
    return name->type;
}
static inline int copenssl_unix_seconds(const ASN1_TIME *time, int64_t *seconds) {
    struct tm fields;
    if (!ASN1_TIME_to_tm(time, &fields)) return 0;
    *seconds = timegm(&fields);
    return 1;
}

// A signed request with an empty subject and one critical URI name (Istio's form); null on failure.
static inline X509_REQ *copenssl_request(EVP_PKEY *key, const unsigned char *uri, int length) {
    X509_REQ *request = X509_REQ_new();
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
    X509_EXTENSION *extension = NULL;
    int done = 0;
    if (!request || !names || !name || !text || !extensions) goto out;
    if (!ASN1_STRING_set(text, uri, length)) goto out;
    GENERAL_NAME_set0_value(name, GEN_URI, text);
    text = NULL;
    if (!sk_GENERAL_NAME_push(names, name)) goto out;
    name = NULL;
    extension = X509V3_EXT_i2d(NID_subject_alt_name, 1, names);
    if (!extension || !sk_X509_EXTENSION_push(extensions, extension)) goto out;
    extension = NULL;
    done = X509_REQ_set_version(request, 0) && X509_REQ_set_pubkey(request, key) &&
           X509_REQ_add_extensions(request, extensions) && X509_REQ_sign(request, key, EVP_sha256()) > 0;
out:
    ASN1_IA5STRING_free(text);
    GENERAL_NAME_free(name);
    GENERAL_NAMES_free(names);
    X509_EXTENSION_free(extension);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    if (!done) {
        X509_REQ_free(request);
        return NULL;
    }
    return request;
}
