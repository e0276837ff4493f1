// The edge to files and processes: what is read, what is passed on, what is compared.

import Foundation
import SecretMemory
import Testing

@testable import CommandLineTool

/// A folder of its own, gone afterwards.
private final class Folder {
    let path = NSTemporaryDirectory() + "coffer-edge-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ content: [UInt8], mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(content).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }
}

@Suite("what comes in")
struct IntakeTests {
    private func passphrase(_ content: String) throws -> String {
        let folder = try Folder()
        let file = try folder.write("p", Array(content.utf8))
        return text(of: try Intake.passphrase(file: file))
    }

    @Test("of a passphrase's file exactly one line feed goes, and nothing else")
    func lineEnds() throws {
        #expect(try passphrase("pass\n") == "pass")
        #expect(try passphrase("pass\n\n") == "pass\n")
        #expect(try passphrase("pass\r\n") == "pass\r")
        #expect(try passphrase("pass") == "pass")
        #expect(try passphrase(" pass \t") == " pass \t")
        #expect(try passphrase("\u{feff}é") == "\u{feff}é")
        #expect(try passphrase("\n") == "")
    }

    @Test(
        "a passphrase's file that others may read is refused with the mode it should have",
        arguments: [0o640, 0o604, 0o620, 0o644, 0o777] as [mode_t])
    func modes(_ mode: mode_t) throws {
        let folder = try Folder()
        let file = try folder.write("p", [0x61], mode: mode)
        let wanted = Complaint(
            .refused, "others may read or write \"\(file)\"", hint: "chmod 600 \"\(file)\"")
        #expect(complaint { try Intake.passphrase(file: file) } == wanted)
        #expect(complaint { try Intake.key(file: file) } == wanted)
        #expect(text(of: try Intake.document(file: file)) == "a")
    }

    @Test("of systemd's credentials may be root's, and readable by the group")
    func credentials() {
        func refusal(_ mode: mode_t, owner: uid_t, _ privacy: Intake.Privacy) -> Complaint? {
            var status = stat()
            (status.st_mode, status.st_uid) = (S_IFREG | mode, owner)
            return Intake.refusal(status, privacy, "f", user: 1_000)
        }
        let foreign = Complaint(.refused, "f belongs to another user")
        let open = Complaint(.refused, "others may read or write f", hint: "chmod 600 f")
        for owner: uid_t in [0, 1_000] {
            #expect(refusal(0o440, owner: owner, .credential) == nil)
            #expect(refusal(0o400, owner: owner, .credential) == nil)
            for mode: mode_t in [0o460, 0o444, 0o442, 0o441] {
                #expect(refusal(mode, owner: owner, .credential) == open)
            }
        }
        #expect(refusal(0o440, owner: 1_001, .credential) == foreign)
        #expect(refusal(0o440, owner: 0, .required) == foreign)
        #expect(refusal(0o440, owner: 1_000, .required) == open)
        #expect(refusal(0o400, owner: 1_000, .required) == nil)
    }

    @Test("links, pipes, folders and what is not there are refused, and nothing hangs")
    func kinds() throws {
        let folder = try Folder()
        let target = try folder.write("t", [0x61])
        let (link, pipe) = ("\(folder.path)/l", "\(folder.path)/f")
        #expect(symlink(target, link) == 0)
        #expect(mkfifo(pipe, 0o600) == 0)
        func outcome(_ path: String) -> Complaint? {
            complaint { try Intake.passphrase(file: path) }
        }
        #expect(outcome(link) == Complaint(.refused, "\"\(link)\" is a symbolic link"))
        #expect(outcome(pipe) == Complaint(.refused, "\"\(pipe)\" is not a regular file"))
        #expect(outcome(folder.path) == Complaint(.usage, "\"\(folder.path)\" is a directory"))
        #expect(outcome("\(folder.path)/none")?.code == .notFound)
    }

    @Test("a passphrase, a key and a document have their longest")
    func bounds() throws {
        let folder = try Folder()
        let long = try folder.write("p", [UInt8](repeating: 0x61, count: 1_027))
        #expect(
            complaint { try Intake.passphrase(file: long) }
                == Complaint(.usage, "the passphrase is longer than 1,024 bytes"))
        let fits = try folder.write("q", [UInt8](repeating: 0x61, count: 1_024) + [0x0a])
        #expect(bytes(of: try Intake.passphrase(file: fits)).count == 1_024)
        let key = try folder.write("k", [UInt8](repeating: 0x61, count: 1_025))
        #expect(complaint { try Intake.key(file: key) }?.code == .usage)
    }

    @Test("a descriptor that is not open is said so")
    func descriptors() {
        let wanted = Complaint(.usage, "descriptor 987 is not open")
        #expect(complaint { try Intake.passphrase(descriptor: 987) } == wanted)
        for text in ["-1", "x", "01", "+3", "99999999999", ""] {
            #expect(complaint { try VaultAccess.passphrase(descriptor: text) }?.code == .usage)
        }
    }
}

@Suite("lines of an import's file")
struct LineReaderTests {
    private func lines(_ content: [UInt8]) throws -> [(Int, [UInt8])] {
        let folder = try Folder()
        var reader = try LineReader(try folder.write("l", content))
        #expect(reader.totalBytes == content.count)
        var found: [(Int, [UInt8])] = []
        while try reader.next() {
            var line: [UInt8] = []
            let span = reader.line
            for index in span.indices { line.append(span[index]) }
            found.append((reader.number, line))
        }
        return found
    }

    @Test("are numbered as an editor does, empty ones skipped, the last with or without its end")
    func numbers() throws {
        for end in ["", "\n"] {
            let found = try lines(Array("one\n\n\ntwo\r\n three\(end)".utf8))
            #expect(found.map(\.0) == [1, 4, 5])
            #expect(
                found.map { String(decoding: $0.1, as: UTF8.self) } == ["one", "two\r", " three"])
        }
        #expect(try lines([]).isEmpty)
        #expect(try lines([0x0d, 0x0a, 0x0d]).isEmpty)
        #expect(try lines([0x0d, 0x0a, 0x0d, 0x0d, 0x0a]).map(\.0) == [2])
        #expect(try lines([0x0a, 0x0a]).isEmpty)
    }

    @Test(
        "are whole wherever they lie in the buffer",
        arguments: [1, 4_095, 65_535, 65_536, 65_537, 131_072, 300_000])
    func long(_ length: Int) throws {
        let line = [UInt8](repeating: 0x78, count: length)
        let content = line + [0x0a] + [0x61, 0x0a] + line + [0x0a] + line
        let found = try lines(content)
        #expect(found.map(\.0) == [1, 2, 3, 4])
        #expect(found.map(\.1) == [line, [0x61], line, line])
    }

    @Test("a byte order mark goes in front of the first alone")
    func mark() throws {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        #expect(try lines(mark + [0x61, 0x0a] + mark).map(\.1) == [[0x61], mark])
        #expect(try lines(mark).isEmpty)
        #expect(try lines(mark + [0x0d, 0x0a]).isEmpty)
        #expect(try lines([0xef, 0xbb, 0x0a]).map(\.1) == [[0xef, 0xbb]])
    }

    @Test("many short ones, more than the buffer holds")
    func many() throws {
        let content = (0..<40_000).map { "\($0)\n" }.joined()
        let found = try lines(Array(content.utf8))
        #expect(found.count == 40_000)
        #expect(found.last?.1 == Array("39999".utf8))
        #expect(found.allSatisfy { $0.1 == Array(String($0.0 - 1).utf8) })
    }
}

@Suite("clipboard and processes")
struct EdgeTests {
    @Test("what was copied is ours only if it is the same, byte for byte")
    func clipboardContent() {
        func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
            ClipboardContent.areEqual(secret(one), secret(other))
        }
        #expect(areEqual([], []))
        #expect(areEqual([1, 2, 0], [1, 2, 0]))
        #expect(!areEqual([1, 2], [1, 2, 0]))
        #expect(!areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!areEqual([], [0]))
    }

    @Test("words reach another program as they are")
    func arguments() throws {
        let words = ["printf", "%s|", "", " a  b ", "é\u{1b}", "$HOME", "*", "-n", "\n"]
        let vector = ArgumentVector(words)
        for (index, word) in words.enumerated() {
            let pointer = try #require(vector.pointers[index])
            #expect(String(cString: pointer) == word)
        }
        #expect(vector.pointers[words.count] == nil)
        let outcome = try ChildProcess.run(ChildProcess.Plan(words: words))
        let printed = text(of: outcome.output)
        #expect(printed == words.dropFirst(2).map { "\($0)|" }.joined())
    }

    @Test("output and errors are kept apart, and the exit code is a shell's")
    func outcomes() throws {
        func run(_ script: String) throws -> (String, String, Int32) {
            let outcome = try ChildProcess.run(ChildProcess.Plan(words: ["sh", "-c", script]))
            return (text(of: outcome.output), text(of: outcome.messages.text), outcome.exitCode)
        }
        #expect(try run("echo a; echo b >&2; exit 42") == ("a\n", "b\n", 42))
        #expect(try run("kill -TERM $$") == ("", "", 143))
        let (large, _, code) = try run("head -c 300000 /dev/zero | tr '\\0' x; echo e >&2")
        #expect(large == String(repeating: "x", count: 300_000) && code == 0)
    }

    @Test("a program that is not there cannot be run")
    func programs() {
        #expect(throws: Programs.Missing.notFound) { try Programs.find("coffer-no-such-program") }
        #expect(throws: Programs.Missing.notFound) { try Programs.find("/no/such/program") }
        #expect(throws: Programs.Missing.notExecutable) { try Programs.find("/etc/passwd") }
        #expect(throws: Programs.Missing.notExecutable) { try Programs.find("/usr") }
        #expect(Programs.Missing.notFound.exitCode == 127)
        #expect(Programs.Missing.notExecutable.exitCode == 126)
        #expect((try? Programs.find("/bin/sh")) == "/bin/sh")
    }

    @Test(
        "a full device is an error, not silence",
        .enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
    func fullDevice() {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let found = complaint { try OutputSink(descriptor: descriptor).write("x") }
        #expect(found?.code == .notStored)
        #expect(found?.words.hasPrefix("the output cannot be written: ") == true)
    }

    @Test("a folder of a job goes with all that is in it, and errors are in the system's words")
    func jobFolder() throws {
        let outer = try Folder()
        func entries() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: outer.path)
        }
        do {
            let folder = try JobFolder(in: outer.path)
            let file = try folder.write(secret([1, 0]).bytes, named: "A")
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([1, 0]))
            let again = complaint { try folder.write(secret([1]).bytes, named: "A") }
            #expect(again == Complaint(.notStored, "cannot make \"\(file)\": file exists"))
            let nowhere = complaint { try folder.write(secret([1]).bytes, named: "no/where") }
            #expect(nowhere?.words.hasSuffix(": no such file or directory") == true)
            try Data([2]).write(to: URL(fileURLWithPath: "\(folder.path)/of-the-job"))
            // Another run at the same time takes neither for abandoned.
            let other = try JobFolder(in: outer.path)
            #expect(try entries().count == 2)
            #expect(other.path != folder.path)
        }
        #expect(try entries() == [])
    }

    @Test("a folder that nobody has locked is cleared away, whatever its name says")
    func abandonedFolders() throws {
        let outer = try Folder()
        let old = "\(outer.path)/run-\(getpid())"
        #expect(mkdir(old, 0o700) == 0)
        try Data([1]).write(to: URL(fileURLWithPath: "\(old)/A"))
        #expect(mkdir("\(outer.path)/mine", 0o700) == 0)
        let folder = try JobFolder(in: outer.path)
        #expect(!FileManager.default.fileExists(atPath: old))
        #expect(FileManager.default.fileExists(atPath: folder.path))
        #expect(FileManager.default.fileExists(atPath: "\(outer.path)/mine"))
    }

    @Test("a new file that is not kept is taken back")
    func newFileTakenBack() throws {
        let folder = try Folder()
        let path = "\(folder.path)/k"
        #expect(complaint { _ = try NewFile(secret([1]), at: path) } == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(complaint { try NewFile(secret([1]), at: "\(path)/x") }?.code == .notStored)
    }

    @Test("a new file is private, new, and refused where something is")
    func newFile() throws {
        let folder = try Folder()
        let path = "\(folder.path)/k"
        try NewFile(secret([1, 2, 3]), at: path).keep()
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        let again = complaint { try NewFile(secret([9]), at: path) }
        #expect(again == Complaint(.failed, "\"\(path)\" exists already", hint: "name a new file"))
        let link = "\(folder.path)/l"
        #expect(symlink("\(folder.path)/target", link) == 0)
        #expect(complaint { try NewFile(secret([9]), at: link) }?.code == .failed)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/target"))
    }
}
