// A provider of libcrypto that lets through what coffer uses of the default provider, and nothing else.
// A fetch constructs every algorithm of its kind that it is offered: of 140 ciphers one is used here.
// docs/decisions/0021-few-algorithms.md

#ifndef COFFER_COPENSSL_ALLOWED_H
#define COFFER_COPENSSL_ALLOWED_H

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <string.h>

// One kind of algorithm, and the first names of those that are let through.
struct coffer_kind {
    int operation;
    const char *allowed[2];
    OSSL_ALGORITHM algorithms[3]; // ended by a row of nulls
};

static struct coffer_kind coffer_kinds[] = {
    {OSSL_OP_CIPHER, {"AES-256-GCM"}},
    {OSSL_OP_DIGEST, {"SHA2-256", "SHA2-512"}},
    {OSSL_OP_MAC, {"HMAC"}},
    {OSSL_OP_KEYMGMT, {"X25519", "ED25519"}},
    {OSSL_OP_KEYEXCH, {"X25519"}},
    {OSSL_OP_SIGNATURE, {"ED25519"}},
};
static const size_t coffer_kind_count = sizeof coffer_kinds / sizeof coffer_kinds[0];

static inline int coffer_is_first_name(const char *wanted, const char *names) {
    size_t length = strlen(wanted);
    return strncmp(names, wanted, length) == 0 && (names[length] == ':' || names[length] == '\0');
}

// Takes the allowed ones out of `offered`; all of them have to be there.
static inline int coffer_choose(struct coffer_kind *kind, const OSSL_ALGORITHM *offered) {
    size_t wanted = 0, kept = 0;
    while (wanted < 2 && kind->allowed[wanted] != NULL)
        wanted += 1;
    for (; offered != NULL && offered->algorithm_names != NULL; offered++)
        for (size_t index = 0; index < wanted; index++)
            if (kept < wanted && coffer_is_first_name(kind->allowed[index], offered->algorithm_names))
                kind->algorithms[kept++] = *offered;
    return kept == wanted;
}

static inline const OSSL_ALGORITHM *coffer_query(void *context, int operation, int *no_store) {
    (void)context;
    *no_store = 0;
    for (size_t index = 0; index < coffer_kind_count; index++)
        if (coffer_kinds[index].operation == operation)
            return coffer_kinds[index].algorithms;
    return NULL;
}

static inline int coffer_provider_init(
    const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **context) {
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))coffer_query},
        {0, NULL},
    };
    (void)handle;
    (void)in;
    // In a context of its own: in that of the others every fetch would find the whole of it.
    OSSL_LIB_CTX *apart = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *whole = apart != NULL ? OSSL_PROVIDER_load(apart, "default") : NULL;
    if (whole == NULL)
        return 0;
    for (size_t index = 0; index < coffer_kind_count; index++) {
        int no_store = 0;
        const OSSL_ALGORITHM *offered =
            OSSL_PROVIDER_query_operation(whole, coffer_kinds[index].operation, &no_store);
        if (!coffer_choose(&coffer_kinds[index], offered))
            return 0;
    }
    *out = functions;
    // What is let through is the default provider's code, and works in its context.
    *context = OSSL_PROVIDER_get0_provider_ctx(whole);
    return 1;
}

// Starts the provider: whatever is fetched afterwards without another context comes from it.
static inline int coffer_allow_only_ours(void) {
    return OSSL_PROVIDER_add_builtin(NULL, "coffer", coffer_provider_init) == 1
        && OSSL_PROVIDER_load(NULL, "coffer") != NULL;
}

#endif
