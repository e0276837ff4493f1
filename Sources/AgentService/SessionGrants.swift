// Grants, in process: a key of the vault is asked for each time.

internal import Glibc
internal import SecretMemory
internal import VaultCore
public import VaultModel

extension Session {
    /// The program at `path` as a grant names it: where its file truly lies, and what is in it.
    /// `.interpreter` if it runs what others hold.
    public static func program(at path: String) throws(VaultError) -> GrantedProgram {
        let resolved = unsafe realpath(path, nil).map { text in
            defer { unsafe free(text) }
            return unsafe String(cString: text)
        }
        guard let resolved else { throw .io(.read, path: path, errno: errno) }
        let descriptor = unsafe Glibc.open(resolved, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .io(.read, path: path, errno: errno) }
        switch ProgramFile(descriptor) {
        case .some(let file):
            guard !file.isScript, !GrantedProgram.isInterpreter(resolved) else {
                throw .interpreter(path: resolved)
            }
            // Of a running program the kernel's text is cut there, so a grant would never hold.
            guard resolved.utf8.count <= Attribution.longestText else { throw .metadataTooLong }
            guard let digest = file.digest(),
                let program = GrantedProgram(path: resolved, digest: digest)
            else { throw .io(.read, path: path, errno: EIO) }
            return program
        case .none: throw .unsafeFile(path: path, .notRegular)
        }
    }

    /// Grants a secret to a program until that time, in the place of a grant of both.
    public func addGrant(
        of name: SecretName, to program: GrantedProgram, until expires: Timestamp?, note: String,
        at time: Timestamp
    ) throws(VaultError) -> Grant {
        try unlocked { vault throws(VaultError) in
            try vault.addGrant(of: name, to: program, until: expires, note: note, at: time)
        }
    }

    public func revokeGrant(_ id: GrantID, at time: Timestamp) throws(VaultError) {
        try unlocked { vault throws(VaultError) in try vault.revokeGrant(id, at: time) }
    }

    /// Every grant, in the order of secrets and programs; those too whose time is over and that no
    /// change has taken out yet.
    public func grants(at time: Timestamp) throws(VaultError) -> [Grant] {
        try unlocked { vault throws(VaultError) in try vault.grants(at: time) }
    }

    /// Whether the secret is handed out by grant only.
    func needsGrant(_ name: SecretName) throws(VaultError) -> Bool {
        try unlocked { vault throws(VaultError) in try vault.needsGrant(name) }
    }

    func enterPermit(
        of name: SecretName, to program: String, at time: Timestamp
    ) throws(VaultError) -> RecordID {
        try unlocked { vault throws(VaultError) in
            try vault.enterPermit(of: name, to: program, at: time)
        }
    }

    /// Answers several askers in one transaction; how many of them.
    func fetchEach(
        _ questions: ArraySlice<FetchQuestion>, at time: Timestamp,
        opened: (borrowing OpenedSecret) -> Void, failed: (VaultError) -> Void
    ) throws(VaultError) -> Int {
        try unlocked { vault throws(VaultError) in
            try vault.fetchEach(questions, at: time, opened: opened, failed: failed)
        }
    }

    func fetchUnlogged(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp,
        check: @escaping GrantCheck
    ) throws(VaultError) -> OpenedSecret {
        try unlocked { vault throws(VaultError) in
            try vault.fetchUnlogged(name, version, disabled: disabled, at: time, check: check)
        }
    }
}
