// Yes and no as programs write them into XML.

/// KeePass writes `True`, others `true` or `1`.
enum XMLFlag {
    private static let yes: [StaticString] = ["true", "1"]
    private static let no: [StaticString] = ["false", "0", "null", ""]

    static func isYes(_ text: Span<UInt8>) -> Bool { isAny(of: yes, text) }
    static func isNo(_ text: Span<UInt8>) -> Bool { isAny(of: no, text) }

    private static func isAny(of words: [StaticString], _ text: Span<UInt8>) -> Bool {
        words.contains { word in
            guard text.count == word.utf8CodeUnitCount else { return false }
            return text.indices.allSatisfy { index in
                let byte = text[index]
                let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                return unsafe (isCapital ? byte | 0x20 : byte) == word.utf8Start[index]
            }
        }
    }
}
