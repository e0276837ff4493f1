// Changes of a text that leave every other byte as it is.

internal import SecretMemory

/// Pieces that go, each with the words that come in their place. What stays may hold secrets and is
/// copied in locked memory; the words hold none.
struct TextEdits {
    private var edits: [(range: Range<Int>, words: String)] = []

    mutating func replace(_ range: Range<Int>, by words: String = "") {
        edits.append((range, words))
    }

    mutating func insert(_ words: String, at place: Int) { replace(place..<place, by: words) }

    /// The text with all of them made. They must not overlap.
    func apply(to text: Span<UInt8>) -> SecretBytes {
        var result = SecretBytes(capacity: text.count + 256)
        var place = 0
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            precondition(place <= edit.range.lowerBound, "issuers: edits overlap")
            result.append(text.extracting(place..<edit.range.lowerBound))
            for byte in edit.words.utf8 { result.append(byte) }
            place = edit.range.upperBound
        }
        result.append(text.extracting(place..<text.count))
        return result
    }
}
