// The one signature of RSA that coffer makes: RS256 (RFC 7518, 3.3), for issuers that take a signed
// assertion in place of a secret. docs/decisions/0029-calls-through-curl.md
//
// RSA is not among the algorithms that the program is offered (allowed.h): it lives in a context of its
// own, made for one signature and gone after it.

#ifndef COFFER_COPENSSL_ASSERTION_H
#define COFFER_COPENSSL_ASSERTION_H

#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

// A key in PEM, PKCS#1 or PKCS#8, of at least 2,048 bits, or NULL. One that is encrypted is none: nobody is
// asked for a passphrase.
static inline EVP_PKEY *coffer_rsa_key(OSSL_LIB_CTX *apart, const unsigned char *pem, size_t length) {
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *decoder =
        OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, "RSA", EVP_PKEY_KEYPAIR, apart, NULL);
    if (decoder == NULL)
        return NULL;
    int is_read = OSSL_DECODER_from_data(decoder, &pem, &length) == 1;
    OSSL_DECODER_CTX_free(decoder);
    if (is_read && key != NULL && EVP_PKEY_get_bits(key) >= 2048)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

// Writes the signature of `message` to `signature`, which has room for *signature_length bytes; 1, or 0 if
// there is no such key or the room is too small.
static inline int coffer_sign_rs256(
    const unsigned char *pem, size_t pem_length, const unsigned char *message, size_t length,
    unsigned char *signature, size_t *signature_length) {
    int is_signed = 0;
    OSSL_LIB_CTX *apart = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *whole = apart != NULL ? OSSL_PROVIDER_load(apart, "default") : NULL;
    EVP_PKEY *key = whole != NULL ? coffer_rsa_key(apart, pem, pem_length) : NULL;
    EVP_MD_CTX *context = key != NULL ? EVP_MD_CTX_new() : NULL;
    if (context != NULL)
        is_signed = EVP_DigestSignInit_ex(context, NULL, "SHA256", apart, NULL, key, NULL) == 1
            && EVP_DigestSign(context, signature, signature_length, message, length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (whole != NULL)
        OSSL_PROVIDER_unload(whole);
    OSSL_LIB_CTX_free(apart);
    return is_signed;
}

#endif
