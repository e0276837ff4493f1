// The layers of an entry's private part, from the outermost to the innermost.

import SecretMemory
import VaultModel

@testable import Sealing

/// Where opening one of the vault of the tests ends.
enum DetailLayer: String {
    /// Its form or its epoch is none.
    case frame
    /// It does not open with the keys of this vault, epoch and entry.
    case seal
    case padding
    /// The padding is right; what it holds may not be.
    case detail

    /// The first layer that refuses `sealed`.
    static func refusing(_ sealed: [UInt8], number: UInt64) -> DetailLayer {
        guard sealed.count >= 5, sealed[1..<5].elementsEqual([0, 0, 0, 1]) else { return .frame }
        var place = CanonicalBytes()
        place.add(number)
        let body = Array(sealed.dropFirst(5))
        switch sealed[0] {
        case 1: return refusing(open: body, place.bytes)
        case 2: return refusing(locked: body, place.bytes)
        default: return .frame
        }
    }

    private static func refusing(open body: [UInt8], _ number: [UInt8]) -> DetailLayer {
        let key = TestKeys.root().subkey(.audit, vault: TestKeys.vault, epoch: .first)
        let context = start("audit") + number
        switch SealedLayer.refusing(body, key: key, context: context) {
        case .length, .commitment, .chunk: return .seal
        case .padding: return .padding
        case .content: return .detail
        }
    }

    private static func refusing(locked body: [UInt8], _ number: [UInt8]) -> DetailLayer {
        let privateKey = DepositKey.privateKey(
            of: TestKeys.root(), vault: TestKeys.vault, epoch: .first)
        let ciphertext = Array(body.dropFirst(32))
        let opened = HPKE.open(
            ciphertext.span, from: Array(body.prefix(32)), with: privateKey.bytes,
            info: start("audit-locked"), authenticating: number)
        switch opened {
        case .none: return .seal
        case .some(let padded):
            return Padding.value(in: padded.bytes) == nil ? .padding : .detail
        }
    }

    private static func start(_ label: StaticString) -> [UInt8] {
        var start = CanonicalBytes(domain: label)
        start.add(TestKeys.vaultBytes)
        start.add(UInt32(1))
        return start.bytes
    }
}
