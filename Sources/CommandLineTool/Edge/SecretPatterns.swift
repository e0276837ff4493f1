// What is looked for in the output of programs, and the looking, a byte at a time.

internal import SecretMemory

/// Byte strings side by side in locked memory. For each of its beginnings it is known how long the
/// longest border is: what it both begins and ends with (Knuth, Morris and Pratt). These lengths
/// say of a value no more than where it repeats itself.
struct SecretPatterns: ~Copyable, Sendable {
    private var bytes = SecretBytes()
    fileprivate private(set) var places: [(start: Int, count: Int)] = []
    private var borders: [Int32] = []
    /// The patterns that begin with a byte.
    fileprivate private(set) var beginnings = [[Int]](repeating: [], count: 256)

    var isEmpty: Bool { places.isEmpty }

    /// Adds a pattern, unless it is there or too short.
    mutating func add(_ pattern: Span<UInt8>) {
        guard pattern.count >= SecretForm.shortest, !contains(pattern) else { return }
        let start = bytes.count
        bytes.append(pattern)
        beginnings[Int(pattern[0])].append(places.count)
        places.append((start, pattern.count))
        addBorders(of: pattern)
    }

    /// Adds all of others.
    mutating func add(_ others: SharedPatterns) { others.patterns.add(to: &self) }

    private func add(to others: inout SecretPatterns) {
        for (start, count) in places {
            others.add(bytes.bytes.extracting(start..<start + count))
        }
    }

    /// Lines of a value that are shorter are looked for within the whole alone: they may be words.
    private static let shortestLine = 8

    /// Adds a value in all its forms, and without the line break at its end, which shells drop.
    mutating func add(formsOf value: Span<UInt8>) {
        var count = value.count
        while count > 0, [0x0a, 0x0d].contains(value[count - 1]) { count -= 1 }
        for length in Set([value.count, count]) where length >= SecretForm.shortest {
            for form in SecretForm.allCases {
                let encoded = form.encode(value.extracting(first: length))
                add(encoded.bytes)
            }
        }
        add(linesOf: value.extracting(first: count))
    }

    /// Adds the lines of a value that has several, for they may come indented or not all of them.
    private mutating func add(linesOf value: Span<UInt8>) {
        guard value.indices.contains(where: { value[$0] == 0x0a }) else { return }
        var start = 0
        for index in 0...value.count where index == value.count || value[index] == 0x0a {
            var (first, end) = (start, index)
            start = index + 1
            while first < end, value[first] <= 0x20 { first += 1 }
            while end > first, value[end - 1] <= 0x20 { end -= 1 }
            if end - first >= Self.shortestLine { add(value.extracting(first..<end)) }
        }
    }

    private func contains(_ pattern: Span<UInt8>) -> Bool {
        for index in beginnings[Int(pattern[0])] where places[index].count == pattern.count {
            let known = bytes.bytes.extracting(droppingFirst: places[index].start)
            if pattern.indices.allSatisfy({ known[$0] == pattern[$0] }) { return true }
        }
        return false
    }

    private mutating func addBorders(of pattern: Span<UInt8>) {
        let start = borders.count
        var length = 0
        borders.append(0)
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] {
                length = Int(borders[start + length - 1])
            }
            if pattern[index] == pattern[length] { length += 1 }
            borders.append(Int32(length))
        }
    }

    /// How much of pattern `index` has come when `byte` comes behind `matched` bytes of it.
    fileprivate func step(_ index: Int, _ matched: Int, _ byte: UInt8) -> Int {
        let (start, count) = places[index]
        let pattern = bytes.bytes
        var matched = matched
        while matched > 0, matched == count || pattern[start + matched] != byte {
            matched = Int(borders[start + matched - 1])
        }
        return pattern[start + matched] == byte ? matched + 1 : 0
    }

    /// How much of a pattern that has come whole may begin the next one of it.
    fileprivate func rest(of index: Int) -> Int {
        let (start, count) = places[index]
        return Int(borders[start + count - 1])
    }
}

/// Patterns that several look for, each on a thread of its own.
final class SharedPatterns: Sendable {
    fileprivate let patterns: SecretPatterns

    init(_ patterns: consuming SecretPatterns) { self.patterns = patterns }
}

/// Looks for all patterns at once. Each byte costs as much as there are patterns under way.
struct PatternSearch {
    private let shared: SharedPatterns
    /// The patterns under way, and how much of each has come.
    private var open: [(pattern: Int, matched: Int)] = []
    private var isOpen: [Bool]

    init(_ shared: SharedPatterns) {
        self.shared = shared
        isOpen = [Bool](repeating: false, count: shared.patterns.places.count)
    }

    /// Takes the next byte: the length of the longest pattern that ends with it, or 0.
    mutating func take(_ byte: UInt8) -> Int {
        var found = 0
        var kept = 0
        for place in open.indices {
            let index = open[place].pattern
            var matched = shared.patterns.step(index, open[place].matched, byte)
            if matched == shared.patterns.places[index].count {
                found = max(found, matched)
                matched = shared.patterns.rest(of: index)
            }
            if matched > 0 {
                open[kept] = (index, matched)
                kept += 1
            } else {
                isOpen[index] = false
            }
        }
        open.removeLast(open.count - kept)
        for index in shared.patterns.beginnings[Int(byte)] where !isOpen[index] {
            isOpen[index] = true
            open.append((index, 1))
        }
        return found
    }

    /// Begins anew.
    mutating func forget() {
        for (pattern, _) in open { isOpen[pattern] = false }
        open = []
    }

    /// How many of the last bytes may be the beginning of a pattern.
    var pending: Int { open.reduce(0) { max($0, $1.matched) } }
}
