// What of a vault may be had without a person: jobs with what is delivered to them, and programs
// with what is granted to them. Nothing here is secret.

/// Which job: random, drawn when it is added.
public struct JobID: Hashable, Sendable, CustomStringConvertible {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public var bytes: [UInt8] { identifier.bytes }
    public var description: String { identifier.hexadecimal }
}

/// One secret that a job may open.
public struct Delivery: Hashable, Sendable {
    /// The name of the secret.
    public let name: SecretName
    public let rid: RecordID
    /// From when on the job may not open it any more, or nil.
    public let expires: Timestamp?

    public init(of name: SecretName, _ rid: RecordID, until expires: Timestamp?) {
        self.name = name
        self.rid = rid
        self.expires = expires
    }

    public func isOver(at time: Timestamp) -> Bool { expires.map { $0 <= time } ?? false }
}

/// A job that opens what is delivered to it while the vault stays locked.
public struct Job: Hashable, Sendable {
    public let id: JobID
    public let name: SecretName
    public let created: Timestamp
    /// X25519 public key, 32 bytes.
    public let publicKey: [UInt8]
    /// In the order of names, each once.
    public private(set) var deliveries: [Delivery] = []

    /// Most deliveries of one job.
    public static let mostDeliveries = 256
    /// Most jobs of a vault, and most grants.
    public static let most = 256

    public init(id: JobID, name: SecretName, created: Timestamp, publicKey: [UInt8]) {
        self.id = id
        self.name = name
        self.created = created
        self.publicKey = publicKey
    }

    public func delivery(of secret: SecretName) -> Delivery? {
        deliveries.first { $0.name == secret }
    }

    /// Adds a delivery, in the place of one of the same secret.
    public mutating func add(_ delivery: Delivery) {
        remove(delivery.name)
        let place = deliveries.firstIndex { $0.name > delivery.name } ?? deliveries.endIndex
        deliveries.insert(delivery, at: place)
    }

    public mutating func remove(_ secret: SecretName) {
        deliveries.removeAll { $0.name == secret }
    }
}

/// Which grant: random, drawn when it is made.
public struct GrantID: Hashable, Sendable, CustomStringConvertible {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public var bytes: [UInt8] { identifier.bytes }
    public var description: String { identifier.hexadecimal }
}

/// A program as it is on disk: another file at its path is another program.
public struct GrantedProgram: Hashable, Sendable {
    /// From the root.
    public let path: String
    /// SHA-256 of the file.
    public let digest: [UInt8]

    /// The digest in sixty-four lower-case hexadecimal digits.
    public var digestText: String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Longest path, in bytes of UTF-8.
    public static let longestPath = 4_096

    /// Whether the file at `path` runs programs that other files hold, or whatever it is told to:
    /// granted to it, a secret would be granted to all of them. By the beginning of its name, as in
    /// `python3.11` and `vim.basic`: what is not in the list is not known to be one.
    public static func isInterpreter(_ path: String) -> Bool {
        let name = (path.split(separator: "/").last.map(String.init) ?? "").lowercased()
        let stem = name.prefix { $0.isLetter }
        return interpreters.contains(String(stem)) || interpreters.contains(name)
    }

    private static let interpreters: Set<String> = [
        // Shells.
        "ash", "bash", "busybox", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "oksh",
        "pwsh", "rbash", "rc", "sh", "tcsh", "toybox", "xonsh", "yash", "zsh",
        // Languages.
        "awk", "bb", "beam", "bun", "clojure", "deno", "dotnet", "elixir", "erl", "escript", "gawk",
        "gforth", "ghci", "groovy", "guile", "java", "jshell", "julia", "ld", "lua", "luajit",
        "mawk", "mono", "nawk", "node", "nodejs", "ocaml", "octave", "osascript", "perl", "php",
        "pypy", "python", "qemu", "qjs", "r", "racket", "rscript", "ruby", "sbcl", "scala", "sed",
        "sqlite", "swift", "tclsh", "wine", "wish",
        // Editors and readers that run commands.
        "ed", "emacs", "less", "man", "more", "nvim", "vi", "view", "vim",
        // What starts other programs.
        "at", "atd", "bwrap", "choom", "chroot", "chrt", "coffer", "cron", "crond", "dbus", "doas",
        "dpkg", "env", "expect", "find", "flock", "gdb", "git", "gmake", "ionice", "just", "login",
        "make", "newgrp", "nice", "ninja", "nohup", "nsenter", "parallel", "perf", "pkexec",
        "prlimit", "run-parts", "runuser", "screen", "script", "setarch", "setpriv", "setsid", "sg",
        "ssh", "sshd", "ssh-agent", "stdbuf", "strace", "su", "sudo", "systemd", "tar", "task",
        "taskset", "time", "timeout", "tmux", "uclampset", "unshare", "watch", "xargs",
        "coffer-askpass", "docker-credential-coffer",
    ]

    /// Nil unless the path is one from the root, and the digest has its size.
    public init?(path: String, digest: [UInt8]) {
        guard path.hasPrefix("/"), path.utf8.count <= Self.longestPath, !path.utf8.contains(0),
            digest.count == 32
        else { return nil }
        self.path = path
        self.digest = digest
    }
}

/// That a program may have a secret without a person being asked.
public struct Grant: Hashable, Sendable {
    public let id: GrantID
    public let rid: RecordID
    /// The name of the secret.
    public var name: SecretName
    public let program: GrantedProgram
    public let created: Timestamp
    /// From when on it is over, or nil.
    public let expires: Timestamp?
    /// What a person said about it: UTF-8, at most `longestNote` bytes.
    public let note: String

    /// Longest note, in bytes of UTF-8.
    public static let longestNote = 1_024

    public init(
        id: GrantID, rid: RecordID, name: SecretName, program: GrantedProgram,
        created: Timestamp, until expires: Timestamp?, note: String
    ) {
        self.id = id
        self.rid = rid
        self.name = name
        self.program = program
        self.created = created
        self.expires = expires
        self.note = note
    }

    public func isOver(at time: Timestamp) -> Bool { expires.map { $0 <= time } ?? false }
}

/// How long an asking program is allowed to have a secret.
public enum GrantScope: Hashable, Sendable {
    /// This once.
    case once
    /// In this session of processes, while the vault stays unlocked.
    case session
    /// The program as it is on disk, wherever it runs: until that time, or until it is revoked.
    case program(until: Timestamp)

    /// Longest time for a program, in milliseconds: 30 days. A longer one takes a key.
    public static let longest: UInt64 = 30 * 86_400_000
}

/// What is allowed while a vault stays unlocked, and is in no file.
public struct SessionGrant: Hashable, Sendable {
    public let name: SecretName
    /// The program's path.
    public let path: String
    /// The leader of the session of processes.
    public let leader: UInt32

    public init(name: SecretName, path: String, leader: UInt32) {
        self.name = name
        self.path = path
        self.leader = leader
    }
}

/// A program that was refused a secret, as the kernel tells of it.
public struct RefusedProgram: Hashable, Sendable {
    /// Its path, or empty if it is not known which program it is.
    public let path: String
    public let process: UInt32
    /// Whether the one who unlocked the vault can be asked where it runs.
    public let canAsk: Bool

    /// Nobody knows which.
    public static let unknown = RefusedProgram(path: "", process: 0, canAsk: false)

    public init(path: String, process: UInt32, canAsk: Bool) {
        self.path = path
        self.process = process
        self.canAsk = canAsk
    }
}

extension Metadata {
    /// Whether the secret can be had without a person at all.
    public var isInUse: Bool { removed == nil && status == .enabled }
}
