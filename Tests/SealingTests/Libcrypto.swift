// libcrypto in sizes and with hashes that the program does not use, so that all of a vector file is
// run.

import COpenSSL

@testable import Sealing

/// The library under the program, called directly; nil is a refusal.
enum Libcrypto {
    /// The program's own context lets only what it uses through.
    nonisolated(unsafe) private static let whole = {
        _ = OpenSSL.shared
        return OSSL_LIB_CTX_new()
    }()

    /// AES-GCM with a key, a nonce and a tag of any size that the library takes.
    struct GCM {
        /// In bytes.
        static let longestNonce = 128

        let key, nonce, data: [UInt8]

        /// The ciphertext, then the tag.
        func seal(_ plaintext: [UInt8], tagCount: Int) -> [UInt8]? {
            var tag = [UInt8](repeating: 0, count: tagCount)
            return run(isSealing: true) { context in
                guard let ciphertext = Self.finish(context, plaintext),
                    EVP_CIPHER_CTX_ctrl(
                        context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), &tag) == 1
                else { return nil }
                return ciphertext + tag
            }
        }

        func open(_ sealed: [UInt8], tagCount: Int) -> [UInt8]? {
            var tag = Array(sealed.suffix(tagCount))
            return run(isSealing: false) { context in
                guard
                    EVP_CIPHER_CTX_ctrl(
                        context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1
                else { return nil }
                return Self.finish(context, Array(sealed.dropLast(tagCount)))
            }
        }

        private func run(
            isSealing: Bool, _ body: (OpaquePointer?) -> [UInt8]?
        ) -> [UInt8]? {
            // libcrypto takes our memory functions only before anybody else uses it.
            _ = OpenSSL.shared
            let cipher = EVP_CIPHER_fetch(whole, "AES-\(8 * key.count)-GCM", nil)
            let context = EVP_CIPHER_CTX_new()
            defer {
                EVP_CIPHER_CTX_free(context)
                EVP_CIPHER_free(cipher)
            }
            let direction: Int32 = isSealing ? 1 : 0
            var written: Int32 = 0
            guard EVP_CipherInit_ex2(context, cipher, nil, nil, direction, nil) == 1,
                EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.count), nil) == 1,
                EVP_CipherInit_ex2(context, nil, key, nonce, direction, nil) == 1,
                data.isEmpty
                    || EVP_CipherUpdate(context, nil, &written, data, Int32(data.count)) == 1
            else { return nil }
            return body(context)
        }

        private static func finish(_ context: OpaquePointer?, _ text: [UInt8]) -> [UInt8]? {
            var out = [UInt8](repeating: 0, count: text.count + 16)
            var (written, rest): (Int32, Int32) = (0, 0)
            guard
                text.isEmpty
                    || EVP_CipherUpdate(context, &out, &written, text, Int32(text.count)) == 1,
                EVP_CipherFinal_ex(context, &out, &rest) == 1, rest == 0
            else { return nil }
            return Array(out.prefix(Int(written)))
        }
    }

    /// A step of HKDF, or both.
    enum HKDFStep: String {
        case both = "HKDF"
        case extract = "HKDF-Extract"
        case expand = "HKDF-Expand"

        fileprivate var mode: Int32 {
            switch self {
            case .both: Int32(EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND)
            case .extract: Int32(EVP_KDF_HKDF_MODE_EXTRACT_ONLY)
            case .expand: Int32(EVP_KDF_HKDF_MODE_EXPAND_ONLY)
            }
        }
    }

    static func hkdf(
        _ step: HKDFStep, hash: String, key: [UInt8], salt: [UInt8], info: [UInt8], count: Int
    ) -> [UInt8]? {
        _ = OpenSSL.shared
        let digest = EVP_MD_fetch(whole, hash, nil)
        let context = EVP_PKEY_CTX_new_from_name(whole, "HKDF", nil)
        defer {
            EVP_PKEY_CTX_free(context)
            EVP_MD_free(digest)
        }
        var output = [UInt8](repeating: 0, count: count)
        var written = count
        guard EVP_PKEY_derive_init(context) == 1,
            EVP_PKEY_CTX_set_hkdf_mode(context, step.mode) == 1,
            EVP_PKEY_CTX_set_hkdf_md(context, digest) == 1,
            EVP_PKEY_CTX_set1_hkdf_key(context, key, Int32(key.count)) == 1,
            salt.isEmpty || EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)) == 1,
            info.isEmpty || EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1,
            EVP_PKEY_derive(context, &output, &written) == 1, written == count
        else { return nil }
        return output
    }

    /// Blocks under AES alone.
    static func aes(_ key: [UInt8], _ blocks: [UInt8]) -> [UInt8] {
        _ = OpenSSL.shared
        let cipher = EVP_CIPHER_fetch(whole, "AES-\(8 * key.count)-ECB", nil)
        let context = EVP_CIPHER_CTX_new()
        defer {
            EVP_CIPHER_CTX_free(context)
            EVP_CIPHER_free(cipher)
        }
        var out = [UInt8](repeating: 0, count: blocks.count + 16)
        var written: Int32 = 0
        let isDone =
            EVP_EncryptInit_ex2(context, cipher, key, nil, nil) == 1
            && EVP_EncryptUpdate(context, &out, &written, blocks, Int32(blocks.count)) == 1
        precondition(isDone && Int(written) == blocks.count)
        return Array(out.prefix(blocks.count))
    }
}
