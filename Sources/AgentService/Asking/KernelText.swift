// Paths and names that the kernel gives as bytes, as text of bounded length.

internal import VaultModel

enum KernelText {
    /// The text of `bytes`; what is not UTF-8 is replaced, and what is too long loses its
    /// beginning, for the end of a path says more.
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        ending(String(decoding: bytes.suffix(Attribution.longestText), as: UTF8.self))
    }

    /// The end of `text`, at most `Attribution.longestText` bytes of whole characters.
    static func ending(_ text: String) -> String {
        let tooMany = text.utf8.count - Attribution.longestText
        guard tooMany > 0 else { return text }
        var start = text.utf8.index(text.utf8.startIndex, offsetBy: tooMany)
        while start < text.endIndex, text.utf8[start] & 0xc0 == 0x80 {
            start = text.utf8.index(after: start)
        }
        return String(text[start...])
    }
}
