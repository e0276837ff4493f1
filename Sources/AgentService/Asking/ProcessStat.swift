// The numbers that the kernel tells of a process: the line of /proc/PID/stat (proc(5)).

/// What is needed of the line. The program's name stands in it, in brackets, and any process may
/// give itself any name: brackets, blanks, line feeds, whole lines of numbers. The last closing
/// bracket of the line is the kernel's, because nothing but numbers and a letter follows it.
struct ProcessStat: Hashable, Sendable {
    let pid: UInt32
    let parent: UInt32
    /// Its process group.
    let group: Int32
    /// The leader of its session; 0 if it is outside of our name space.
    let session: UInt32
    /// The device of its controlling terminal; 0 if it has none.
    let terminal: Int32
    /// The process group that its terminal listens to; -1 if it has none.
    let foreground: Int32
    /// In ticks since the machine started.
    let startTime: UInt64

    /// Nil unless the line is one of the kernel's. Field by field and without a list of them: this
    /// runs before every use of a secret, in a process that has just started.
    init?(_ line: ArraySlice<UInt8>) {
        guard let close = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        var start = Cursor(line)
        guard let pid = start.number(), start.take(" "), start.take("("), start.place <= close
        else { return nil }
        var rest = Cursor(line[(close + 1)...])
        // Field 3 is a letter, 4 the parent, 5 the group, 6 the session, 7 the terminal, 8 its
        // foreground group, 22 the time.
        guard rest.take(" "), rest.letter(), rest.take(" "), let parent = rest.number(),
            rest.take(" "), let group = rest.number(), rest.take(" "),
            let session = rest.number(), rest.take(" "), let terminal = rest.number(),
            rest.take(" "), let foreground = rest.number(), rest.take(" ")
        else { return nil }
        for _ in 9..<22 { guard rest.number() != nil, rest.take(" ") else { return nil } }
        // What follows the time shows that the time is whole.
        guard let time = rest.number(), rest.take(" ") else { return nil }
        guard let pid = UInt32(exactly: pid), let parent = UInt32(exactly: parent),
            let session = UInt32(exactly: session), let terminal = Int32(exactly: terminal),
            let time = UInt64(exactly: time), let group = Int32(exactly: group),
            let foreground = Int32(exactly: foreground)
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.group = group
        self.session = session
        self.terminal = terminal
        self.foreground = foreground
        startTime = time
    }

    /// A place in a line.
    private struct Cursor {
        private let line: ArraySlice<UInt8>
        private(set) var place: Int

        init(_ line: ArraySlice<UInt8>) {
            self.line = line
            place = line.startIndex
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard place < line.endIndex, line[place] == UInt8(ascii: character) else {
                return false
            }
            place += 1
            return true
        }

        mutating func letter() -> Bool {
            guard place < line.endIndex, line[place] > UInt8(ascii: "9") else { return false }
            place += 1
            return true
        }

        /// A number of any size that the kernel writes; some are as large as 64 bits allow.
        mutating func number() -> Int128? {
            let isNegative = take("-")
            let start = place
            var number: Int128 = 0
            while place < line.endIndex, place - start < 20,
                line[place] >= UInt8(ascii: "0"), line[place] <= UInt8(ascii: "9")
            {
                number = number * 10 + Int128(line[place] - UInt8(ascii: "0"))
                place += 1
            }
            guard place > start else { return nil }
            return isNegative ? -number : number
        }
    }
}
