// Session tokens that are still good: one for all commands that ask with the same credential.
//
// In memory, sealed under keys of the secret itself (docs/decisions/0029-calls-through-curl.md):
// whoever takes one out has opened the secret, which is in the log.

internal import AgentService
internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// The place of one credential's token, locked as long as this lives: who finds no token there asks
/// the issuer, and the others wait for him.
@safe
struct TokenCache: ~Copyable {
    /// A secret that is shorter could be guessed from what is sealed under it.
    private static let shortestSecret = 16
    private static let longestFile = 131_072
    /// Of the life of a token, in tenths: what is left is for the job that gets it.
    private static let usedTenths: UInt64 = 8
    /// Seconds after which a file is of no use, whatever is in it.
    private static let oldest = 86_400
    /// Two moments and a life in front of the token.
    private static let headCount = 24

    private let descriptor: Int32
    private let folder: String
    private let keeper: TokenKeeper

    /// Nil where nothing can be kept: there is no private place in memory, or the secret is too
    /// short.
    init?(for credential: CallCredential) {
        guard credential.secretCount >= Self.shortestSecret,
            let runtime = try? Places.runtime()
        else { return nil }
        let folder = "\(runtime)/tokens"
        _ = unsafe mkdir(folder, 0o700)
        let binding = credential.binding
        let keeper = TokenKeeper(credential.secrets, for: binding.span)
        let path = "\(folder)/\(Self.hexadecimal(keeper.name))"
        let descriptor = unsafe open(
            path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { return nil }
        guard Self.isOurs(descriptor), Self.lock(descriptor) else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.folder = folder
        self.keeper = keeper
    }

    deinit { close(descriptor) }

    private static func isOurs(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
            && status.st_size <= longestFile
    }

    /// Milliseconds to wait for another process that asks: longer than one call takes. One that is
    /// stopped while it asks holds up nobody for ever.
    private static let patience: Int64 = 70_000

    private static func lock(_ descriptor: Int32) -> Bool {
        let deadline = Clock.monotonicMilliseconds() + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EINTR || errno == EWOULDBLOCK,
                Clock.monotonicMilliseconds() < deadline
            else { return false }
            usleep(20_000)
        }
        return true
    }

    /// The token that is there, if it has enough of its life left.
    func find() -> SessionToken? {
        guard lseek(descriptor, 0, SEEK_SET) == 0,
            let sealed = try? Intake.all(
                of: descriptor, longest: Self.longestFile, what: "the token")
        else { return nil }
        switch keeper.open(sealed.bytes) {
        case .none: return nil
        case .some(let kept): return Self.token(in: kept.bytes)
        }
    }

    private static func token(in kept: Span<UInt8>) -> SessionToken? {
        guard kept.count > headCount else { return nil }
        let (time, ticks, life) = (number(kept, 0), number(kept, 8), number(kept, 16))
        let (now, tick) = (Clock.now().milliseconds, UInt64(Clock.monotonicMilliseconds()))
        // Both clocks: one may be set back, the other stands still while the machine sleeps.
        guard life <= SessionLife.longest, now >= time, tick >= ticks else { return nil }
        let age = max(now - time, tick - ticks)
        guard age < life * 1_000 / 10 * usedTenths else { return nil }
        return SessionToken(
            token: SecretBytes(copying: kept.extracting(droppingFirst: headCount)),
            life: life - (age + 999) / 1_000)
    }

    /// Keeps a token that was asked for at these moments.
    func keep(_ session: borrowing SessionToken, since time: Timestamp, ticks: Int64) {
        guard let life = session.life, life > 0 else { return }
        var kept = SecretBytes(capacity: session.token.count + Self.headCount)
        for value in [time.milliseconds, UInt64(ticks), life] {
            for shift in stride(from: 56, through: 0, by: -8) {
                kept.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
            }
        }
        kept.append(session.token.bytes)
        // What fails leaves a file that does not open, or is empty: the next one asks again.
        guard let sealed = try? keeper.seal(kept.bytes), ftruncate(descriptor, 0) == 0,
            lseek(descriptor, 0, SEEK_SET) == 0
        else { return }
        try? OutputSink(descriptor: descriptor).write(sealed.span)
        clearOld()
    }

    /// Removes what was kept for secrets that are not used any more.
    private func clearOld() {
        guard let directory = unsafe opendir(folder) else { return }
        defer { unsafe closedir(directory) }
        let now = time(nil)
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            var status = stat()
            guard name.utf8.count == 32, unsafe lstat("\(folder)/\(name)", &status) == 0,
                status.st_mtim.tv_sec < now - Self.oldest
            else { continue }
            _ = unsafe unlink("\(folder)/\(name)")
        }
    }

    private static func number(_ bytes: Span<UInt8>, _ place: Int) -> UInt64 {
        (place..<place + 8).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}

extension CallCredential {
    /// How long its secrets are together, in bytes.
    var secretCount: Int { secrets.names.reduce(0) { $0 + (secrets.count(of: $1) ?? 0) } }

    /// What a token is for besides the secret: another scope or cloud has another one.
    var binding: [UInt8] {
        var binding: [UInt8] = []
        func add(_ text: String) {
            let bytes = Array(text.utf8)
            binding += (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) }
            binding += bytes
        }
        add(profile.id.text)
        for name in fields.keys.sorted(by: { $0.text < $1.text }) where name != FieldName.verified {
            add(name.text)
            add(fields[name] ?? "")
        }
        return binding
    }
}

// One token for many.
extension IssuerCalling {
    /// A token that is kept for this credential, or a new one, which is kept.
    func sharedSession(
        of credential: CallCredential, isFresh: Bool
    ) throws(Complaint) -> SessionToken {
        switch TokenCache(for: credential) {
        case .none: return try session(of: credential)
        case .some(let cache): return try session(of: credential, cache, isFresh: isFresh)
        }
    }

    private func session(
        of credential: CallCredential, _ cache: borrowing TokenCache, isFresh: Bool
    ) throws(Complaint) -> SessionToken {
        if !isFresh {
            switch cache.find() {
            case .some(let kept): return kept
            case .none: break
            }
        }
        let (time, ticks) = (Clock.now(), Clock.monotonicMilliseconds())
        let made = try session(of: credential)
        cache.keep(made, since: time, ticks: ticks)
        return made
    }
}
