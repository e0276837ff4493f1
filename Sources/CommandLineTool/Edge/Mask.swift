// Values taken out of a stream as it passes.

internal import SecretMemory

/// What was hidden is one word, however long it is. A byte is held back only as long as it may
/// belong to what is hidden: as long as it may be in the beginning of a pattern.
struct Mask: ~Copyable {
    static let word = "[redacted]"

    private var search: PatternSearch
    /// What is held back, and which parts of it are hidden: in their order, none next to another.
    private var held = SecretBytes(capacity: 4_096)
    private var hidden: [Range<Int>] = []
    private var isInHidden = false

    init(_ patterns: SharedPatterns) { search = PatternSearch(patterns) }

    /// Takes what comes, and adds what may be seen to `output`.
    mutating func pass(_ bytes: Span<UInt8>, to output: inout SecretBytes) {
        for index in bytes.indices {
            held.append(bytes[index])
            let found = search.take(bytes[index])
            if found > 0 { hide(last: found) }
        }
        release(held.count - search.pending, to: &output)
    }

    /// A value may lie within another one: what is hidden already becomes part of it.
    private mutating func hide(last count: Int) {
        var start = max(0, held.count - count)
        while let last = hidden.last, last.upperBound >= start {
            start = min(start, last.lowerBound)
            hidden.removeLast()
        }
        hidden.append(start..<held.count)
    }

    /// Nothing comes any more: adds what was held back.
    mutating func finish(to output: inout SecretBytes) {
        release(held.count, to: &output)
        search.forget()
    }

    private mutating func release(_ count: Int, to output: inout SecretBytes) {
        guard count > 0 else { return }
        var place = 0
        for range in hidden where range.lowerBound < count {
            show(place..<range.lowerBound, to: &output)
            if !isInHidden { output.append(Self.word) }
            isInHidden = true
            place = min(range.upperBound, count)
        }
        show(place..<count, to: &output)
        held = SecretBytes(copying: held.bytes.extracting(droppingFirst: count))
        hidden = hidden.compactMap { range in
            guard range.upperBound > count else { return nil }
            return max(0, range.lowerBound - count)..<range.upperBound - count
        }
    }

    private mutating func show(_ range: Range<Int>, to output: inout SecretBytes) {
        guard !range.isEmpty else { return }
        output.append(held.bytes.extracting(range))
        isInHidden = false
    }
}
