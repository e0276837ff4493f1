// What a verification of the log and of the vault found.

/// Why a log is not whole; the first place where it is not.
public enum AuditDefect: Hashable, Sendable, CaseIterable {
    /// An entry is missing, or stands in another's place.
    case gap
    /// The entry, or its link, is not what was written.
    case link
    /// The seal behind the entry is not by the key that was to sign it, or not over what it covers.
    case seal
    /// The log ends before what the head, or its own tip, says of it.
    case end
    /// An entry behind those that the head knows of tells of a change: rows and head were put back.
    case ahead
    /// The stored signing key is not the one that the newest seal names.
    case key
    /// The index that finds a secret's entries lacks some, or holds others.
    case index
}

/// A seal that came late: what it covers was open to change for as long.
public struct LateSeal: Hashable, Sendable {
    /// The first entry that it covers, and the one it stands behind.
    public let first: UInt64
    public let last: UInt64
    /// Milliseconds from the first to the last.
    public let delay: UInt64

    public init(first: UInt64, last: UInt64, delay: UInt64) {
        self.first = first
        self.last = last
        self.delay = delay
    }
}

/// A log that is whole.
public struct AuditVerification: Hashable, Sendable {
    public var entries: UInt64 = 0
    public var seals: UInt64 = 0
    /// Entries at the end that no seal covers yet.
    public var unsealed: UInt64 = 0
    /// At most `mostLate`, the first ones.
    public var late: [LateSeal] = []
    public var lateCount: UInt64 = 0
    /// How often the clock went back from one entry to the next.
    public var clockSteps: UInt64 = 0
    /// Whether the head's authentication code was checked too: that takes a key.
    public var isHeadProved = false
    /// How the log stands to what this machine remembers.
    public var anchor = AnchorState.absent(generation: 0)
    /// Secrets and versions that were checked, if the vault was open.
    public var secrets: UInt64?
    public var versions: UInt64?

    /// Most late seals that are listed.
    public static let mostLate = 20

    public init() {}
}

/// What a verification goes through.
public enum AuditStage: Hashable, Sendable {
    case log, rows
}

/// A statement of where a vault stood, short enough for paper.
public struct AuditReceipt: Hashable, Sendable, CustomStringConvertible {
    public let vault: VaultID
    public let generation: UInt64
    public let entries: UInt64
    public let seals: UInt64
    /// The first eight bytes of the chain's tip, as sixteen hexadecimal digits.
    public let tip: String

    public init(vault: VaultID, generation: UInt64, entries: UInt64, seals: UInt64, tip: [UInt8]) {
        self.vault = vault
        self.generation = generation
        self.entries = entries
        self.seals = seals
        self.tip = Self.short(tip)
    }

    /// What a receipt says of a tip.
    public static func short(_ tip: [UInt8]) -> String {
        tip.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// `coffer-receipt-1 VAULT gGENERATION eENTRIES sSEALS TIP`.
    public var description: String {
        "coffer-receipt-1 \(vault.identifier.hexadecimal) g\(generation) e\(entries) s\(seals)"
            + " \(tip)"
    }

    /// Reads what `description` gives, with any blanks around the words; nil for anything else.
    public init?(_ text: String) {
        // The end of a line in a file of Windows is one character.
        let words = text.split { [" ", "\t", "\n", "\r", "\r\n"].contains($0) }
        func number(_ word: Substring, _ letter: Character) -> UInt64? {
            guard word.first == letter, let number = UInt64(word.dropFirst()),
                String(number) == word.dropFirst()
            else { return nil }
            return number
        }
        guard words.count == 6, words[0] == "coffer-receipt-1",
            let vault = Identifier(hexadecimal: String(words[1])),
            let generation = number(words[2], "g"), let entries = number(words[3], "e"),
            let seals = number(words[4], "s"), words[5].utf8.count == 16,
            words[5].allSatisfy({ "0123456789abcdef".contains($0) })
        else { return nil }
        self.vault = VaultID(vault)
        self.generation = generation
        self.entries = entries
        self.seals = seals
        tip = String(words[5])
    }
}
