// A vault that a raw key opens, so that no test pays for a key derivation it is not about.

import Sealing
import SecretMemory
import TestSupport
import VaultModel

@testable import Storage
@testable import VaultCore

/// A key as the text of its file, from which the key can be read as often as it is needed.
struct TestKey: Sendable {
    private enum Kind: Sendable {
        case raw(file: [UInt8])
        case passphrase([UInt8])
    }

    private let kind: Kind
    /// The least that is opened: this is about slots, not about cost.
    static let cheap = KDFParameters(memory: 19 * 1_024, passes: 1, lanes: 1)

    init() throws {
        let text = try RawKey().keyFile()
        kind = .raw(file: (0..<text.count).map { text.bytes[$0] })
    }

    init(passphrase: String) { kind = .passphrase(Array(passphrase.utf8)) }

    func unlockKey() throws(VaultError) -> UnlockKey {
        switch kind {
        case .raw(let file):
            guard let key = RawKey(file: file.span) else { throw .unusableKey }
            return .rawKey(key)
        case .passphrase(let typed): return .passphrase(try Passphrase(typed.span))
        }
    }
}

/// A file and the keys that open it, in the order of its slots.
struct TestVault {
    let folder: TemporaryFolder
    let path: String
    let keys: [TestKey]
    /// Where it is remembered what was seen of the vault.
    let memory: String?

    static let created = Timestamp(milliseconds: 1_700_000_000_000)

    init(
        keys: [TestKey]? = nil, memory remembers: Bool = false,
        in chosen: TemporaryFolder? = nil
    ) throws {
        folder = try chosen ?? TemporaryFolder()
        memory = remembers ? folder.file("state/coffer") : nil
        path = folder.file("vault.db")
        self.keys = try keys ?? [TestKey()]
        var new = try NewVault(at: Self.created)
        for key in self.keys { try new.add(try key.unlockKey(), parameters: TestKey.cheap) }
        _ = try new.write(to: path, by: .test, memory: memory)
    }

    var file: FileOnDisk { FileOnDisk(path) }

    func locked(
        _ purpose: VaultPurpose = .changing, by caller: Caller = .test
    ) throws(VaultError) -> LockedVault {
        try LockedVault(at: path, for: purpose, by: caller, memory: memory)
    }

    func opened(
        with key: TestKey? = nil, _ purpose: VaultPurpose = .changing,
        at time: Timestamp = Self.created, rollback choice: RollbackChoice = .refuse
    ) throws(VaultError) -> OpenedVault {
        let key = try (key ?? keys[0]).unlockKey()
        return OpenedVault(try locked(purpose).opened(with: key, at: time, rollback: choice))
    }

    /// Whether `key` opens the vault; `.wrongKey` is no, anything else is an error.
    func opens(with key: TestKey) throws(VaultError) -> Bool {
        do throws(VaultError) {
            _ = try opened(with: key, .reading)
            return true
        } catch {
            guard error == .wrongKey else { throw error }
            return false
        }
    }

    /// Puts the file back as it was, without what reading it left beside it.
    func restore(_ bytes: [UInt8]) throws {
        for suffix in ["-wal", "-shm"] { FileOnDisk(path + suffix).remove() }
        try file.write(bytes)
    }

    /// Everything in the file but its log, in which every attempt is entered.
    func rows() throws -> [String] {
        try Tamperer(path).dump(except: ["audit_entry", "audit_tip"])
    }

    /// Gives the vault new keys, of which the first of the old ones opens it.
    @discardableResult
    func rekey(leavingOut damaged: [DamagedObject] = []) throws -> RekeyReport {
        let locked = try locked()
        let consent = RekeyConsent(
            slots: try locked.slotCount(), damaged: damaged, aside: folder.file("aside.db"))
        return try locked.rekey(
            openedBy: keys[0].unlockKey(), parameters: TestKey.cheap, consent, at: .later(2),
            progress: { _, _ in })
    }

    /// Edits the file by hand.
    func tamper(_ sql: String) throws { try Tamperer.edit(path, sql) }
}

/// An open vault that closures can hold, with values that can be compared.
final class OpenedVault {
    let vault: OpenVault

    init(_ vault: consuming OpenVault) { self.vault = vault }

    var connection: Connection { vault.store.connection }
    var slotsWereChanged: Bool { vault.slotsWereChanged }

    @discardableResult
    func capture(
        _ draft: SecretDraft, _ fields: [(FieldName, [UInt8])], _ conflict: NameConflict = .refuse,
        at time: Timestamp = TestVault.created
    ) throws(VaultError) -> Receipt {
        try vault.store(draft, secretFields(fields), conflict, at: time)
    }

    @discardableResult
    func capture(
        _ name: SecretName, _ value: [UInt8], _ conflict: NameConflict = .refuse,
        at time: Timestamp = TestVault.created
    ) throws(VaultError) -> Receipt {
        try capture(SecretDraft(name: name), [(.secret, value)], conflict, at: time)
    }

    func value(
        _ name: SecretName, _ version: VersionSelector = .current, field: FieldName = .secret,
        disabled: DisabledUse = .refuse, at time: Timestamp = TestVault.created
    ) throws(VaultError) -> [UInt8] {
        let opened = try vault.fetch(name, version, disabled: disabled, at: time)
        guard opened.secrets.contains(field) else { throw .fieldMissing(name, field) }
        let value = opened.secrets.value(of: field)
        return value.withUnsafeBufferPointer { [UInt8]($0) }
    }

    func names(_ prefix: String = "", _ removed: RemovedListing = .hide) throws(VaultError)
        -> [String]
    {
        try listed(prefix, removed).map(\.name.text)
    }

    /// The list if nothing in it is damaged.
    func listed(
        _ prefix: String = "", _ removed: RemovedListing = .hide
    ) throws(VaultError) -> [Metadata] {
        let inventory = try vault.list(prefix: prefix, removed: removed, at: TestVault.created)
        guard inventory.damaged == 0 else { throw .tampered(.metadata(nil)) }
        return inventory.secrets
    }

    /// The name's place in the table of descriptions, as SQL.
    func row(of name: SecretName) throws -> String {
        "name_index = " + Tamperer.literal(vault.keyring.blindIndex(of: name).bytes)
    }

    /// The record's rows, as SQL.
    func records(of name: SecretName) throws -> String {
        "rid = " + Tamperer.literal(try rid(of: name).bytes)
    }

    func rid(of name: SecretName) throws(VaultError) -> RecordID {
        guard let found = try vault.looking({ () throws(VaultError) in try vault.find(name) })
        else { throw .secretMissing(name) }
        return found.rid
    }
}

func secretFields(_ fields: [(FieldName, [UInt8])]) -> SecretFields {
    var secrets = SecretFields(capacity: fields.reduce(0) { $0 + $1.1.count })
    for (name, value) in fields { _ = secrets.add(name, value.span) }
    return secrets
}

extension Caller {
    static let test = Caller(
        user: 1_000, process: 4_242,
        attribution: Attribution(
            chain: [ActingProcess(pid: 4_242, path: "/usr/bin/test", executable: .present)]))
}

extension SecretName: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self.init(text)! }
}

extension FieldName: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self.init(text)! }
}

extension Timestamp {
    /// So many seconds after the vault was made.
    static func later(_ seconds: UInt64) -> Timestamp {
        Timestamp(milliseconds: TestVault.created.milliseconds + seconds * 1_000)
    }
}
