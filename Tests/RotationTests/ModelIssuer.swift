// A small issuer: keys with ids, or one value that is exchanged; replies that are lost, lists that
// lag, calls that do not get through.

import Rotation
import TestSupport
import VaultModel

/// A key, or an exchanged value, at the issuer.
struct ModelKey {
    var isActive = true
    /// When it shows in lists and is accepted.
    let shows: UInt64
}

struct ModelIssuer {
    /// Seconds after which everything shows.
    static let settling: UInt64 = 60

    let mode: RotationMode
    let slots: Int
    var keys: [KeyID: ModelKey]
    /// Every key that was ever made here on our account.
    private(set) var made: Set<KeyID> = []
    /// Exchanged in place: the value that is valid, and until when the one before is.
    private(set) var valid: KeyID
    private var before: (key: KeyID, until: UInt64)?
    private var count = 0

    init(mode: RotationMode, slots: Int, others: [KeyID]) {
        self.mode = mode
        self.slots = slots
        valid = Sample.key("old")
        keys = [valid: ModelKey(shows: 0)]
        for key in others { keys[key] = ModelKey(shows: 0) }
    }

    enum Made {
        case key(KeyID)
        case full
    }

    /// Makes a key, or exchanges the value.
    mutating func create(at now: UInt64, lag: UInt64) -> Made {
        count += 1
        let key = Sample.key("key\(count)")
        guard mode != .inPlace else {
            before = (valid, now + lag)
            keys[valid] = nil
            keys[key] = ModelKey(shows: now + lag)
            valid = key
            made.insert(key)
            return .key(key)
        }
        guard keys.count < slots else { return .full }
        keys[key] = ModelKey(shows: now + lag)
        made.insert(key)
        return .key(key)
    }

    func list(at now: UInt64) -> [KeyID] {
        keys.filter { $0.value.shows <= now }.map(\.key)
    }

    func accepts(_ key: KeyID, at now: UInt64) -> Bool {
        if let before, before.key == key, now < before.until { return true }
        guard let found = keys[key] else { return false }
        return found.isActive && found.shows <= now
    }

    /// Whether it is, or will soon be, accepted.
    func isLive(_ key: KeyID) -> Bool { keys[key]?.isActive == true }
}
