// What is left behind when a value is shown while the log cannot be written.

internal import Storage
internal import VaultModel

extension AnchorWatch {
    /// Counts one more; fails if no mark can be left, for then nothing is shown either.
    func markBrokenGlass(at time: Timestamp) throws(VaultError) {
        guard let glass else { throw .notLogged(path: "", .io(errno: 2)) }
        try glass.update(isSynced: true) { bytes in
            let count = bytes.map(Self.count) ?? 0
            let (more, isTooMuch) = count.addingReportingOverflow(1)
            return Array("\(isTooMuch ? count : more) \(time.milliseconds)\n".utf8)
        }
    }

    /// A mark, and how often it says that something was shown.
    struct Glass {
        let bytes: [UInt8]
        let count: UInt64
    }

    /// The mark, or nil: one that cannot be read counts as one.
    func brokenGlass() throws(VaultError) -> Glass? {
        try glass?.read().map { Glass(bytes: $0, count: Self.count($0)) }
    }

    private static func count(_ bytes: [UInt8]) -> UInt64 {
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return words.first.flatMap { UInt64($0) } ?? 1
    }

    /// The log has it now. A mark that was made since stays: then some of it is entered twice.
    func forget(_ entered: Glass) { try? glass?.remove(ifStill: entered.bytes) }
}
