// What an issuer's secrets look like: a small pattern language that is matched in linear time.

/// A compiled pattern that is held against a whole value.
///
/// Literals; classes `[A-Za-z0-9_-]`, `\w`, `\d`; groups with alternatives `(live|test)`; repeats
/// `{n}`, `{n,m}`, `?`, `+`, `*` behind a character, a class or a group without repeats of its own.
/// No anchors, no look-around, no back references. At most `mostStates` states.
struct Shape: Hashable, Sendable {
    static let mostStates = 4_096
    /// Longer values are not held against a shape.
    static let longestValue = 65_536

    /// As it stands in the profile.
    let pattern: String
    private let states: [State]
    var stateCount: Int { states.count }
    private let start: Int

    /// A set of bytes.
    private struct ByteSet: Hashable, Sendable {
        var low: UInt64 = 0
        var high: UInt64 = 0

        mutating func insert(_ byte: UInt8) {
            if byte < 64 { low |= 1 << UInt64(byte) }
            if (64..<128).contains(byte) { high |= 1 << UInt64(byte - 64) }
        }

        func contains(_ byte: UInt8) -> Bool {
            byte < 64
                ? low >> UInt64(byte) & 1 == 1
                : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
        }
    }

    private enum State: Hashable, Sendable {
        case bytes(ByteSet, next: Int)
        case split(Int, Int)
        case accept
    }

    /// Why a pattern is refused; the place is an offset in characters.
    enum Defect: Error, Hashable {
        case syntax(Int)
        case repeatInRepeat(Int)
        case tooLarge, notASCII
    }

    init(_ pattern: String) throws(Defect) {
        guard pattern.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) else { throw .notASCII }
        guard pattern.utf8.count <= 1_024 else { throw .tooLarge }
        var parser = PatternParser(Array(pattern.utf8))
        let tree = try parser.alternatives(isInGroup: false)
        var builder = Builder()
        let accept = try builder.add(.accept)
        start = try builder.build(tree, next: accept)
        states = builder.states
        self.pattern = pattern
    }

    /// Whether the whole of `value` fits. Time is at most its length times the number of states.
    func matches(_ value: Span<UInt8>) -> Bool {
        var steps = 0
        return matches(value, counting: &steps)
    }

    /// The same, adding the number of states that were looked at to `steps`.
    func matches(_ value: Span<UInt8>, counting steps: inout Int) -> Bool {
        guard value.count <= Self.longestValue else { return false }
        var current = Front(states.count)
        var next = Front(states.count)
        follow(start, into: &current)
        for index in value.indices {
            next.clear()
            steps += current.members.count
            for state in current.members {
                if case .bytes(let set, let target) = states[state], set.contains(value[index]) {
                    follow(target, into: &next)
                }
            }
            swap(&current, &next)
            if current.members.isEmpty { return false }
        }
        return current.members.contains { states[$0] == .accept }
    }

    /// States that are active at one place, each once.
    private struct Front {
        private(set) var members: [Int] = []
        private var marks: [Bool]

        init(_ count: Int) { marks = Array(repeating: false, count: count) }

        mutating func insert(_ state: Int) -> Bool {
            guard !marks[state] else { return false }
            marks[state] = true
            members.append(state)
            return true
        }

        mutating func clear() {
            for member in members { marks[member] = false }
            members.removeAll(keepingCapacity: true)
        }
    }

    private func follow(_ state: Int, into front: inout Front) {
        var pending = [state]
        while let state = pending.popLast() {
            guard front.insert(state), case .split(let left, let right) = states[state] else {
                continue
            }
            pending.append(left)
            pending.append(right)
        }
    }
}

// Compiling.
extension Shape {
    private indirect enum Tree {
        case bytes(ByteSet)
        case sequence([Tree])
        case choice([Tree])
        case repeated(Tree, Int, Int?)
    }

    private struct Builder {
        var states: [State] = []

        mutating func add(_ state: State) throws(Defect) -> Int {
            guard states.count < mostStates else { throw .tooLarge }
            states.append(state)
            return states.count - 1
        }

        /// Adds the states of `tree` in front of `next` and returns the first of them.
        mutating func build(_ tree: Tree, next: Int) throws(Defect) -> Int {
            switch tree {
            case .bytes(let set): return try add(.bytes(set, next: next))
            case .sequence(let parts):
                var next = next
                for part in parts.reversed() { next = try build(part, next: next) }
                return next
            case .choice(let choices):
                var first = try build(choices[choices.count - 1], next: next)
                for choice in choices.dropLast().reversed() {
                    first = try add(.split(try build(choice, next: next), first))
                }
                return first
            case .repeated(let part, let least, let most):
                var first = next
                if let most {
                    for _ in least..<max(least, most) {
                        first = try add(.split(try build(part, next: first), next))
                    }
                } else {
                    let loop = try add(.split(next, next))
                    states[loop] = .split(try build(part, next: loop), next)
                    first = loop
                }
                for _ in 0..<least { first = try build(part, next: first) }
                return first
            }
        }
    }

    private struct PatternParser {
        private let text: [UInt8]
        private var place = 0

        init(_ text: [UInt8]) { self.text = text }

        mutating func alternatives(isInGroup: Bool) throws(Defect) -> Tree {
            var choices: [Tree] = []
            var parts: [Tree] = []
            while place < text.count, !(isInGroup && text[place] == UInt8(ascii: ")")) {
                if text[place] == UInt8(ascii: "|") {
                    place += 1
                    choices.append(.sequence(parts))
                    parts = []
                } else {
                    parts.append(try repeated())
                }
            }
            choices.append(.sequence(parts))
            return choices.count == 1 ? choices[0] : .choice(choices)
        }

        private mutating func repeated() throws(Defect) -> Tree {
            let part = try atom()
            guard place < text.count else { return part }
            let start = place
            let bounds: (Int, Int?)
            switch text[place] {
            case UInt8(ascii: "?"): bounds = (0, 1)
            case UInt8(ascii: "+"): bounds = (1, nil)
            case UInt8(ascii: "*"): bounds = (0, nil)
            case UInt8(ascii: "{"): bounds = try counted()
            default: return part
            }
            place += 1
            guard !Self.holdsRepeat(part) else { throw .repeatInRepeat(start) }
            return .repeated(part, bounds.0, bounds.1)
        }

        /// `{n}`, `{n,}` or `{n,m}`; stops at the closing brace.
        private mutating func counted() throws(Defect) -> (Int, Int?) {
            let start = place
            guard let end = text[place...].firstIndex(of: UInt8(ascii: "}")) else {
                throw .syntax(start)
            }
            let inside = text[(place + 1)..<end]
            let parts = inside.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { Self.number($0) }
            place = end
            guard (1...2).contains(parts.count), let least = parts[0],
                (0...mostStates).contains(least)
            else { throw .syntax(start) }
            if parts.count == 1 { return (least, least) }
            if inside.last == UInt8(ascii: ",") { return (least, nil) }
            guard let most = parts[1], most >= least, most <= mostStates else {
                throw .syntax(start)
            }
            return (least, most)
        }

        /// Digits alone; `Int` would take a sign too.
        private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
            guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return Int(String(decoding: digits, as: UTF8.self))
        }

        private static func holdsRepeat(_ tree: Tree) -> Bool {
            switch tree {
            case .bytes: false
            case .repeated: true
            case .sequence(let parts), .choice(let parts): parts.contains { holdsRepeat($0) }
            }
        }

        private mutating func atom() throws(Defect) -> Tree {
            let byte = text[place]
            switch byte {
            case UInt8(ascii: "("):
                place += 1
                let group = try alternatives(isInGroup: true)
                guard place < text.count else { throw .syntax(place) }
                place += 1
                return group
            case UInt8(ascii: "["): return .bytes(try byteClass())
            case UInt8(ascii: "\\"): return .bytes(try escaped())
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
                UInt8(ascii: "?"), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "."),
                UInt8(ascii: "^"), UInt8(ascii: "$"):
                throw .syntax(place)
            default:
                place += 1
                var set = ByteSet()
                set.insert(byte)
                return .bytes(set)
            }
        }

        /// `\w`, `\d` or a character that has a meaning otherwise.
        private mutating func escaped() throws(Defect) -> ByteSet {
            guard place + 1 < text.count else { throw .syntax(place) }
            let byte = text[place + 1]
            var set = ByteSet()
            switch byte {
            case UInt8(ascii: "d"): for digit in UInt8(48)...57 { set.insert(digit) }
            case UInt8(ascii: "w"):
                for ranges in [UInt8(48)...57, 65...90, 97...122, 95...95] {
                    for byte in ranges { set.insert(byte) }
                }
            case 48...57, 65...90, 97...122: throw .syntax(place)
            default: set.insert(byte)
            }
            place += 2
            return set
        }

        private mutating func byteClass() throws(Defect) -> ByteSet {
            let start = place
            var set = ByteSet()
            place += 1
            while place < text.count, text[place] != UInt8(ascii: "]") {
                if text[place] == UInt8(ascii: "\\") {
                    let more = try escaped()
                    set.low |= more.low
                    set.high |= more.high
                    continue
                }
                let first = text[place]
                guard first != UInt8(ascii: "[") && first != UInt8(ascii: "^") else {
                    throw .syntax(place)
                }
                place += 1
                var last = first
                if place + 1 < text.count, text[place] == UInt8(ascii: "-"),
                    text[place + 1] != UInt8(ascii: "]")
                {
                    last = text[place + 1]
                    place += 2
                }
                // `[a-\d]` and `[a-[` name no end of a range.
                guard first <= last, last != UInt8(ascii: "\\"), last != UInt8(ascii: "[") else {
                    throw .syntax(start)
                }
                for byte in first...last { set.insert(byte) }
            }
            guard place < text.count, set != ByteSet() else { throw .syntax(start) }
            place += 1
            return set
        }
    }
}
