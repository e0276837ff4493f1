// A program beside us that has to be waited for.

internal import CLinux
internal import Glibc

/// From its start until waitpid(2) has told how it ended.
@safe
struct Child: ~Copyable {
    private let id: pid_t
    /// Readable once it has ended; -1 where the kernel has no such descriptor.
    let descriptor: Int32
    /// As waitpid(2) gives it; nil while it runs.
    private(set) var status: Int32?

    init(_ id: pid_t) {
        self.id = id
        descriptor = coffer_process_descriptor(id)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Looks whether it has ended. An end that nobody can tell is a failure.
    mutating func look() {
        guard status == nil else { return }
        var found: Int32 = 0
        let ended = unsafe waitpid(id, &found, WNOHANG)
        if ended != 0 { status = ended == id ? found : WaitStatus.unknown }
    }

    /// Waits until it has ended and returns how, as waitpid(2) gives it.
    mutating func wait() -> Int32 {
        while status == nil {
            var found: Int32 = 0
            let ended = unsafe waitpid(id, &found, 0)
            if ended >= 0 || errno != EINTR { status = ended == id ? found : WaitStatus.unknown }
        }
        return status ?? WaitStatus.unknown
    }

    /// Sends a signal, unless its number may be another process's by now.
    func send(_ number: Int32) {
        if status == nil { kill(id, number) }
    }

    /// Milliseconds after which to look again without being told.
    var patience: Int32 { descriptor >= 0 ? -1 : 20 }
}

/// Reading what waitpid(2) says; C has macros for it.
enum WaitStatus {
    /// The exit code 255.
    static let unknown: Int32 = 0xff00

    /// The exit code as a shell gives it: 128 and the number of the signal if one ended it.
    static func exitCode(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }

    /// The signal that stopped the process, or nil.
    static func stopSignal(_ status: Int32) -> Int32? {
        status & 0xff == 0x7f ? status >> 8 & 0xff : nil
    }
}
