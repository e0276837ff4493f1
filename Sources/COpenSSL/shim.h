// The only door to OpenSSL's libcrypto. What stands here are macros that Swift cannot import.

#ifndef COFFER_COPENSSL_SHIM_H
#define COFFER_COPENSSL_SHIM_H

#include "allowed.h"
#include "assertion.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

// Starts libcrypto without its configuration file: OPENSSL_CONF and OPENSSL_MODULES can name code to load.
// Without its tables of legacy names and error texts too, which nobody here asks for: they are a fifth
// of the time of a short process.
static inline int coffer_openssl_init(void) {
    int is_started = OPENSSL_init_crypto(
        OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_ADD_ALL_CIPHERS
            | OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
        NULL);
    return is_started == 1 && coffer_allow_only_ours();
}

#endif
