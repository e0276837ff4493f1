// The inventory of `audit keys`: which keys are here, and in which order they are looked at.

internal import VaultModel

/// One secret with what the log says of it, at one moment.
struct InventoryKey: Sendable {
    let id: RecordID
    let secret: Metadata
    let usage: KeyUsage
    /// Seconds since the current version was stored; nil if there is none.
    let age: UInt64?
    /// See `UsageLedger.unusedSince`.
    let unusedSince: Timestamp?

    init(_ id: RecordID, _ secret: Metadata, _ ledger: UsageLedger, now: Timestamp) {
        self.id = id
        self.secret = secret
        usage = ledger.usage(of: id)
        age = secret.age(at: now)
        unusedSince = ledger.unusedSince(id, secret)
    }

    /// What the issuer calls the role, as it is stored.
    var role: String? { field("role") }
    /// The session validity interval as it is stored; its unit is the profile's, for those that are
    /// built in the second.
    var sessionValidity: String? { field("session_validity") }

    private func field(_ name: String) -> String? { FieldName(name).flatMap { secret.fields[$0] } }
}

/// What a key must be like to be listed; nil asks for nothing.
struct KeyFilter: Hashable, Sendable {
    static let issuerOption = Option.one("--issuer", "ISSUER", "only keys of this issuer", .issuer)
    static let statusOption = Option.one(
        "--status", "enabled|disabled", "only keys of this status", .words(["enabled", "disabled"]))
    static let tagOption = Option.many(
        "--tag", "TAG", "only keys that have this tag; all, if given again")
    static let neverUsedOption = Option.flag(
        "--never-used", "only keys that the log shows no use of")
    static let unusedForOption = Option.one(
        "--unused-for", "90d", "only keys that nothing has used for so long")
    static let expiresWithinOption = Option.one(
        "--expires-within", "14d", "only keys that expire within this time, or have expired")

    static let options = [
        issuerOption, statusOption, tagOption, neverUsedOption, unusedForOption,
        expiresWithinOption,
    ]

    /// The beginning of names.
    var prefix = ""
    var issuer: IssuerID?
    var status: SecretStatus?
    /// All of these.
    var tags: [String] = []
    var neverUsed = false
    /// Seconds.
    var unusedFor: UInt64?
    /// Seconds.
    var expiresWithin: UInt64?

    init() {}

    /// From a command line whose first operand, if there is one, is the prefix.
    init(_ call: Invocation) throws(Complaint) {
        prefix = call.optionalOperand(0) ?? ""
        if let text = call.value(of: Self.issuerOption) {
            // Not the catalog: a key outlives the profile that it was captured with.
            guard let id = IssuerID(text) else {
                throw Complaint(
                    .usage, "this is no issuer's id", hint: "`coffer issuer list` lists them")
            }
            issuer = id
        }
        status = try call.value(of: Self.statusOption).map(PublicField.status)
        tags = call.values(of: Self.tagOption)
        neverUsed = call.has(Self.neverUsedOption)
        unusedFor = try call.duration(Self.unusedForOption)
        expiresWithin = try call.duration(Self.expiresWithinOption)
    }

    func admits(_ key: InventoryKey, now: Timestamp) -> Bool {
        let secret = key.secret
        guard secret.name.text.hasPrefix(prefix), issuer.map({ $0 == secret.issuer }) ?? true,
            status.map({ $0 == secret.status }) ?? true, tags.allSatisfy(secret.tags.contains),
            !neverUsed || !key.usage.wasUsed
        else { return false }
        if let unusedFor {
            guard let since = key.unusedSince, since.adding(seconds: unusedFor) <= now else {
                return false
            }
        }
        if let expiresWithin {
            guard let expires = secret.expires, expires <= now.adding(seconds: expiresWithin) else {
                return false
            }
        }
        return true
    }
}

/// The order of the list: what to look at first comes first.
enum KeyOrder: String, Hashable, Sendable, CaseIterable {
    case name
    /// The oldest first.
    case age
    /// What expires soonest first, what never does last.
    case expiry
    /// What was never used first, then what has not been used for longest.
    case lastUsed = "last-used"
    /// What is used least first.
    case uses

    static let sortOption = Option.one(
        "--sort", "ORDER",
        "name, age (oldest first), expiry, last-used (never and longest ago first) or uses (fewest"
            + " first); name if it is left out",
        .words(allCases.map(\.rawValue)))
    static let reverseOption = Option.flag("--reverse", "turn the order round")

    static func reading(_ call: Invocation) throws(Complaint) -> KeyOrder {
        guard let text = call.value(of: sortOption) else { return .name }
        guard let order = KeyOrder(rawValue: text) else {
            let names = allCases.map(\.rawValue).joined(separator: ", ")
            throw Complaint(.usage, "`--sort` needs one of \(names)")
        }
        return order
    }

    /// The keys in this order; equal ones by name.
    func sorted(_ keys: [InventoryKey]) -> [InventoryKey] {
        // Numbers, the lowest first.
        func place(_ key: InventoryKey) -> UInt64 {
            switch self {
            case .name: 0
            case .age: .max - (key.age ?? 0)
            case .expiry: key.secret.expires?.milliseconds ?? .max
            case .lastUsed: key.usage.last?.milliseconds ?? 0
            case .uses: UInt64(key.usage.recentCount)
            }
        }
        return keys.map { (place($0), $0) }
            .sorted { ($0.0, $0.1.secret.name) < ($1.0, $1.1.secret.name) }.map(\.1)
    }
}

/// `audit keys`.
struct KeyInventory: Sendable {
    enum Format: Hashable, Sendable {
        case table(Grid.Medium)
        case json
        case csv
    }

    static let csvOption = Option.flag("--csv", "print CSV, safe to open in a spreadsheet")
    /// Every option of `audit keys`; its optional operand is the prefix.
    static let options =
        KeyFilter.options
        + [KeyOrder.sortOption, KeyOrder.reverseOption, VerbTable.json, csvOption]
    static let details = [
        "A line for each key: issuer, status, role and session validity, the age of its current"
            + " version, when it expires, how many versions there are, when it was last used and"
            + " by which program, and how often in the last 30 days. PREFIX is the beginning of a"
            + " name.",
        "In --csv a cell that a spreadsheet would take for a formula has an apostrophe in front;"
            + " --json has every value as it is.",
    ]

    let keys: [InventoryKey]
    let now: Timestamp

    /// Hidden secrets are not in the inventory.
    init(_ secrets: [(RecordID, Metadata)], _ ledger: UsageLedger, now: Timestamp) {
        self.now = now
        keys = secrets.filter { $0.1.removed == nil }
            .map { InventoryKey($0.0, $0.1, ledger, now: now) }
    }

    static func format(_ call: Invocation) throws(Complaint) -> Format {
        switch (call.has(VerbTable.json), call.has(csvOption)) {
        case (true, true): throw Complaint(.usage, "`--json` and `--csv` exclude each other")
        case (true, false): return .json
        case (false, true): return .csv
        case (false, false): return .table(.standardOutput)
        }
    }

    /// The report that a command line asks for.
    func report(_ call: Invocation) throws(Complaint) -> Report {
        let order = try KeyOrder.reading(call)
        return report(
            try KeyFilter(call), order, isReversed: call.has(KeyOrder.reverseOption),
            try Self.format(call))
    }

    func report(
        _ filter: KeyFilter, _ order: KeyOrder, isReversed: Bool, _ format: Format
    ) -> Report {
        let sorted = order.sorted(keys.filter { filter.admits($0, now: now) })
        let found = isReversed ? sorted.reversed() : sorted
        switch format {
        case .table(let medium): return KeyTable.report(found, for: medium)
        case .json: return Report(text: JSONText.array(found.map(KeyTable.json)).text + "\n")
        case .csv: return Report(text: KeyTable.csv(found))
        }
    }
}
