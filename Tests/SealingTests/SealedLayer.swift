// The layers of a sealed blob, from the outermost to the innermost.

import SecretMemory

@testable import Sealing

/// Where opening ends.
enum SealedLayer: String {
    /// No message has this many bytes.
    case length
    /// The key or the context is another.
    case commitment
    /// A chunk or its tag is another.
    case chunk
    /// The plaintext is not padded as it is written.
    case padding
    /// The padding is right; what it holds may not be.
    case content

    /// The first layer that refuses `sealed`.
    static func refusing(
        _ sealed: [UInt8], key: borrowing SecretBytes, context: [UInt8]
    ) -> SealedLayer {
        guard Cobblestone.plaintextCount(sealed.count) != nil else { return .length }
        let salt = Array(sealed.prefix(Cobblestone.saltCount))
        let info = Array("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0".utf8) + salt
        let okm = HKDF.expand(
            HMAC(.sha512, key: key.bytes), info: info.span, context.span, count: 76)
        guard copy(okm.bytes.extracting(last: 32)) == Array(sealed[24..<56]) else {
            return .commitment
        }
        let cobblestone = Cobblestone(key: key.bytes)
        switch cobblestone.open(sealed.span, context: context) {
        case .none: return .chunk
        case .some(let padded): return Padding.value(in: padded.bytes) == nil ? .padding : .content
        }
    }
}
