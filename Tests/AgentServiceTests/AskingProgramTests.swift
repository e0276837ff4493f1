// Which program asks through a client, and when nobody can be sure of that.

import Foundation
import Sealing
import TestSupport
import Testing
import VaultModel

@testable import AgentService

/// What can be told of a program, copied out of it.
private struct Seen {
    let path: String?
    let process: UInt32
    let session: ProcessSession
    let terminal: Int32
    let isInForeground: Bool
    let state: ActingProcess.Executable
    let digest: [UInt8]?
    let place: UnlockPlace?

    init?(using process: pid_t, isAlive: Bool = true) {
        switch AskingProgram.using(process, isAlive: { isAlive }) {
        case .some(let program):
            path = program.path
            self.process = program.process
            session = program.session
            terminal = program.terminal
            isInForeground = program.isInForeground
            state = program.executable.state
            digest = program.file()?.digest()
            place = UnlockPlace(program)
        case .none: return nil
        }
    }
}

@Suite("a program that asks")
struct AskingProgramTests {
    private func copy(_ program: String, to path: String) throws {
        let real = try #require(realpath(program, nil).map { String(cString: $0) })
        try FileManager.default.copyItem(atPath: real, toPath: path)
    }

    @Test("is the process itself if it is no client of ours, with its file and its session")
    func itself() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("tool")
        try copy("/bin/sleep", to: path)
        let process = try LivingProcess(path, ["1000"], on: .terminal)
        let program = try #require(Seen(using: process.pid))
        #expect(program.path == path)
        #expect(program.process == UInt32(process.pid))
        #expect(program.session.leader == UInt32(process.pid) && program.session.startTime > 0)
        #expect(program.terminal != 0 && program.isInForeground)
        #expect(try program.digest == Session.program(at: path).digest)
        let other = try LivingProcess(path, ["1000"])
        let second = try #require(Seen(using: other.pid))
        #expect(second.session != program.session)
        #expect(second.terminal == 0 && !second.isInForeground)
        #expect(second.place == nil && program.place != nil)
    }

    @Test("is granted nothing once its file is another one or none")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("tool")
        try copy("/bin/sleep", to: path)
        let process = try LivingProcess(path, ["1000"])
        try FileManager.default.removeItem(atPath: path)
        #expect(try #require(Seen(using: process.pid)).path == nil)
        try copy("/bin/cat", to: path)
        let replaced = try #require(Seen(using: process.pid))
        #expect(replaced.path == nil && replaced.state == .replaced)
    }

    @Test("is nobody if the client has ended, before it is looked at or while it is")
    func ended() throws {
        let process = try LivingProcess("/bin/sleep", ["1000"])
        let pid = process.pid
        #expect(Seen(using: pid) != nil)
        #expect(Seen(using: pid, isAlive: false) == nil)
        process.end()
        #expect(Seen(using: pid) == nil)
    }

    @Test("is its parent if it is a client of ours, unless it leads a session")
    func parent() throws {
        // The tests are the client here: the same file that the agent would be. Their parent is
        // known if it is in the same session, and if they lead none.
        let seen = Seen(using: getpid())
        let isKnown = getsid(0) != getpid() && getsid(getppid()) == getsid(0)
        #expect(seen?.process == (isKnown ? UInt32(getppid()) : nil))
    }

    @Test("that is a script, an interpreter or no file at all can be granted nothing")
    func programs() throws {
        let folder = try TemporaryFolder()
        let script = folder.file("job")
        try FileOnDisk(script).write(Array("#!/bin/true\n".utf8))
        #expect(throws: VaultError.interpreter(path: script)) {
            try Session.program(at: script)
        }
        let shell = folder.file("bash5.2")
        try copy("/bin/true", to: shell)
        #expect(throws: VaultError.interpreter(path: shell)) { try Session.program(at: shell) }
        #expect(throws: VaultError.unsafeFile(path: folder.path, .notRegular)) {
            try Session.program(at: folder.path)
        }
        let missing = folder.file("missing")
        #expect(throws: VaultError.io(.read, path: missing, errno: ENOENT)) {
            try Session.program(at: missing)
        }
        // A link is another name for the file.
        let tool = folder.file("tool")
        try copy("/bin/true", to: tool)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: tool)
        #expect(try Session.program(at: folder.file("link")) == Session.program(at: tool))
    }

    @Test("has a digest of its whole file, however long")
    func digests() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("tool")
        // FIPS 180-4 and its examples: "abc".
        try FileOnDisk(path).write(Array("abc".utf8))
        #expect(
            try Session.program(at: path).digestText
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        // A million times "a", which is more than is read at once.
        try FileOnDisk(path).write([UInt8](repeating: 0x61, count: 1_000_000))
        #expect(
            try Session.program(at: path).digestText
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}
