// Which two versions change places when a secret is rolled back.

/// The current version of a secret, and the previous one that is to be current again: the versions
/// that whoever asks has looked at. Others may have come meanwhile.
public struct VersionSwap: Hashable, Sendable {
    public let current: UInt32
    public let previous: UInt32

    public init(current: UInt32, previous: UInt32) {
        self.current = current
        self.previous = previous
    }
}

extension Metadata {
    /// Nil if one of the two is not there.
    public var swap: VersionSwap? {
        guard let current = version(.current), let previous = version(.previous) else { return nil }
        return VersionSwap(current: current.number, previous: previous.number)
    }
}
