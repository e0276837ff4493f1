// Which events of the log a person wants to see.

internal import VaultModel

/// An event passes that fits everything that is set. Pure; what is asked for by name or program
/// never fits an event whose detail is sealed.
struct AuditFilter: Hashable, Sendable {
    /// Names that are wanted.
    enum Names: Hashable, Sendable {
        case one(SecretName)
        /// All that begin so; ends in a slash.
        case under(String)
        /// A secret that is there, with all the names that it had.
        case record(RecordID, names: Set<SecretName>)

        func hold(_ event: AuditEvent) -> Bool {
            if event.operation == .exporting { return areIn(event) }
            let named = [event.detail?.name, event.detail?.newName].compactMap { $0 }
            return switch self {
            case .one(let wanted): named.contains(wanted)
            case .under(let folder):
                named.contains { $0.text.utf8.starts(with: folder.utf8) }
            case .record(let object, let names):
                event.object == object || isInVain(event) && named.contains(where: names.contains)
            }
        }

        /// Whether a job asked for what it was not given: it knows a name and no record.
        private func isInVain(_ event: AuditEvent) -> Bool {
            event.operation == .collect && event.object == nil
        }

        /// Whether values of theirs may have been handed out with all that begin so.
        private func areIn(_ export: AuditEvent) -> Bool {
            guard let detail = export.detail else { return false }
            let prefix = detail.prefix ?? ""
            return switch self {
            case .one(let wanted): wanted.text.utf8.starts(with: prefix.utf8)
            case .under(let folder):
                folder.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: folder.utf8)
            case .record(_, let names):
                names.contains { $0.text.utf8.starts(with: prefix.utf8) }
            }
        }
    }

    var names: Names?
    /// Any of them; all if it is empty.
    var operations: Set<AuditOperation> = []
    /// Any of them; all if it is empty.
    var outcomes: Set<AuditOutcome> = []
    /// Not before this.
    var since: Timestamp?
    /// Not after the second of this.
    var until: Timestamp?
    /// The end of a path, whole parts of it.
    var program: String?

    /// Whether an event's detail is needed to tell.
    var needsDetail: Bool { names != nil || program != nil }

    func matches(_ event: AuditEvent) -> Bool {
        guard operations.isEmpty || operations.contains(event.operation),
            outcomes.isEmpty || outcomes.contains(event.outcome),
            since.map({ event.time >= $0 }) ?? true,
            until.map({ event.time.milliseconds / 1_000 <= $0.milliseconds / 1_000 }) ?? true
        else { return false }
        if let names, !names.hold(event) { return false }
        guard program != nil else { return true }
        return event.detail.map { matches(program: $0.attribution) } ?? false
    }

    /// The program may be anywhere in the chain: what a script of git's did, git did.
    private func matches(program attribution: Attribution) -> Bool {
        guard let program else { return true }
        return attribution.job.map { Self.isEnd(program, of: $0) } ?? false
            || attribution.chain.contains { Self.isEnd(program, of: $0.path) }
    }

    /// Whether `end` is `path`, or whole parts of it at its end.
    static func isEnd(_ end: String, of path: String) -> Bool {
        let (end, path) = (end.utf8, path.utf8)
        guard !end.isEmpty, end.count <= path.count, path.suffix(end.count).elementsEqual(end)
        else { return false }
        guard end.count < path.count else { return true }
        return end.first != UInt8(ascii: "/")
            && path.dropLast(end.count).last == UInt8(ascii: "/")
    }
}

/// The options of the filter.
extension AuditFilter {
    static let nameOption = Option.one(
        "--name", "NAME|PREFIX/", "only events of a secret, or of all whose names begin so")
    static let operationOption = Option.many(
        "--operation", "WORD", "only events of this kind; may be given again",
        .words(AuditOperation.allCases.map(\.word)))
    static let outcomeOption = Option.many(
        "--outcome", "WORD", "only events that ended so; may be given again",
        .words(AuditOutcome.allCases.map(\.word)))
    static let sinceOption = Option.one(
        "--since", "WHEN", "not before a date or a time, or so long ago, as in 14d")
    static let untilOption = Option.one(
        "--until", "WHEN", "not after a date or a time, or so long ago")
    static let programOption = Option.one(
        "--program", "PATH", "only events with this program in the chain, as in git or bin/git",
        .file)

    static let options = [
        nameOption, operationOption, sinceOption, untilOption, programOption, outcomeOption,
    ]

    /// What a command line asks for.
    init(_ call: Invocation, now: Timestamp) throws(Complaint) {
        names = try Self.names(call.value(of: Self.nameOption))
        for word in call.values(of: Self.operationOption) {
            operations.insert(
                try Self.choice(word, AuditOperation.allCases, \.word, Self.operationOption))
        }
        for word in call.values(of: Self.outcomeOption) {
            outcomes.insert(
                try Self.choice(word, AuditOutcome.allCases, \.word, Self.outcomeOption))
        }
        since = try Self.time(call, Self.sinceOption, now)
        until = try Self.time(call, Self.untilOption, now)
        program = call.value(of: Self.programOption)
        guard program != "" else {
            throw Complaint(.usage, "`\(Self.programOption.name)` is empty")
        }
    }

    private static func names(_ text: String?) throws(Complaint) -> Names? {
        guard let text else { return nil }
        guard text.hasSuffix("/") else { return .one(try SecretName.reading(text)) }
        _ = try SecretName.reading(String(text.dropLast()))
        return .under(text)
    }

    private static func choice<Choice>(
        _ text: String, _ all: [Choice], _ word: KeyPath<Choice, String>, _ option: Option
    ) throws(Complaint) -> Choice {
        if let found = all.first(where: { $0[keyPath: word] == text }) { return found }
        throw Complaint(
            .usage, "`\(option.name)` needs one of the words of the log",
            hint: "they are \(all.map { $0[keyPath: word] }.joined(separator: ", "))")
    }

    private static func time(
        _ call: Invocation, _ option: Option, _ now: Timestamp
    ) throws(Complaint) -> Timestamp? {
        guard let text = call.value(of: option) else { return nil }
        if let time = Timestamp(iso8601: text) { return time }
        guard let seconds = Duration.seconds(text) else {
            throw Complaint(
                .usage,
                "`\(option.name)` needs a date such as 2027-03-31, a time such as"
                    + " 2027-03-31T10:00:00Z, or a span back such as 14d, 36h or 90m")
        }
        let back = seconds * 1_000
        return Timestamp(milliseconds: now.milliseconds > back ? now.milliseconds - back : 0)
    }
}
