// What travels between a front end and the agent (`docs/spec/agent-protocol.md`): a length, a topic
// and fields, all of it in locked memory, for any of it may hold a value.

public import SecretMemory
internal import VaultModel

/// What a frame is about. A reply repeats nothing of its request.
public enum Topic: UInt8, Hashable, Sendable, CaseIterable {
    // Requests.
    case hello = 0x01
    case status = 0x02
    case unlock = 0x03
    case lock = 0x04
    case fetch = 0x10
    case fetchUnlogged = 0x11
    case describe = 0x12
    case list = 0x13
    case preflight = 0x14
    case store = 0x15
    case edit = 0x16
    case rename = 0x17
    case remove = 0x18
    case restore = 0x19
    case purge = 0x1a
    case names = 0x1b
    case enterAudit = 0x20
    case events = 0x21
    case record = 0x22
    case keys = 0x23
    case verifyRows = 0x24
    case permit = 0x28
    case sessionGrants = 0x29
    case forgetGrants = 0x2a
    case depositFacts = 0x30
    case retryDeposits = 0x31
    case discardDeposits = 0x32
    case discard = 0x33
    case showPending = 0x34
    case accept = 0x35
    case beginRotation = 0x40
    case advanceRotation = 0x41
    case storeRotated = 0x42
    case history = 0x43
    case rollBack = 0x44
    // Replies.
    case done = 0x80
    case failed = 0x81
    /// More of the answer follows.
    case part = 0x82
}

/// The shape of frames: `u32 length ‖ u8 topic ‖ fields`, the length that of topic and fields.
public enum Frame {
    /// The protocol of this program; an agent and a client of different ones do not talk.
    public static let version: UInt16 = 1
    /// Bytes of the length.
    public static let headCount = 4
    /// Longest frame before the greeting, in bytes.
    public static let longestGreeting = 64 * 1_024
    /// Longest frame after it: the largest secret and its description.
    public static let longest = 17 * 1_024 * 1_024
    /// Milliseconds in which a frame that has begun must be there.
    public static let patience: Int64 = 5_000

    /// The length that a head announces, or nil if no such frame may come.
    public static func length(_ head: Span<UInt8>, isGreeting: Bool) -> Int? {
        var reader = CanonicalReader(head)
        guard let length = reader.number(UInt32.self), length > 0 else { return nil }
        return Int(length) <= (isGreeting ? longestGreeting : longest) ? Int(length) : nil
    }
}

/// A frame that is being written.
public struct FrameWriter: ~Copyable {
    private var bytes: SecretBytes

    public init(_ topic: Topic, capacity: Int = 512) {
        bytes = SecretBytes(capacity: capacity)
        bytes.append(zeros: Frame.headCount)
        bytes.append(topic.rawValue)
    }

    /// Bytes so far.
    var count: Int { bytes.count }

    public mutating func add(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    public mutating func add(_ flag: Bool) { add(UInt8(flag ? 1 : 0)) }

    public mutating func add(prefixed span: Span<UInt8>) {
        add(UInt32(span.count))
        bytes.append(span)
    }

    /// Bytes without a length, to the end of the frame.
    mutating func add(raw span: Span<UInt8>) { bytes.append(span) }

    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in unsafe add(prefixed: utf8.span) }
    }

    /// Nothing, or a value behind a 1.
    public mutating func add(ifAny text: String?) {
        add(text != nil)
        if let text { add(text) }
    }

    public mutating func add(ifAny number: UInt64?) {
        add(number != nil)
        if let number { add(number) }
    }

    /// The whole frame.
    public consuming func finish() -> SecretBytes {
        var frame = bytes
        let count = UInt32(frame.count - Frame.headCount)
        var span = frame.mutableBytes
        for index in 0..<Frame.headCount {
            span[index] = UInt8(truncatingIfNeeded: count >> (24 - 8 * index))
        }
        return frame
    }
}

extension CanonicalReader {
    /// One byte that is 0 or 1.
    @_lifetime(self: copy self)
    mutating func flag() -> Bool? {
        switch number(UInt8.self) {
        case 0: false
        case 1: true
        default: nil
        }
    }
}
