// Taking secrets out of what another program said, before a person or a log sees it.

internal import SecretMemory

/// Best effort: a value and its usual encodings. A value of fewer than four bytes is left alone:
/// hiding every `a` would hide the message too. Time is linear in the text and in what is hidden.
struct Redactor: ~Copyable, ~Escapable {
    private let text: Span<UInt8>
    private var isHidden: [Bool]

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) {
        self.text = text
        isHidden = [Bool](repeating: false, count: text.count)
    }

    /// Hides a value wherever it stands.
    @_lifetime(self: copy self)
    mutating func hide(_ value: Span<UInt8>) {
        // No encoding is shorter than the value.
        guard value.count >= SecretForm.shortest, value.count <= text.count else { return }
        for form in SecretForm.allCases {
            let encoded = form.encode(value)
            mark(encoded.bytes)
        }
    }

    /// Hides what is repeated of a value: eight bytes in a row that stand in it, and its short
    /// lines. It may be output that was not understood, any part of which may be the secret.
    @_lifetime(self: copy self)
    mutating func hideTraces(of output: Span<UInt8>) {
        var traces = Traces()
        var start = 0
        for index in 0...output.count where index == output.count || output[index] == 0x0a {
            let line = Self.trimmed(output.extracting(start..<index))
            if line.count >= SecretForm.shortest { traces.note(all: line) }
            start = index + 1
        }
        for place in text.indices {
            for count in SecretForm.shortest...Traces.longest where place + count <= text.count {
                guard traces.hold(text.extracting(place..<place + count)) else { continue }
                for index in place..<place + count { isHidden[index] = true }
            }
        }
    }

    /// The text with a word in place of each run of hidden bytes. Values overlap, so none is taken
    /// out before all are found.
    func redacted() -> SecretBytes {
        var clean = SecretBytes(capacity: text.count)
        for index in text.indices {
            if !isHidden[index] {
                clean.append(text[index])
            } else if index == 0 || !isHidden[index - 1] {
                for byte in Mask.word.utf8 { clean.append(byte) }
            }
        }
        return clean
    }

    @_lifetime(copy line)
    private static func trimmed(_ line: Span<UInt8>) -> Span<UInt8> {
        var (start, end) = (0, line.count)
        while start < end, line[start] <= 0x20 { start += 1 }
        while end > start, line[end - 1] <= 0x20 { end -= 1 }
        return line.extracting(start..<end)
    }

    /// Marks every place of `needle`.
    @_lifetime(self: copy self)
    private mutating func mark(_ needle: Span<UInt8>) {
        guard needle.count <= text.count else { return }
        var patterns = SecretPatterns()
        patterns.add(needle)
        var search = PatternSearch(SharedPatterns(patterns))
        var marked = 0
        for place in text.indices {
            let found = search.take(text[place])
            guard found > 0 else { continue }
            for index in max(marked, place + 1 - found)...place { isHidden[index] = true }
            marked = place + 1
        }
    }

    /// A Bloom filter of short runs of bytes: it never misses one, and now and then takes another
    /// for one.
    private struct Traces {
        /// Bytes in a row that are no chance.
        static let longest = 8

        private static let bits: UInt64 = 1 << 24
        private var words = [UInt64](repeating: 0, count: Int(Self.bits / 64))
        /// Lengths of what was noted, as bits.
        private var lengths = 0

        /// Notes a line, or if it is longer, all that is in it.
        mutating func note(all line: Span<UInt8>) {
            let count = min(line.count, Self.longest)
            for start in 0...line.count - count { note(line.extracting(start..<start + count)) }
        }

        private mutating func note(_ run: Span<UInt8>) {
            let (word, bit) = Self.place(of: run)
            words[word] |= bit
            lengths |= 1 << run.count
        }

        func hold(_ run: Span<UInt8>) -> Bool {
            guard lengths & 1 << run.count != 0 else { return false }
            let (word, bit) = Self.place(of: run)
            return words[word] & bit != 0
        }

        /// By FNV-1a of the run, folded.
        private static func place(of run: Span<UInt8>) -> (word: Int, bit: UInt64) {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(run.count)
            for index in run.indices { hash = (hash ^ UInt64(run[index])) &* 0x100_0000_01b3 }
            let place = (hash ^ hash >> 32) % bits
            return (Int(place / 64), 1 << (place % 64))
        }
    }
}
