// A process that lives until the test is over, to be looked at from outside.

import CSupport
import Foundation

/// The leader of a session of its own, and whatever it starts; killed at the end.
public final class LivingProcess {
    public let pid: pid_t
    /// The name of its controlling terminal, or nil.
    public let terminal: String?
    private let mainSide: Int32

    public enum Place: Sendable {
        case noTerminal, terminal
    }

    public struct Failure: Error {
        public let words: String
    }

    /// Starts `path`. When this returns, it runs.
    public init(_ path: String, _ arguments: [String] = [], on place: Place = .noTerminal) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        coffer_spawn_closing(&actions, 3)
        if place == .terminal {
            var name = [CChar](repeating: 0, count: 256)
            mainSide = coffer_open_terminal(&name, 256)
            let terminal = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            self.terminal = terminal
        } else {
            mainSide = -1
            terminal = nil
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, coffer_spawn_session_flag())
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, &attributes, &words, environ)
        pid = child
        guard code == 0 else { throw Failure(words: "cannot start \(path)") }
    }

    /// Kills it and what it started, and waits until its number is free.
    public func end() {
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    deinit {
        end()
        if mainSide >= 0 { close(mainSide) }
    }

    /// Waits until `file` holds a line, and returns it.
    public static func line(in file: String) throws -> String {
        for _ in 0..<5_000 {
            if let text = try? String(contentsOfFile: file, encoding: .utf8), text.hasSuffix("\n") {
                return String(text.dropLast())
            }
            usleep(2_000)
        }
        throw Failure(words: "\(file) stays empty")
    }
}
