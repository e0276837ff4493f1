// Which journal may follow which, and what becomes of the versions then. Pure.

/// What a step of a rotation does to the versions of its secret, in one transaction with it.
public enum RotationEffect: Hashable, Sendable {
    case none
    /// The new version becomes the current one.
    case promote
    /// The old version becomes the current one again.
    case rollBack
    /// The old version is retired.
    case retireOld
    /// The new version is retired without having been in use, or not any more.
    case retireNew
}

extension RotationState {
    /// The states that may follow without a value being stored, besides itself.
    public var following: Set<RotationState> {
        switch self {
        case .intended: [.creating, .abandoned]
        case .creating: [.searching, .abandoning, .abandoned]
        case .searching: [.creating, .abandoning, .abandoned]
        case .pending: [.verified, .abandoning, .abandoned]
        case .verified: [.promoted, .abandoning, .abandoned]
        case .promoted: [.deactivated, .revoked, .retired, .restoring]
        case .deactivated: [.revoked, .retired, .restoring]
        case .revoked: [.retired]
        case .restoring: [.abandoning, .promoted]
        case .abandoning: [.abandoned]
        case .retired, .abandoned: []
        }
    }
}

extension RotationJournal {
    /// Whether it says nothing that contradicts itself.
    public var isCoherent: Bool {
        guard old > 0, new.map({ $0 > old }) ?? true, grace <= Self.longestGrace,
            Self.isList(known ?? []), Self.isList(strays)
        else { return false }
        // Exchanged, the old value is neither switched off nor deleted, nor does it come back.
        if mode == .inPlace, [.deactivated, .revoked, .restoring].contains(state) { return false }
        switch state {
        case .intended: return new == nil && end == nil && waiting == nil && attempts == 0
        case .creating, .searching:
            return new == nil && end == nil && waiting == nil && attempts > 0
        case .pending, .verified: return new != nil && end == nil && waiting == nil
        case .promoted, .deactivated, .revoked, .retired:
            return new != nil && end == nil && waiting != nil
        case .restoring: return new != nil && end != nil && waiting != nil
        case .abandoning, .abandoned: return end != nil
        }
    }

    private static func isList(_ keys: [KeyID]) -> Bool {
        keys.count <= mostKeys && zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// Whether `next` may take the place of this, without a value being stored.
    public func mayBecome(_ next: RotationJournal) -> Bool {
        guard next.isCoherent, next.id == id, next.mode == mode, next.begun == begun,
            next.old == old, next.new == new, next.grace == grace, next.expires == expires,
            next.attempts >= attempts, next.doubts >= doubts
        else { return false }
        return next.state == state || state.following.contains(next.state)
    }

    /// What becomes of the versions when `next` takes the place of this.
    public func effect(of next: RotationJournal) -> RotationEffect {
        guard state != next.state else { return .none }
        switch (state, next.state) {
        case (.verified, .promoted): return .promote
        case (.restoring, .abandoning): return .rollBack
        case (_, .retired): return .retireOld
        // Exchanged in place, the new value may be the only one that is valid.
        case (_, .abandoned): return new == nil || mode == .inPlace ? .none : .retireNew
        default: return .none
        }
    }

    /// What follows when a value arrived and is stored as that version; nil if no value is waited
    /// for: it is stored all the same, beside the rotation.
    public func storing(
        _ number: UInt32, expires: Timestamp?, at time: Timestamp
    ) -> RotationJournal? {
        guard new == nil else { return nil }
        var next = self
        switch state {
        case .creating, .searching: next.state = .pending
        case .abandoning: break
        default: return nil
        }
        next.new = number
        next.expires = expires
        next.changed = time
        return next
    }

    /// The journal of a rotation that begins after this one: what this one left at the issuer, and
    /// what nobody can tell of it, is still said.
    public func followed(by next: RotationJournal) -> RotationJournal {
        var next = next
        next.strays = strays
        next.doubts = doubts
        return next
    }
}
