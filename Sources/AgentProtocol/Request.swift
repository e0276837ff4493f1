// What an agent is asked, as it is read from a frame.

public import SecretMemory
public import VaultModel

/// One question. Nothing here names a path, a program, a library or a profile: an agent opens
/// nothing on a client's word.
public enum Request: ~Copyable {
    case hello(Greeting)
    case status
    case unlock(KeyOffer, RollbackChoice, LockTimes)
    case lock(ends: Bool)
    case fetch(SecretName, VersionSelector, DisabledUse)
    case fetchUnlogged(SecretName, VersionSelector, DisabledUse)
    case describe(SecretName)
    case list(prefix: String, RemovedListing)
    case names(prefix: String, RemovedListing)
    case preflight(SecretName, NameConflict)
    case store(SecretDraft, SecretFields, NameConflict)
    case edit(SecretName, [DescriptionChange])
    case rename(SecretName, to: SecretName)
    case remove(SecretName)
    case restore(SecretName)
    case purge(SecretName)
    case audit(AuditQuestion)
    case inbox(InboxQuestion)
    case grant(GrantQuestion)
    case rotation(RotationQuestion)
    case storeRotated(RotatedValue, SecretFields)

    /// Whether it is asked for what happened since it was asked last.
    public var isWatching: Bool {
        switch self {
        case .audit(.events): true
        default: false
        }
    }

    /// Whether it is entered as a reading of the log.
    public var entersAudit: Bool {
        switch self {
        case .audit(let question): question == .enter || question == .keys
        default: false
        }
    }

    /// Whether it reads the log or what only a reader of the log needs: that comes behind the
    /// entry.
    public var readsLog: Bool {
        switch self {
        case .audit(let question): question != .enter && question != .keys
        default: false
        }
    }

    /// Longest prefix of names that is listed, in bytes.
    static let longestPrefix = 1_024

    /// The question in a frame without its length. `.agentRefused` unless it is exactly one.
    public static func read(_ frame: Span<UInt8>) throws(VaultError) -> Request {
        var reader = CanonicalReader(frame)
        guard let topic = reader.number(UInt8.self).flatMap(Topic.init(rawValue:)) else {
            throw .agentRefused(.malformed)
        }
        if topic == .hello {
            let (isOurs, greeting) = reader.greeting()
            guard isOurs else { throw .agentRefused(.otherVersion) }
            guard let greeting, reader.isAtEnd else { throw .agentRefused(.malformed) }
            return .hello(greeting)
        }
        switch read(topic, &reader) {
        case .some(let request):
            guard reader.isAtEnd else { throw .agentRefused(.malformed) }
            return request
        case .none: throw .agentRefused(.malformed)
        }
    }

    @_lifetime(reader: copy reader)
    private static func read(_ topic: Topic, _ reader: inout CanonicalReader) -> Request? {
        switch topic {
        case .status: .status
        case .lock: reader.flag().map { .lock(ends: $0) }
        case .unlock: readUnlock(&reader)
        case .fetch, .fetchUnlogged: readFetch(topic, &reader)
        case .list, .names: readList(topic, &reader)
        case .store: readStore(&reader)
        case .hello, .done, .failed, .part: nil
        case .describe, .preflight, .edit, .rename, .remove, .restore, .purge:
            readAboutName(topic, &reader)
        case .enterAudit, .events, .record, .keys, .verifyRows:
            AuditQuestion.read(topic, &reader).map { .audit($0) }
        case .depositFacts, .retryDeposits, .discardDeposits, .discard, .showPending, .accept:
            InboxQuestion.read(topic, &reader).map { .inbox($0) }
        case .permit, .sessionGrants, .forgetGrants:
            GrantQuestion.read(topic, &reader).map { .grant($0) }
        case .beginRotation, .advanceRotation, .history, .rollBack:
            RotationQuestion.read(topic, &reader).map { .rotation($0) }
        case .storeRotated: readStoreRotated(&reader)
        }
    }

    @_lifetime(reader: copy reader)
    private static func readUnlock(_ reader: inout CanonicalReader) -> Request? {
        guard let isRaw = reader.flag(), let accepts = reader.flag(),
            let idle = reader.optionalNumber(), let most = reader.optionalNumber(),
            let key = reader.prefixed(atMost: Frame.longestGreeting)
        else { return nil }
        let bytes = SecretBytes(copying: key)
        return .unlock(
            isRaw ? .rawKey(bytes) : .passphrase(bytes), accepts ? .accept : .refuse,
            LockTimes(idle: idle, most: most))
    }

    @_lifetime(reader: copy reader)
    private static func readFetch(
        _ topic: Topic, _ reader: inout CanonicalReader
    ) -> Request? {
        guard let name = reader.name(), let version = reader.version(),
            let allows = reader.flag()
        else { return nil }
        let disabled: DisabledUse = allows ? .allow : .refuse
        return topic == .fetch
            ? .fetch(name, version, disabled) : .fetchUnlogged(name, version, disabled)
    }

    @_lifetime(reader: copy reader)
    private static func readList(
        _ topic: Topic, _ reader: inout CanonicalReader
    ) -> Request? {
        guard let prefix = reader.text(atMost: longestPrefix), let isRemoved = reader.flag() else {
            return nil
        }
        let removed: RemovedListing = isRemoved ? .only : .hide
        return topic == .list ? .list(prefix: prefix, removed) : .names(prefix: prefix, removed)
    }

    @_lifetime(reader: copy reader)
    private static func readStore(_ reader: inout CanonicalReader) -> Request? {
        guard let draft = reader.draft(), let adds = reader.flag() else { return nil }
        switch reader.secrets() {
        case .some(let secrets): return .store(draft, secrets, adds ? .addVersion : .refuse)
        case .none: return nil
        }
    }

    @_lifetime(reader: copy reader)
    private static func readStoreRotated(_ reader: inout CanonicalReader) -> Request? {
        guard let value = reader.rotatedValue() else { return nil }
        switch reader.secrets() {
        case .some(let secrets): return .storeRotated(value, secrets)
        case .none: return nil
        }
    }

    @_lifetime(reader: copy reader)
    private static func readAboutName(
        _ topic: Topic, _ reader: inout CanonicalReader
    ) -> Request? {
        guard let name = reader.name() else { return nil }
        switch topic {
        case .describe: return .describe(name)
        case .remove: return .remove(name)
        case .restore: return .restore(name)
        case .purge: return .purge(name)
        case .preflight: return reader.flag().map { .preflight(name, $0 ? .addVersion : .refuse) }
        case .rename: return reader.name().map { .rename(name, to: $0) }
        default: return readEdit(name, &reader)
        }
    }

    @_lifetime(reader: copy reader)
    private static func readEdit(
        _ name: SecretName, _ reader: inout CanonicalReader
    ) -> Request? {
        guard let count = reader.number(UInt32.self), count <= 4_096 else { return nil }
        var changes: [DescriptionChange] = []
        for _ in 0..<count {
            guard let change = reader.change() else { return nil }
            changes.append(change)
        }
        return .edit(name, changes)
    }
}
