// What libcrypto offers to the program (docs/decisions/0021-few-algorithms.md).

import COpenSSL
import Testing

@testable import Sealing

@Suite("libcrypto")
struct AllowedAlgorithmTests {
    init() { _ = OpenSSL.shared }

    @Test("offers what is used here", arguments: ["AES-256-GCM", "id-aes256-GCM"])
    func ciphers(name: String) { #expect(isCipher(name)) }

    @Test(
        "offers no other cipher",
        arguments: [
            "AES-128-GCM", "AES-256-CBC", "AES-256-ECB", "AES-256-CTR", "AES-256-GCM-SIV",
            "ChaCha20-Poly1305", "NULL",
        ])
    func noOtherCiphers(name: String) { #expect(!isCipher(name)) }

    @Test("offers two hashes and no other")
    func hashes() {
        #expect(["SHA256", "SHA2-256", "SHA512"].allSatisfy(isHash))
        let others = ["MD5", "SHA1", "SHA224", "SHA384", "SHA512-256", "SHA3-256", "BLAKE2B-512"]
        #expect(!others.contains(where: isHash))
    }

    @Test("offers one code, and no key but those of curve 25519")
    func keys() {
        #expect(isCode("HMAC"))
        #expect(!["CMAC", "GMAC", "KMAC-128", "POLY1305", "SIPHASH"].contains(where: isCode))
        #expect(["X25519", "ED25519"].allSatisfy(isKey))
        #expect(!["RSA", "EC", "DH", "X448", "ED448", "HKDF", "HMAC"].contains(where: isKey))
    }

    private func isCipher(_ name: String) -> Bool {
        let found = EVP_CIPHER_fetch(nil, name, nil)
        defer { EVP_CIPHER_free(found) }
        return found != nil
    }

    private func isHash(_ name: String) -> Bool {
        let found = EVP_MD_fetch(nil, name, nil)
        defer { EVP_MD_free(found) }
        return found != nil
    }

    private func isCode(_ name: String) -> Bool {
        let found = EVP_MAC_fetch(nil, name, nil)
        defer { EVP_MAC_free(found) }
        return found != nil
    }

    private func isKey(_ name: String) -> Bool {
        let found = EVP_KEYMGMT_fetch(nil, name, nil)
        defer { EVP_KEYMGMT_free(found) }
        return found != nil
    }
}
