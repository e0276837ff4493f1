// The names of a vault that is kept open: read once, and good until the vault is changed.

internal import Sealing
public import SecretMemory
internal import VaultModel

/// Names in their order, packed, and how many descriptions did not open.
public struct PackedList: ~Copyable {
    /// `ListedName.unpack` reads them.
    public let names: SecretBytes
    public let damaged: Int
}

/// Packed names in their order, of one state of the vault. A head has one state tree, so what was
/// true under a head is true whenever that head is found again, whatever became of the rows.
final class NameIndex {
    /// Beyond as many bytes they are read each time: an agent stays small.
    private static let mostBytes = 4 * 1_024 * 1_024

    /// The code under the head that they are of; empty if there are none.
    private var head: [UInt8] = []
    private var shown = PackedNames()
    private var hidden = PackedNames()

    /// The names that begin with `prefix`, packed, or nil if they are not known of that head.
    func names(
        prefix: String, _ removed: RemovedListing, under head: [UInt8]
    ) -> SecretBytes? {
        guard !self.head.isEmpty, self.head == head else { return nil }
        return removed == .hide ? shown.beginning(with: prefix) : hidden.beginning(with: prefix)
    }

    func learn(_ shown: consuming PackedNames, _ hidden: consuming PackedNames, under head: [UInt8])
    {
        self.head = []
        guard shown.count + hidden.count <= Self.mostBytes else {
            self.shown = PackedNames()
            self.hidden = PackedNames()
            return
        }
        self.shown = shown
        self.hidden = hidden
        self.head = head
    }
}

/// Names in their order, packed, and where each begins.
struct PackedNames: ~Copyable {
    private var bytes = SecretBytes()
    private var starts: [UInt32] = []

    init() {}

    init(_ names: [ListedName]) {
        bytes = SecretBytes(capacity: 48 * names.count)
        starts.reserveCapacity(names.count)
        for name in names.sorted(by: { $0.name < $1.name }) {
            starts.append(UInt32(bytes.count))
            name.pack { bytes.append($0) }
        }
    }

    /// Bytes in all.
    var count: Int { bytes.count }

    /// A copy of those that begin with `prefix`: they stand together, for the order is that of
    /// bytes.
    func beginning(with prefix: String) -> SecretBytes {
        let wanted = Array(prefix.utf8)
        let first = place { order(of: $0, wanted) >= 0 }
        let end = place { order(of: $0, wanted) > 0 }
        let from = first < starts.count ? Int(starts[first]) : bytes.count
        let to = end < starts.count ? Int(starts[end]) : bytes.count
        return SecretBytes(copying: bytes.bytes.extracting(from..<to))
    }

    /// The first place at which `isBeyond` holds; it holds at all places after it.
    private func place(where isBeyond: (Int) -> Bool) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// How a name stands to those that begin with `prefix`: before (-1), among (0), behind (1).
    private func order(of place: Int, _ prefix: [UInt8]) -> Int {
        let span = bytes.bytes
        let start = Int(starts[place])
        let length = Int(span[start])
        for index in prefix.indices {
            guard index < length else { return -1 }
            let byte = span[start + 1 + index]
            if byte != prefix[index] { return byte < prefix[index] ? -1 : 1 }
        }
        return 0
    }
}
