// SHA-512 for vectors that give the hash of a message; the program itself has it only under HMAC.

import COpenSSL

@testable import Sealing

enum SHA512 {
    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        // libcrypto takes our memory functions only before anybody else uses it.
        _ = OpenSSL.shared
        var digest = [UInt8](repeating: 0, count: 64)
        var count = digest.count
        let status = EVP_Q_digest(nil, "SHA512", nil, bytes, bytes.count, &digest, &count)
        precondition(status == 1 && count == digest.count)
        return digest
    }
}
