// What this machine last saw of the vault, and whether the vault is older than that.

internal import Glibc
internal import Sealing
internal import Storage
internal import VaultModel

/// A state of the vault that was committed.
struct SeenState {
    let head: StateHead
    /// The code under the head.
    let code: [UInt8]
    let tip: AuditTip
}

/// Holds the vault against its anchor, and moves the anchor on. Shared by a locked vault and what
/// it opens to.
final class AnchorWatch {
    /// Nil where there is no place for it.
    private let file: AnchorFile?
    /// How often a value was shown while the log could not be written.
    let glass: AnchorFile?
    /// What kept the newest state from being remembered, if anything did.
    private(set) var obstacle: VaultError?
    /// Whether a state is used that is older than what is remembered.
    private var isAccepted = false

    init(of vault: VaultID, in folder: String?) {
        file = folder.map { AnchorFile(of: vault, in: $0) }
        glass = folder.map { AnchorFile(of: vault, in: $0, suffix: ".break-glass") }
    }

    /// Whether there is a place for an anchor.
    var remembers: Bool { file != nil }

    /// Compares what is in the file with the anchor. `.rolledBack` is thrown unless `choice` is to
    /// accept it.
    ///
    /// `bytes` are read before the vault is: what another process remembers meanwhile would be
    /// ahead of the state that is looked at.
    func look(
        _ head: StateHead, code: [UInt8], _ place: AuditPlace, since bytes: [UInt8]?,
        _ choice: RollbackChoice
    ) throws(VaultError) -> AnchorState {
        guard let bytes else {
            return .absent(generation: head.generation)
        }
        guard let anchor = Anchor(parsing: bytes), anchor.vault == head.vault else {
            return .damaged(generation: head.generation)
        }
        guard let rollback = try Self.rollback(head, code, place, since: anchor) else {
            return .fits
        }
        guard choice == .accept else { throw .rolledBack(rollback) }
        return .accepted(rollback)
    }

    /// Fails with `.rolledBack` if the state of a transaction that writes is older than what is
    /// remembered by now. Nobody commits meanwhile, so that is never ahead of the state.
    ///
    /// What cannot be read was said on opening, and is no reason to lose a value over it.
    func check(
        _ head: StateHead, code: [UInt8], _ place: AuditPlace
    ) throws(VaultError) {
        guard !isAccepted, let bytes = try? bytes(), let anchor = Anchor(parsing: bytes),
            anchor.vault == head.vault,
            let rollback = try Self.rollback(head, code, place, since: anchor)
        else { return }
        throw .rolledBack(rollback)
    }

    /// Has whoever asked be told of what stands in the way of nothing.
    func note(_ error: VaultError) { obstacle = error }

    /// The anchor that a verification holds the log against, and how it stands. Nothing is accepted
    /// here: an older vault is `.rolledBack`.
    func remembered(
        _ head: StateHead, _ tip: AuditTip, since bytes: [UInt8]?
    ) throws(VaultError) -> (anchor: Anchor?, state: AnchorState) {
        guard let bytes else {
            return (nil, .absent(generation: head.generation))
        }
        guard let anchor = Anchor(parsing: bytes), anchor.vault == head.vault else {
            return (nil, .damaged(generation: head.generation))
        }
        if head.generation < anchor.generation {
            throw .rolledBack(.generation(found: head.generation, seen: anchor.generation))
        }
        if tip.entries < anchor.entries {
            throw .rolledBack(.entries(found: tip.entries, seen: anchor.entries))
        }
        guard anchor.isOfLog(beginningWith: tip.firstKey), tip.seals >= anchor.seals else {
            throw .rolledBack(.forked)
        }
        return (anchor, .fits)
    }

    private static func rollback(
        _ head: StateHead, _ code: [UInt8], _ place: AuditPlace, since anchor: Anchor
    ) throws(VaultError) -> Rollback? {
        if head.generation < anchor.generation {
            return .generation(found: head.generation, seen: anchor.generation)
        }
        if place.tip.entries < anchor.entries {
            return .entries(found: place.tip.entries, seen: anchor.entries)
        }
        let isSameHead = head.generation > anchor.generation || areEqual(code, anchor.headCode)
        let isSameLog = anchor.isOfLog(beginningWith: place.tip.firstKey)
        guard isSameHead, isSameLog, place.tip.seals >= anchor.seals,
            try place.had(anchor.tip, after: anchor.entries)
        else { return .forked }
        return nil
    }

    /// What is remembered, as it lies there; nil if nothing is.
    func bytes() throws(VaultError) -> [UInt8]? {
        guard let file else { return nil }
        var bytes = try file.read()
        // Another process may be writing it.
        for _ in 0..<3 {
            guard let read = bytes, !read.isEmpty, Anchor(parsing: read) == nil else { break }
            usleep(500)
            bytes = try file.read()
        }
        return bytes?.isEmpty == true ? nil : bytes
    }

    /// An older state is accepted: the next one that is remembered takes the place of a later one.
    /// Until then that stays.
    func accept() { isAccepted = true }

    /// Remembers a state that is on disk. What keeps it from being remembered is an obstacle, not
    /// an error: the vault is as it should be, and what was asked for was done.
    ///
    /// `prove` fails unless the log's first key is the vault's own, and is false if that would take
    /// too long. It is asked where no anchor holds that key yet: what is remembered once is what
    /// the log is held against.
    func remember(_ seen: SeenState, _ prove: () throws(VaultError) -> Bool) {
        obstacle = nil
        guard let file else { return }
        do throws(VaultError) {
            let anchor = Anchor(seen.head, code: seen.code, seen.tip)
            try file.update { bytes throws(VaultError) in
                let known = bytes.flatMap { Anchor(parsing: $0) }
                // Another process may have gone on: an anchor never goes back.
                if let known, known.isLater(than: anchor), !isAccepted { return nil }
                if let known, known.firstKey == anchor.firstKey { return anchor.bytes }
                return try prove() ? anchor.bytes : anchor.withoutFirstKey.bytes
            }
            isAccepted = false
        } catch { obstacle = error }
    }

    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        ConstantTime.areEqual(left.span, right.span)
    }
}
