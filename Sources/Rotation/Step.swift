// What the machine wants done, in the order in which it is done.

public import VaultModel

/// One step outside of the vault. What comes of it is told to the machine as an event.
public enum Step: Hashable, Sendable {
    case list
    /// Ask for a key. The value that comes back is stored before anything else looks at it.
    case create
    case verify(RotatedKey)
    case deactivate(RotatedKey)
    case activate(RotatedKey)
    case revoke(RotatedKey)
    /// Tell what the clocks say.
    case readClock
    /// Wait before the next step.
    case wait(seconds: UInt64)
    /// Nothing can be done before: come again then.
    case waitUntil(Timestamp)
    /// Nothing is to be done outside: tell `resume`.
    case goOn
    /// Show a person what is to be done at the console; it is confirmed when it is done.
    case guide(Guidance)
    case ask(Question)
    /// Name keys that nobody holds, and offer to delete each.
    case offerDeletion([KeyID])
    case tell(Notice)
}

/// What a person does at the issuer's console.
public enum Guidance: Hashable, Sendable {
    case create
    case revoke(RotatedKey)
}

/// What only a person can say; `confirmed` is yes.
public enum Question: Hashable, Sendable, CaseIterable {
    /// Whether another key is to be made, though one may be there that cannot be found.
    case createAgain
    /// Whether the new key is to be used, though nothing says that it is accepted.
    case useUnverified
    /// Whether the old key still works.
    case oldWorks
    /// Whether it is to end, though a key may be there that cannot be found.
    case abandonUnseen
    /// Whether the new key may stay at the issuer, which nobody can make go.
    case leaveNew

    public var words: String {
        switch self {
        case .createAgain:
            "a key may have been made that cannot be found: is another one to be made?"
        case .useUnverified: "nothing says that the new key is accepted: is it to be used?"
        case .oldWorks: "does the old key still work?"
        case .abandonUnseen: "a key may have been made that cannot be found: is this to end?"
        case .leaveNew: "the new key stays valid at the issuer: is this to end?"
        }
    }
}

/// What a person is told.
public enum Notice: Hashable, Sendable {
    case unreachable
    /// The issuer has no list: a key that was made and lost cannot be found.
    case noList
    /// There are more keys than are kept in mind: the same.
    case tooManyKeys
    /// There are as many keys as the issuer allows; which, if that is known.
    case full([KeyID])
    case refused
    case newRejected
    /// The exchanged value is rejected, and the old one is accepted.
    case oldStillValid
    case neitherValid
    /// The value was exchanged at the issuer, and the new one is nowhere.
    case valueLost
    /// A value that arrived late takes the place of the old one, which is not valid any more.
    case exchangedAfterAll
    case oldStaysLive
    case newStaysLive
    /// The old key does not work any more: it cannot become the current one again.
    case oldDead
    /// The clock was set forward or back by so many seconds since the wait began; the wait is
    /// measured by the one that nobody sets.
    case clockSet(forward: Bool, seconds: UInt64)
    /// The wait is over by the wall clock alone: the machine was started anew since it began.
    case byWallClock
    /// A value arrived that the rotation did not wait for; it is stored as a pending version.
    case storedBeside
    case ended(RotationEnd)
    case done

    public var words: String {
        switch self {
        case .unreachable: "the issuer did not answer; go on later with --resume"
        case .noList:
            "the issuer has no list of keys: one that was made and never arrived cannot be found"
        case .tooManyKeys:
            "the issuer has more keys than are kept in mind: it is taken for unlisted"
        case .full: "there are as many keys at the issuer as it allows"
        case .refused: "the issuer made no key"
        case .newRejected: "the issuer does not accept the new key"
        case .oldStillValid: "the old value is still accepted, the new one is not"
        case .neitherValid: "neither the new value nor the old one is accepted"
        case .valueLost:
            "the value was exchanged at the issuer and the new one never arrived: make a new key"
        case .exchangedAfterAll:
            "the new value arrived after all: it waits as a pending version, the old one is dead"
        case .oldStaysLive: "nobody can make the old key go: it stays valid at the issuer"
        case .newStaysLive: "nobody can make the new key go: it stays valid at the issuer"
        case .oldDead: "the old key does not work any more and cannot come back"
        case .clockSet(let forward, let seconds):
            "the clock was set \(forward ? "forward" : "back") by \(seconds) seconds;"
                + " the time since then is measured by another"
        case .byWallClock:
            "the machine was started anew meanwhile: only its clock says that the time is over"
        case .storedBeside: "a value arrived that was not waited for; it is a pending version"
        case .ended(let end): "abandoned: \(end.word)"
        case .done: "rotated"
        }
    }
}
