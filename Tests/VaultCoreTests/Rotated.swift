// A vault with a rotation that can be brought to any state.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

/// A vault with one secret that has a key's id, and a rotation of it.
final class Rotated {
    let vault: TestVault
    private(set) var open: OpenedVault
    let name: SecretName = "aws/ci"
    private var now: UInt64 = 10

    init() throws {
        vault = try TestVault(memory: true)
        open = try vault.opened()
        var draft = SecretDraft(name: name)
        draft.fields = ["key_id": "A", "account": "7"]
        draft.expires = .later(5_000)
        try open.capture(draft, [(.secret, [1])])
    }

    var time: Timestamp {
        now += 1
        return .later(now)
    }

    /// As after a kill: nothing is known but what is on disk.
    func reopen() throws { open = try vault.opened(at: time) }

    var metadata: Metadata { get throws { try open.vault.describe(name, at: time) } }
    var journal: RotationJournal { get throws { try #require(try metadata.rotation) } }

    @discardableResult
    func begin(_ mode: RotationMode = .dual) throws(VaultError) -> Metadata {
        try open.vault.beginRotation(name, mode, grace: 600, at: time)
    }

    /// The next journal, as it was changed.
    @discardableResult
    func advance(
        to state: RotationState, _ change: (inout RotationJournal) -> Void = { _ in }
    ) throws -> Metadata {
        let seen = try journal
        var next = seen
        next.state = state
        change(&next)
        return try open.vault.advanceRotation(name, from: seen, to: next, at: time)
    }

    @discardableResult
    func store(
        _ id: String = "B", _ value: [UInt8] = [2], seen: RotationJournal? = nil
    ) throws -> RotatedReceipt {
        let rotated = RotatedValue(
            name: name, seen: try seen ?? journal, fields: ["key_id": id],
            expires: .later(9_000))
        return try open.vault.storeRotated(rotated, secretFields([(.secret, value)]), at: time)
    }

    static let clock = ClockReading(wall: .later(99))

    /// To that state, by the ways of a rotation in which nothing goes wrong.
    func go(to state: RotationState, _ mode: RotationMode = .dual) throws {
        try begin(mode)
        let path: [RotationState] = [
            .intended, .creating, .pending, .verified, .promoted, .deactivated, .revoked, .retired,
        ]
        guard let end = path.firstIndex(of: state) else { return }
        for step in path[...end].dropFirst() {
            switch step {
            case .creating:
                try advance(to: step) {
                    $0.attempts = 1
                    $0.known = [KeyID("A")!]
                }
            case .pending: try store()
            case .promoted: try advance(to: step) { $0.waiting = Self.clock }
            default: try advance(to: step)
            }
        }
    }

    func value(_ version: VersionSelector) throws -> [UInt8] {
        try open.value(name, version, at: time)
    }

    func states() throws -> [VersionState] { try metadata.versions.map(\.state) }

    func operations() throws -> [AuditOperation] {
        try open.vault.events(.from(0), of: try open.rid(of: name), atMost: 256)
            .filter { $0.outcome == .done && $0.operation != .show && $0.operation != .read }
            .map(\.operation)
    }
}
