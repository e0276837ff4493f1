// The numbers that the kernel tells of a process: the line of /proc/PID/stat (proc(5)).

/// What is needed of the line. The program's name stands in it, in brackets, and any process may
/// give itself any name: brackets, blanks, line feeds, whole lines of numbers. The last closing
/// bracket of the line is the kernel's, because nothing but numbers and a letter follows it.
struct ProcessStat: Hashable, Sendable {
    let pid: UInt32
    let parent: UInt32
    /// The leader of its session; 0 if it is outside of our name space.
    let session: UInt32
    /// The device of its controlling terminal; 0 if it has none.
    let terminal: Int32
    /// In ticks since the machine started.
    let startTime: UInt64

    /// Nil unless the line is one of the kernel's.
    init?(_ line: ArraySlice<UInt8>) {
        guard let close = line.lastIndex(of: UInt8(ascii: ")")),
            let open = line.firstIndex(of: UInt8(ascii: "(")), open < close
        else { return nil }
        let blank = UInt8(ascii: " ")
        // From field 3, the state; of the last one the end may be missing.
        let fields = line[(close + 1)...].split(separator: blank, maxSplits: 20)
        guard fields.count > 20, fields[0].count == 1,
            let pid: UInt32 = Self.number(line[..<open].dropLast()),
            let parent: UInt32 = Self.number(fields[1]),
            let session: UInt32 = Self.number(fields[3]),
            let terminal: Int32 = Self.number(fields[4]),
            let startTime: UInt64 = Self.number(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.session = session
        self.terminal = terminal
        self.startTime = startTime
    }

    private static func number<N: FixedWidthInteger>(_ digits: ArraySlice<UInt8>) -> N? {
        let isNegative = digits.first == UInt8(ascii: "-")
        guard digits.count > (isNegative ? 1 : 0), N.isSigned || !isNegative else { return nil }
        var number: N = 0
        for byte in isNegative ? digits.dropFirst() : digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let digit = N(byte - UInt8(ascii: "0"))
            let (product, isTooLong) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) =
                isNegative
                ? product.subtractingReportingOverflow(digit)
                : product.addingReportingOverflow(digit)
            guard !isTooLong, !isTooLarge else { return nil }
            number = sum
        }
        return number
    }
}
