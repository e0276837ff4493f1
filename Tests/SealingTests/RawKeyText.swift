// Raw keys from the texts of tests.

@testable import Sealing

enum RawKeyText {
    /// The bytes of the key that `text` is, or nil.
    static func read(_ text: [UInt8]) -> [UInt8]? {
        switch RawKey(file: text.span) {
        case .some(let key): copy(key.bytes.bytes)
        case .none: nil
        }
    }

    static func read(_ text: String) -> [UInt8]? { read(Array(text.utf8)) }
}
