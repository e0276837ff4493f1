// Values taken out of a stream as it passes.

internal import SecretMemory

/// What was hidden is one word, however long it is. A byte is held back only as long as it may
/// belong to what is hidden: as long as it may be in the beginning of a pattern.
struct Mask: ~Copyable {
    static let word = "[redacted]"

    private var search: PatternSearch
    /// What is held back, and which bytes of it are hidden.
    private var held = SecretBytes(capacity: 4_096)
    private var isHidden: [Bool] = []
    /// Where the last hidden byte that is held back ends.
    private var marked = 0
    private var isInHidden = false

    init(_ patterns: SharedPatterns) { search = PatternSearch(patterns) }

    /// Takes what comes, and adds what may be seen to `output`.
    mutating func pass(_ bytes: Span<UInt8>, to output: inout SecretBytes) {
        for index in bytes.indices {
            held.append(bytes[index])
            isHidden.append(false)
            let found = search.take(bytes[index])
            guard found > 0 else { continue }
            for place in max(marked, isHidden.count - found)..<isHidden.count {
                isHidden[place] = true
            }
            marked = isHidden.count
        }
        release(held.count - search.pending, to: &output)
    }

    /// Nothing comes any more: adds what was held back.
    mutating func finish(to output: inout SecretBytes) {
        release(held.count, to: &output)
        search.forget()
    }

    private mutating func release(_ count: Int, to output: inout SecretBytes) {
        guard count > 0 else { return }
        for index in 0..<count {
            if !isHidden[index] {
                output.append(held.bytes[index])
            } else if !isInHidden {
                output.append(Self.word)
            }
            isInHidden = isHidden[index]
        }
        held = SecretBytes(copying: held.bytes.extracting(droppingFirst: count))
        isHidden.removeFirst(count)
        marked = max(0, marked - count)
    }
}
