// The program under test as a process: with plain files, or on a terminal of its own.

import CSupport
import Foundation

public struct ProcessResult: Sendable {
    public let exitCode: Int32
    public let output: Data
    public let errors: Data

    public init(exitCode: Int32, output: Data, errors: Data) {
        self.exitCode = exitCode
        self.output = output
        self.errors = errors
    }

    public func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }
}

public struct TestProcess {
    let words: [String]
    let environment: [String: String]
    let directory: String

    public init(words: [String], environment: [String: String], directory: String) {
        self.words = words
        self.environment = environment
        self.directory = directory
    }

    public struct Failure: Error {
        public let words: String
    }

    /// Seconds after which a command hangs for certain.
    private static let patience: TimeInterval = 60

    /// Runs with standard input from a file, output and errors collected apart, and no terminal.
    public func plainly(input: String) throws -> ProcessResult {
        let folder = NSTemporaryDirectory() + "coffer-run-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, "\(folder)/out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(
            &actions, 2, "\(folder)/err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let child = try spawn(&actions)
        let code = try wait(child)
        return ProcessResult(
            exitCode: code, output: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/out")),
            errors: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/err")))
    }

    /// Runs on a new terminal. `dialogue` has lines `expect TEXT` and `send TEXT`; `send` adds
    /// Enter, `key HEX` sends bytes as they are.
    public func onTerminal(_ dialogue: String) throws -> ProcessResult {
        var name = [CChar](repeating: 0, count: 256)
        let main = coffer_open_terminal(&name, 256)
        guard main >= 0 else { throw Failure(words: "no terminal can be made") }
        defer { close(main) }
        let terminal = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that a new session opens becomes its own.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        let child = try spawn(&actions)
        var seen = Data()
        var searched = 0
        for line in dialogue.split(separator: "\n") {
            let (verb, text) = Self.split(String(line))
            switch verb {
            case "expect":
                guard let place = try read(main, into: &seen, until: text, from: searched) else {
                    kill(child, SIGKILL)
                    _ = try? wait(child)
                    throw Failure(
                        words:
                            "expected \"\(text)\"; seen: \(String(decoding: seen, as: UTF8.self))")
                }
                searched = place
            case "send": Self.write(main, Data((text + "\n").utf8))
            case "key": Self.write(main, ScriptRunner.bytes(text))
            default: throw Failure(words: "a dialogue has expect, send and key")
            }
        }
        while try read(main, into: &seen) {}
        return ProcessResult(exitCode: try wait(child), output: seen, errors: Data())
    }

    private static func split(_ line: String) -> (String, String) {
        let parts = line.split(separator: " ", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    private static func write(_ descriptor: Int32, _ data: Data) {
        data.withUnsafeBytes { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Reads what is there; false at the end of the session.
    private func read(_ main: Int32, into seen: inout Data) throws -> Bool {
        var waiting = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(Self.patience * 1_000)) > 0 else {
            throw Failure(words: "nothing happens; seen: \(String(decoding: seen, as: UTF8.self))")
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(main, &buffer, buffer.count)
        guard count > 0 else { return false }
        seen.append(contentsOf: buffer.prefix(count))
        return true
    }

    /// Reads until `text` is there behind `place`; the place behind it, or nil at the end.
    private func read(
        _ main: Int32, into seen: inout Data, until text: String, from place: Int
    ) throws -> Int? {
        while true {
            if let range = seen.range(of: Data(text.utf8), in: place..<seen.count) {
                return range.upperBound
            }
            guard try read(main, into: &seen) else { return nil }
        }
    }

    private func spawn(_ actions: inout posix_spawn_file_actions_t) throws -> pid_t {
        coffer_spawn_in(&actions, directory)
        coffer_spawn_closing(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads that tests run on block signals, which a shell's do not.
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(
            &attributes, coffer_spawn_session_flag() | Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, words[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw Failure(words: "cannot start \(words[0])") }
        return child
    }

    private func wait(_ child: pid_t) throws -> Int32 {
        let deadline = Date().addingTimeInterval(Self.patience)
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            if Date() > deadline {
                kill(child, SIGKILL)
                waitpid(child, &status, 0)
                throw Failure(words: "it hangs")
            }
            usleep(2_000)
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }
}
