// Which variables of a job are set without being named on the command line.

/// Variables that a profile, or the name of a secret, may set in the environment of a job.
public enum EnvironmentName {
    /// Not those that say which code is run or where files are found.
    public static func isUsable(_ name: String) -> Bool {
        let isWellFormed =
            name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
            && name.utf8.first.map { !(48...57).contains($0) } ?? false
        let forbidden: Set = [
            "PATH", "HOME", "IFS", "ENV", "BASH_ENV", "SHELL", "TMPDIR", "USER", "LOGNAME", "PWD",
            "NODE_OPTIONS", "PERL5LIB", "PERL5OPT", "PYTHONPATH", "PYTHONSTARTUP", "RUBYOPT",
            "RUBYLIB", "GIT_SSH_COMMAND", "EDITOR", "VISUAL", "PAGER",
        ]
        let prefixes = [
            "LD_", "DYLD_", "SWIFT_", "COFFER_", "XDG_", "OPENSSL_", "GCONV_", "MALLOC_",
        ]
        return isWellFormed && name.utf8.count <= 128 && !forbidden.contains(name)
            && !prefixes.contains { name.hasPrefix($0) }
    }
}
