// Where things are: environment variables and the paths that follow from them.

internal import CLinux
internal import Glibc

/// Paths by the XDG base directory specification. A relative `$XDG_…` is ignored, as it demands.
enum Places {
    /// An environment variable; empty counts as unset. Never used for a secret.
    static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// The pager that a person wants: empty for none, nil for no wish.
    static var pager: String? {
        for name in ["COFFER_PAGER", "PAGER"] {
            if let value = unsafe getenv(name) { return unsafe String(cString: value) }
        }
        return nil
    }

    private static func absolute(_ name: String) -> String? {
        variable(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    /// `$COFFER_VAULT`, else the usual place.
    static func vault() throws(Complaint) -> String {
        if let path = variable("COFFER_VAULT") { return path }
        guard let path = usualVault else {
            throw Complaint(
                .usage, "HOME is not set, so there is no standard place for the vault",
                hint: "name it with --vault PATH or COFFER_VAULT")
        }
        return path
    }

    /// `$XDG_DATA_HOME/coffer/vault.db`, or nil.
    static var usualVault: String? {
        if let data = absolute("XDG_DATA_HOME") { return "\(data)/coffer/vault.db" }
        return absolute("HOME").map { "\($0)/.local/share/coffer/vault.db" }
    }

    /// Whether the machine has a folder for what lives as long as a person is there.
    static var hasRuntime: Bool { absolute("XDG_RUNTIME_DIR") != nil }

    /// The folder of the agents' sockets: `$XDG_RUNTIME_DIR/coffer`, else one in /tmp.
    static var usualSockets: String {
        absolute("XDG_RUNTIME_DIR").map { "\($0)/coffer" } ?? "/tmp/coffer-\(geteuid())"
    }

    /// The variable in which a command finds the folder of the agent that is for it alone.
    static let agentFolderVariable = "COFFER_AGENT_DIR"
    static var agentFolder: String? { absolute(agentFolderVariable) }

    /// Where the agent's socket is.
    static var sockets: String { agentFolder ?? usualSockets }

    /// The listening socket that systemd started us with (sd_listen_fds(3)), or nil.
    static var handedSocket: Int32? {
        guard variable("LISTEN_PID") == String(getpid()), variable("LISTEN_FDS") == "1",
            fcntl(3, F_SETFD, FD_CLOEXEC) == 0,
            fcntl(3, F_SETFL, fcntl(3, F_GETFL) | O_NONBLOCK) == 0
        else { return nil }
        return 3
    }

    static var workingDirectory: String? {
        guard let path = unsafe getcwd(nil, 0) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// `$COFFER_KEY_FILE`: the key file for clients that can give no options, or nil.
    static var keyFile: String? { variable("COFFER_KEY_FILE") }

    /// A path from the root, seen from the working directory.
    static func absolutePath(_ path: String) throws(Complaint) -> String {
        guard !path.hasPrefix("/") else { return path }
        guard let folder = unsafe getcwd(nil, 0) else {
            throw Complaint(.notStored, "the working directory is gone")
        }
        defer { unsafe free(folder) }
        return unsafe "\(String(cString: folder))/\(path)"
    }

    /// The folder of a person's settings, or nil.
    private static var settings: String? {
        if let config = absolute("XDG_CONFIG_HOME") { return "\(config)/coffer" }
        return absolute("HOME").map { "\($0)/.config/coffer" }
    }

    /// Where it is remembered what was last seen of vaults, or nil: `$XDG_STATE_HOME/coffer`.
    static var state: String? {
        if let state = absolute("XDG_STATE_HOME") { return "\(state)/coffer" }
        return absolute("HOME").map { "\($0)/.local/state/coffer" }
    }

    /// The folder of a person's own profiles, or nil.
    static var issuers: String? { settings.map { "\($0)/issuers" } }

    /// The file of the findings that a person accepts for a while, or nil.
    static var acceptedFindings: String? { settings.map { "\($0)/accepted-findings" } }

    /// The files in that folder.
    static var userProfiles: [String] {
        guard let folder = issuers, let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var files: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasSuffix(".json") { files.append("\(folder)/\(name)") }
        }
        return files.sorted()
    }

    /// Where systemd puts a service's credentials (systemd.exec(5)), or nil.
    static var credentials: String? { absolute("CREDENTIALS_DIRECTORY") }

    /// Whether anything has this name; a link counts as itself.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Whether a directory has this name, or the one that a link leads to.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A private directory in memory for files of jobs: `$XDG_RUNTIME_DIR/coffer`, else one in
    /// `/dev/shm`. Refused unless it is ours alone and on tmpfs.
    static func runtime() throws(Complaint) -> String {
        let candidates =
            [absolute("XDG_RUNTIME_DIR").map { "\($0)/coffer" }].compactMap { $0 }
            + ["/dev/shm/coffer-\(geteuid())"]
        var refused: Complaint?
        for path in candidates {
            _ = unsafe mkdir(path, 0o700)
            do throws(Complaint) {
                try checkPrivate(path)
                let kind = unsafe coffer_file_system_of_path(path)
                if kind == 0x0102_1994 || kind == 0x8584_58f6 { return path }
            } catch {
                refused = refused ?? error
            }
        }
        throw refused
            ?? Complaint(
                .refused, "there is no private directory in memory for a job's file",
                hint: "set XDG_RUNTIME_DIR to a directory on tmpfs, or use --fd or --env")
    }

    private static func checkPrivate(_ path: String) throws(Complaint) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            throw Complaint(.refused, "\(Escaped.path(path)) cannot be made")
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else {
            throw Complaint(
                .refused, "\(Escaped.path(path)) is not a private directory of yours",
                hint: "remove it, or chmod 700 if it is yours")
        }
    }
}
