// The right to ask at a terminal, which one process has at a time.

internal import Glibc

/// Held as long as it lives. Without the terminal's name there is nothing to wait for.
@safe
struct TerminalTurn: ~Copyable {
    private let descriptor: Int32

    /// Waits until no other process asks at the terminal at `path`. Who may not open it holds up
    /// nobody: a lock of a terminal is for those whose it is.
    init(_ path: String?) {
        let flags = O_RDWR | O_NOCTTY | O_CLOEXEC
        descriptor = path.map { unsafe Glibc.open($0, flags) } ?? -1
        guard descriptor >= 0 else { return }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
