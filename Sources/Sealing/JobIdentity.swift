// What a job needs to open what is delivered to it: one file (spec, "Jobs").

public import SecretMemory
public import VaultModel

/// The private half of a job. The vault has the public key and the pre-shared one, never this.
public struct JobIdentity: ~Copyable, Sendable {
    /// Of both keys, in bytes.
    static let keyCount = 32
    private static let checksumCount = 4
    /// Longest file, in bytes.
    public static let longestFile = 512

    public let vault: VaultID
    public let job: JobID
    public let name: SecretName
    let privateKey: SecretBytes
    let preShared: SecretBytes

    /// Draws a new one for a vault.
    public init(for vault: VaultID, named name: SecretName) throws(VaultError) {
        let id = try Randomness.identifier()
        let key = try Self.drawn()
        let shared = try Self.drawn()
        self.init(vault, JobID(id), name, key, shared)
    }

    private init(
        _ vault: VaultID, _ job: JobID, _ name: SecretName, _ privateKey: consuming SecretBytes,
        _ preShared: consuming SecretBytes
    ) {
        self.vault = vault
        self.job = job
        self.name = name
        self.privateKey = privateKey
        self.preShared = preShared
    }

    private static func drawn() throws(VaultError) -> SecretBytes {
        var drawn = SecretBytes(zeros: keyCount)
        var span = drawn.mutableBytes
        try Randomness.fill(&span)
        return drawn
    }

    /// The job as the vault keeps it, with nothing delivered.
    public borrowing func added(at time: Timestamp) -> OpenedJob {
        OpenedJob(
            Job(
                id: job, name: name, created: time,
                publicKey: X25519.publicKey(of: privateKey.bytes)),
            SecretBytes(copying: preShared.bytes))
    }
}

// The file: lines of a word and what it is.
extension JobIdentity {
    public borrowing func file() -> SecretBytes {
        var text = SecretBytes(capacity: Self.longestFile)
        text.append("coffer-job-1\nvault ")
        text.append(digits: vault.bytes.span)
        text.append("\njob ")
        text.append(digits: job.bytes.span)
        text.append("\nname ")
        text.append(Array(name.text.utf8).span)
        text.append("\nkey ")
        text.append(digits: privateKey.bytes)
        text.append("\nshared ")
        text.append(digits: preShared.bytes)
        text.append("\nsum ")
        let sum = Self.checksum(of: text.bytes)
        text.append(digits: sum.span)
        text.append("\n")
        return text
    }

    /// Whether a text begins as the file of an identity does; if not, it may be another key.
    public static func isBeginning(of text: Span<UInt8>) -> Bool {
        var lines = IdentityLines(text)
        return lines.take("coffer-job-")
    }

    /// Nil unless `text` is exactly what `file` writes.
    public init?(file text: Span<UInt8>) {
        guard text.count <= Self.longestFile else { return nil }
        var lines = IdentityLines(text)
        guard lines.take("coffer-job-1\nvault "),
            let vault = Self.identifier(&lines), lines.take("\njob "),
            let job = Self.identifier(&lines), lines.take("\nname "), let name = lines.name(),
            lines.take("\nkey ")
        else { return nil }
        switch lines.key() {
        case .none: return nil
        case .some(let key):
            guard lines.take("\nshared ") else { return nil }
            switch lines.key() {
            case .none: return nil
            case .some(let shared):
                guard lines.take("\nsum ") else { return nil }
                let sum = Self.checksum(of: text.extracting(first: text.count - lines.count))
                guard lines.isEnd(sum) else { return nil }
                self.init(VaultID(vault), JobID(job), name, key, shared)
            }
        }
    }

    private static func identifier(_ lines: inout IdentityLines) -> Identifier? {
        switch lines.bytes(Identifier.byteCount) {
        case .some(let bytes): Identifier(bytes.bytes)
        case .none: nil
        }
    }

    /// The first bytes of SHA-256(D("job-identity") ‖ the text before them).
    private static func checksum(of text: Span<UInt8>) -> [UInt8] {
        var message = SecretBytes(copying: CanonicalBytes(domain: "job-identity").bytes.span)
        message.append(text)
        return Array(SHA256.digest(message.bytes).prefix(checksumCount))
    }
}

/// The rest of a file that is read; nothing of it is copied but into locked memory.
private struct IdentityLines: ~Copyable, ~Escapable {
    private var rest: Span<UInt8>

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) { rest = text }

    var count: Int { rest.count }

    /// Takes exactly this text.
    @_lifetime(self: copy self)
    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard rest.count >= count else { return false }
        for index in 0..<count where unsafe rest[index] != text.utf8Start[index] { return false }
        rest = rest.extracting(count...)
        return true
    }

    /// Takes so many bytes as lower-case hexadecimal digits.
    @_lifetime(self: copy self)
    mutating func bytes(_ count: Int) -> SecretBytes? {
        guard rest.count >= 2 * count else { return nil }
        var bytes = SecretBytes(capacity: count)
        for place in 0..<count {
            guard let high = Self.value(rest[2 * place]), let low = Self.value(rest[2 * place + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        rest = rest.extracting((2 * count)...)
        return bytes
    }

    @_lifetime(self: copy self)
    mutating func key() -> SecretBytes? { bytes(JobIdentity.keyCount) }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// Takes a name, to the end of its line.
    @_lifetime(self: copy self)
    mutating func name() -> SecretName? {
        var count = 0
        while count < rest.count, rest[count] != UInt8(ascii: "\n") { count += 1 }
        guard count <= SecretName.longest,
            let text = String(validUTF8: rest.extracting(first: count))
        else { return nil }
        rest = rest.extracting(count...)
        return SecretName(text)
    }

    /// Whether these digits and the end of the line are all that is left.
    @_lifetime(self: copy self)
    mutating func isEnd(_ sum: [UInt8]) -> Bool {
        switch bytes(sum.count) {
        case .some(let read):
            return ConstantTime.areEqual(read.bytes, sum.span) && take("\n") && rest.isEmpty
        case .none: return false
        }
    }
}

extension SecretBytes {
    fileprivate mutating func append(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { unsafe append(text.utf8Start[index]) }
    }

    fileprivate mutating func append(digits bytes: Span<UInt8>) {
        for index in 0..<bytes.count {
            append(digit: bytes[index] >> 4)
            append(digit: bytes[index] & 15)
        }
    }

    private mutating func append(digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}
