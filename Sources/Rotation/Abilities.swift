// What can be done at an issuer, and by whom: what a profile or the user's commands offer.

/// Who does something at the issuer.
public enum Doer: Hashable, Sendable, CaseIterable {
    /// A call or a command.
    case call
    /// A person at the issuer's console.
    case person
    case nobody
}

/// What can be done with the keys at an issuer.
public struct Abilities: Hashable, Sendable {
    public var create: Doer
    public var revoke: Doer
    /// Whether a call says which keys there are, by their ids.
    public var list: Bool
    /// Whether a call says that a key is accepted.
    public var verify: Bool
    /// Whether a value that was exchanged may be presented to see whether it still works: some
    /// issuers take that for theft and revoke the new one.
    public var oldMayBeTried = true
    /// Whether a call switches a key off so that it could be switched on again.
    public var deactivate: Bool
    public var activate: Bool
    /// Whether the key that asks for its exchange is the one that is exchanged.
    public var renewsItself: Bool
    /// Most keys at once, those included that are switched off; nil if there is no such bound.
    public var slots: Int?
    /// Seconds until what was done at the issuer shows everywhere.
    public var settling: UInt64
    /// Seconds for which an old key is switched off before it is deleted.
    public var soak: UInt64

    public init(
        create: Doer, revoke: Doer, list: Bool, verify: Bool, deactivate: Bool = false,
        activate: Bool = false, renewsItself: Bool = false, slots: Int? = nil,
        settling: UInt64 = 60, soak: UInt64 = 3_600
    ) {
        self.create = create
        self.revoke = revoke
        self.list = list
        self.verify = verify
        self.deactivate = deactivate
        self.activate = activate
        self.renewsItself = renewsItself
        self.slots = slots
        self.settling = settling
        self.soak = soak
    }
}

/// Which key of a rotation is meant.
public enum RotatedKey: Hashable, Sendable, CaseIterable {
    case old, new
}
