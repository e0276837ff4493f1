// Who is at the other end of a connection: what the kernel says, bound to the process that it is.

internal import AgentProtocol
internal import CLinux
internal import Glibc
internal import VaultModel

/// A process that connected.
struct Peer: ~Copyable {
    let process: Int32
    let user: UInt32
    /// Readable once the process has ended; -1 where the kernel has none.
    private let descriptor: Int32

    /// Nil if the kernel does not tell.
    init?(of connection: Int32) {
        var process: Int32 = 0
        var user: UInt32 = 0
        guard unsafe coffer_peer(connection, &process, &user) == 0 else { return nil }
        self.process = process
        self.user = user
        descriptor = coffer_peer_process_descriptor(connection)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether it is of our own user. Root is another user, unless we are root: its processes have
    /// other ways, and none needs a secret by mistake.
    var isOurs: Bool { user == geteuid() }

    /// Who it is, for the log. A process that has ended meanwhile may have left its number to
    /// another one: then the number is all that is said.
    var attribution: Attribution {
        let found = Attribution.of(process: process)
        guard hasEnded else { return found }
        return Attribution(
            chain: [
                ActingProcess(pid: UInt32(clamping: process), path: "", executable: .unknown)
            ])
    }

    /// Whether it can be told that the process has ended.
    var isBound: Bool { descriptor >= 0 }

    var hasEnded: Bool {
        guard descriptor >= 0 else { return false }
        var ended = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&ended, 1, 0) > 0
    }
}
