// Answers of an agent: written on one side, read on the other.

public import SecretMemory
public import VaultModel

/// The frames that an agent sends. A frame is read by whoever asked the question, who knows what
/// its fields are.
public enum Reply {
    public static func done() -> SecretBytes { FrameWriter(.done).finish() }

    /// Whether a frame of an answer says why there is none.
    public static func isFailure(_ frame: borrowing SecretBytes) -> Bool {
        frame.bytes[Frame.headCount] == Topic.failed.rawValue
    }

    public static func failed(_ error: VaultError) -> SecretBytes {
        var writer = FrameWriter(.failed)
        ErrorCoding.write(error, into: &writer)
        return writer.finish()
    }

    public static func status(_ status: AgentStatus) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(status)
        return writer.finish()
    }

    public static func unlocked(_ unlocked: Unlocked) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(unlocked)
        return writer.finish()
    }

    public static func opened(_ opened: borrowing OpenedSecret) -> SecretBytes {
        var writer = FrameWriter(.done, capacity: 1_024)
        writer.add(opened)
        return writer.finish()
    }

    public static func metadata(_ metadata: Metadata) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(metadata)
        return writer.finish()
    }

    public static func metadata(ifAny metadata: Metadata?) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(metadata != nil)
        if let metadata { writer.add(metadata) }
        return writer.finish()
    }

    /// Several frames, one behind another: descriptions, and behind the last one how many there
    /// are and how many are damaged.
    public static func inventory(_ inventory: Inventory) -> SecretBytes {
        var frames = parts(of: inventory.secrets.count) { $1.add(inventory.secrets[$0]) }
        var last = FrameWriter(.done)
        last.add(UInt64(inventory.secrets.count))
        last.add(UInt64(inventory.damaged))
        frames.append(last.finish().bytes)
        return frames
    }

    /// So many things, as many of them in a part as fit.
    static func parts(
        of count: Int, _ add: (Int, inout FrameWriter) -> Void
    ) -> SecretBytes {
        var frames = SecretBytes(capacity: 128 * (1 + count))
        var place = 0
        while place < count {
            var part = FrameWriter(.part, capacity: 2 * longestPart)
            while place < count, part.count < longestPart {
                add(place, &part)
                place += 1
            }
            frames.append(part.finish().bytes)
        }
        return frames
    }

    /// The same of packed names, which are cut anywhere.
    public static func names(_ packed: borrowing SecretBytes, damaged: Int) -> SecretBytes {
        var frames = SecretBytes(capacity: packed.count + packed.count / 1_024 + 64)
        let bytes = packed.bytes
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + longestPart)
            var part = FrameWriter(.part, capacity: end - place + 8)
            part.add(raw: bytes.extracting(place..<end))
            frames.append(part.finish().bytes)
            place = end
        }
        var last = FrameWriter(.done)
        last.add(UInt64(bytes.count))
        last.add(UInt64(damaged))
        frames.append(last.finish().bytes)
        return frames
    }

    /// Bytes after which a part is full.
    private static let longestPart = 32 * 1_024

    public static func receipt(_ receipt: Receipt) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(receipt)
        return writer.finish()
    }

    public static func rows(_ rows: OldRows) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(rows == .inTheLog)
        return writer.finish()
    }
}
