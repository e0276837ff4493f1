// What a rotation will do, said before the first call; or why it cannot be done.

public import VaultModel

/// A key at the issuer as far as the vault knows it.
public struct KeyAtIssuer: Hashable, Sendable {
    public enum Holder: Hashable, Sendable {
        /// A version of the secret that is rotated.
        case version(UInt32, VersionState)
        /// Nothing in the vault.
        case nobody
    }

    public let id: KeyID
    public let isActive: Bool
    public let holder: Holder

    public init(id: KeyID, isActive: Bool, holder: Holder) {
        self.id = id
        self.isActive = isActive
        self.holder = holder
    }
}

/// The credential that keys are administered with.
public enum Administrator: Hashable, Sendable {
    /// The secret that is rotated.
    case itself
    case secret(SecretName)
    /// None of the issuer that is named is in the vault.
    case missing(IssuerID)
    /// Nothing is asked of the issuer by a call.
    case notNeeded
}

/// One step of a plan.
public enum PlannedStep: Hashable, Sendable {
    case list
    /// A key of an older version takes a place that is needed.
    case deactivateOlder(KeyID)
    case waitForOlder(seconds: UInt64)
    case revokeOlder(KeyID)
    case create(Doer, Administrator)
    case store
    case verify
    case useUnverified
    case promote
    case grace(seconds: UInt64)
    case deactivate
    case soak(seconds: UInt64)
    case revoke(Doer)
    case retire

    public var words: String {
        switch self {
        case .list: "list the keys at the issuer"
        case .deactivateOlder(let id): "switch off the older key \(id), which takes a place"
        case .waitForOlder(let seconds): "wait \(seconds) seconds"
        case .revokeOlder(let id): "delete the older key \(id) at the issuer"
        case .create(.person, _): "make a new key at the issuer's console"
        case .create(_, .secret(let name)): "make a new key at the issuer with \"\(name)\""
        case .create: "make a new key at the issuer"
        case .store: "store it as a pending version"
        case .verify: "verify that the issuer accepts it"
        case .useUnverified: "ask whether it is to be used: nothing can verify it"
        case .promote: "make it the current version"
        case .grace(let seconds): "keep both valid for \(seconds) seconds"
        case .deactivate: "switch off the old key at the issuer"
        case .soak(let seconds): "wait \(seconds) seconds"
        case .revoke(.person): "delete the old key at the issuer's console"
        case .revoke(.nobody): "leave the old key at the issuer: nobody can make it go"
        case .revoke(.call): "delete the old key at the issuer"
        case .retire: "retire the old version"
        }
    }
}

/// Why a rotation is not begun.
public enum PlanRefusal: Error, Hashable, Sendable {
    case running(RotationState)
    case noCurrentVersion
    case managedElsewhere
    case administratorMissing(IssuerID)
    /// The mode and what the issuer can do do not fit together.
    case modeUnfit(RotationMode)
    /// One key at a time: a second one cannot be made.
    case oneSlot
    /// There are as many keys as the issuer allows, and none that may be taken away; the ids.
    case full([KeyID])
    /// The key of the current version is not at the issuer.
    case currentUnknown(KeyID)

    public var words: String {
        switch self {
        case .running(let state): "a rotation is under way: \(state.word)"
        case .noCurrentVersion: "there is no current version to be replaced"
        case .managedElsewhere: "it is managed in another console"
        case .administratorMissing(let issuer):
            "no secret of \(issuer) is in the vault to administer keys with"
        case .modeUnfit(let mode): "the issuer has no \(mode.word) rotation"
        case .oneSlot: "the issuer allows one key at a time"
        case .full(let ids):
            "there are as many keys at the issuer as it allows: "
                + ids.map(\.text).joined(separator: ", ")
        case .currentUnknown(let id):
            "the key of the current version, \(id), is not at the issuer"
        }
    }
}

/// What is known before a rotation is begun.
public struct Planner: Sendable {
    public var mode: RotationMode
    public var abilities: Abilities
    public var administrator: Administrator
    public var grace: UInt64
    /// The keys at the issuer, or nil if that is not known.
    public var keys: [KeyAtIssuer]?
    /// The id of the key of the current version, if it has one.
    public var currentID: KeyID?

    public init(
        mode: RotationMode, abilities: Abilities, administrator: Administrator, grace: UInt64,
        keys: [KeyAtIssuer]?, currentID: KeyID?
    ) {
        self.mode = mode
        self.abilities = abilities
        self.administrator = administrator
        self.grace = grace
        self.keys = keys
        self.currentID = currentID
    }

    /// The steps, or why there are none.
    public func plan(for secret: Metadata) throws(PlanRefusal) -> [PlannedStep] {
        if let rotation = secret.rotation, !rotation.state.isOver {
            throw .running(rotation.state)
        }
        guard secret.version(.current) != nil else { throw .noCurrentVersion }
        guard !secret.isManagedElsewhere else { throw .managedElsewhere }
        // A person at the console needs no credential of ours.
        if case .missing(let issuer) = administrator, mode != .guided {
            throw .administratorMissing(issuer)
        }
        guard isFit else { throw .modeUnfit(mode) }
        var steps: [PlannedStep] = []
        if mode != .inPlace, abilities.list {
            steps.append(.list)
            if let keys { steps += try makingRoom(among: keys) }
        }
        steps += [.create(abilities.create, administrator), .store]
        steps += [abilities.verify ? .verify : .useUnverified, .promote]
        if mode != .inPlace { steps += parting }
        return steps + [.retire]
    }

    private var isFit: Bool {
        switch mode {
        case .guided: abilities.create == .person
        case .dual, .inPlace, .command: abilities.create == .call
        }
    }

    private var parting: [PlannedStep] {
        let off: [PlannedStep] =
            abilities.deactivate ? [.deactivate, .soak(seconds: abilities.soak)] : []
        return [.grace(seconds: grace)] + off + [.revoke(abilities.revoke)]
    }

    /// A key is taken away only if a version that is not in use any more holds it, and not before
    /// it was switched off and nobody missed it.
    private func makingRoom(among keys: [KeyAtIssuer]) throws(PlanRefusal) -> [PlannedStep] {
        if let currentID, !keys.contains(where: { $0.id == currentID }) {
            throw .currentUnknown(currentID)
        }
        guard let slots = abilities.slots, keys.count >= slots else { return [] }
        guard slots > 1 else { throw .oneSlot }
        let older = keys.filter { $0.isOlder && $0.id != currentID }
            .sorted { ($0.isActive ? 1 : 0, $0.id) < ($1.isActive ? 1 : 0, $1.id) }
        let needed = keys.count - slots + 1
        guard older.count >= needed, abilities.revoke == .call,
            older.prefix(needed).allSatisfy({ !$0.isActive || abilities.deactivate })
        else { throw .full(keys.map(\.id).sorted()) }
        return older.prefix(needed).flatMap { key -> [PlannedStep] in
            let off: [PlannedStep] = [
                .deactivateOlder(key.id), .waitForOlder(seconds: max(grace, abilities.soak)),
            ]
            return (key.isActive ? off : []) + [.revokeOlder(key.id)]
        }
    }
}

extension KeyAtIssuer {
    /// Whether a version holds it that was replaced.
    fileprivate var isOlder: Bool {
        switch holder {
        case .version(_, .previous), .version(_, .retired): true
        default: false
        }
    }
}
