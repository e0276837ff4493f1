// What the machine is told: replies of the issuer, what a person says, what the clocks say.

public import VaultModel

/// One thing that happened. What the machine did not wait for changes nothing, but for a value that
/// arrived: that is stored whenever it comes.
public enum Event: Hashable, Sendable {
    /// It is begun, or gone on with after an interruption: what was under way is not known.
    case resume
    case clock(ClockReading)

    /// The keys that are at the issuer.
    case listed([KeyID])

    /// A new value arrived, and nothing was done with it yet.
    case created
    /// The issuer made no key, and says so.
    case refused
    /// It made none since there are as many as it allows.
    case full
    /// Nobody knows whether it made one: no reply, half a reply, an error of its own.
    case lost

    case verified(RotatedKey)
    /// It is not accepted, and was made so lately that it may be soon.
    case notYetEffective(RotatedKey)
    case rejected(RotatedKey)

    case deactivated(RotatedKey, ClockReading)
    case activated(RotatedKey)
    /// It is gone, or was before.
    case revoked(RotatedKey)
    /// A call that may be repeated did not get through.
    case unreachable

    /// A person says yes to what was asked, or did what was shown.
    case confirmed
    /// A key that nobody holds was deleted.
    case strayDeleted(KeyID)
    /// It stays, and is not named again.
    case strayKept(KeyID)
    case abandon
    /// The old key is not to be valid any longer, whatever its grace: somebody else has it.
    case hasten
}
