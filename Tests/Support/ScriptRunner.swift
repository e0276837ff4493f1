// Runs a session script against the built program, in a home of its own.

import Foundation

/// The commands of a script:
///
/// - `coffer ARG…`, `exec PROGRAM ARG…`: run; with `!` in front they must fail
/// - `exit N`: the exit code of the last run
/// - `stdin FILE`: standard input of the next run
/// - `tty FILE`: the next run has a terminal, on which FILE says what to `expect` and to `send`
/// - `stdout RE`, `stderr RE`: what the last run printed; with `!` it must not match
/// - `cmp A B`: files are equal; `stdout` is what the last run printed
/// - `env NAME=VALUE`, `chmod MODE FILE`, `mkdir DIR`, `exists FILE`, `hex FILE DIGITS`,
///   `repeat FILE COUNT TEXT`
public final class ScriptRunner {
    private let script: SessionScript
    private let program: String
    public let home: String
    private var environment: [String: String]
    private var input: String?
    private var terminal: String?
    private var result = ProcessResult(exitCode: 0, output: Data(), errors: Data())

    public init(_ script: SessionScript, program: String) throws {
        self.script = script
        self.program = program
        home = NSTemporaryDirectory() + "coffer-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        environment = [
            "HOME": home, "PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8",
        ]
        for (name, content) in script.files { try write(name, Data(content.utf8)) }
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    public func run() throws {
        for line in script.lines {
            do { try run(line) } catch let failure as ScriptFailure {
                throw ScriptFailure(failure.line, failure.words + transcript)
            }
        }
    }

    /// What the last run said, for a failure's message.
    private var transcript: String {
        "\n  exit code \(result.exitCode)\n  stdout: \(result.text(result.output).prefix(2_000))"
            + "\n  stderr: \(result.text(result.errors).prefix(2_000))"
    }

    private func run(_ line: SessionScript.Line) throws {
        let arguments = Array(line.words.dropFirst())
        func require(_ condition: Bool, _ words: String) throws {
            guard condition else { throw ScriptFailure(line.number, words) }
        }
        switch line.words[0] {
        case "coffer", "exec":
            // In the words of another program, COFFER is the path of ours.
            let words =
                line.words[0] == "coffer"
                ? [program] + arguments
                : arguments.map { $0.replacingOccurrences(of: "COFFER", with: program) }
            try start(words, line.number)
            try require((result.exitCode != 0) == line.isNegated, "ended with the wrong exit code")
        case "exit":
            let expected = Int32(arguments[0])
            try require(result.exitCode == expected, "expected exit code \(arguments[0])")
        case "stdin": input = path(arguments[0])
        case "tty": terminal = try String(contentsOfFile: path(arguments[0]), encoding: .utf8)
        case "env":
            let parts = arguments[0].split(separator: "=", maxSplits: 1)
            environment[String(parts[0])] =
                parts.count > 1 ? parts[1].replacingOccurrences(of: "$HOME", with: home) : ""
        case "stdout", "stderr":
            let text = result.text(line.words[0] == "stdout" ? result.output : result.errors)
            let isFound = text.range(of: arguments[0], options: .regularExpression) != nil
            try require(isFound != line.isNegated, "\(line.words[0]) \(arguments[0])")
        case "cmp":
            try require(
                (try content(arguments[0]) == content(arguments[1])) != line.isNegated, "cmp")
        default: try prepare(line, arguments, require)
        }
    }

    private func prepare(
        _ line: SessionScript.Line, _ arguments: [String], _ require: (Bool, String) throws -> Void
    ) throws {
        switch line.words[0] {
        case "exists":
            let isThere = FileManager.default.fileExists(atPath: path(arguments[0]))
            try require(isThere != line.isNegated, "exists \(arguments[0])")
        case "chmod":
            try require(
                Glibc.chmod(path(arguments[1]), mode_t(arguments[0], radix: 8) ?? 0) == 0, "chmod")
        case "mkdir": try require(Glibc.mkdir(path(arguments[0]), 0o700) == 0, "mkdir")
        case "hex": try write(arguments[0], Self.bytes(arguments[1]))
        case "repeat":
            let count = Int(arguments[1]) ?? 0
            try write(arguments[0], Data(String(repeating: arguments[2], count: count).utf8))
        case "grep":
            // Bytes in a file, as they are: `grep FILE TEXT`.
            let isFound = try content(arguments[0]).range(of: Data(arguments[1].utf8)) != nil
            try require(isFound != line.isNegated, "grep \(arguments[0])")
        default: throw ScriptFailure(line.number, "unknown command \(line.words[0])")
        }
    }

    private func start(_ words: [String], _ number: Int) throws {
        defer {
            input = nil
            terminal = nil
        }
        let run = TestProcess(words: words, environment: environment, directory: home)
        do {
            result =
                try terminal.map { try run.onTerminal($0) }
                ?? run.plainly(input: input ?? "/dev/null")
        } catch let failure as TestProcess.Failure {
            throw ScriptFailure(number, failure.words)
        }
    }

    private func path(_ name: String) -> String { name.hasPrefix("/") ? name : "\(home)/\(name)" }

    private func content(_ name: String) throws -> Data {
        switch name {
        case "stdout": result.output
        case "stderr": result.errors
        default: try Data(contentsOf: URL(fileURLWithPath: path(name)))
        }
    }

    private func write(_ name: String, _ content: Data) throws {
        let path = path(name)
        let parent = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: parent, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try content.write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
    }

    static func bytes(_ digits: String) -> Data {
        var bytes = Data()
        var rest = digits[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
