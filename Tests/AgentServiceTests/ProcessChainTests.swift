// Real processes and what is said of them: gone, replaced and renamed programs, sessions, depth.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import AgentService

/// The chain of a process that lives.
private func chain(_ pid: pid_t) -> ProcessChain {
    var room = ProcessFolder.room
    return ProcessChain(of: ProcessFolder("\(pid)"), &room)
}

/// A copy of sleep(1) under a name of its own, and a process that runs it.
private struct Sleeper {
    let folder: TemporaryFolder
    let path: String
    let process: LivingProcess

    init(_ name: String = "sleeper", on place: LivingProcess.Place = .noTerminal) throws {
        folder = try TemporaryFolder()
        path = folder.file(name)
        try Self.copy(to: path)
        process = try LivingProcess(path, ["1000"], on: place)
    }

    static func copy(to path: String) throws {
        let sleep = try #require(realpath("/bin/sleep", nil).map { String(cString: $0) })
        try FileManager.default.copyItem(atPath: sleep, toPath: path)
    }

    var acting: ActingProcess? { chain(process.pid).processes.first }

    func expect(
        _ path: String, _ executable: ActingProcess.Executable,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let wanted = ActingProcess(
            pid: UInt32(process.pid), path: path, executable: executable)
        #expect(acting == wanted, sourceLocation: location)
    }
}

@Suite("programs that run")
struct RunningProgramTests {
    @Test("are where they were started")
    func present() throws {
        let sleeper = try Sleeper()
        sleeper.expect(sleeper.path, .present)
        #expect(chain(sleeper.process.pid).processes.count == 1)
        #expect(chain(sleeper.process.pid).terminal == nil)
    }

    @Test("were deleted since")
    func deleted() throws {
        let sleeper = try Sleeper()
        unlink(sleeper.path)
        sleeper.expect(sleeper.path, .deleted)
    }

    @Test("were renamed since, which the kernel follows")
    func renamed() throws {
        let sleeper = try Sleeper()
        rename(sleeper.path, sleeper.folder.file("b"))
        sleeper.expect(sleeper.folder.file("b"), .present)
    }

    @Test("were replaced since, as an update does it and as a careless one does")
    func replaced() throws {
        let sleeper = try Sleeper()
        try Sleeper.copy(to: sleeper.folder.file("new"))
        rename(sleeper.folder.file("new"), sleeper.path)
        sleeper.expect(sleeper.path, .replaced)
        unlink(sleeper.path)
        sleeper.expect(sleeper.path, .deleted)
        try Sleeper.copy(to: sleeper.path)
        sleeper.expect(sleeper.path, .replaced)
    }

    @Test("still lie elsewhere, or under a link, when their name is gone")
    func links() throws {
        let sleeper = try Sleeper()
        link(sleeper.path, sleeper.folder.file("other"))
        unlink(sleeper.path)
        sleeper.expect(sleeper.path, .deleted)
        symlink(sleeper.folder.file("other"), sleeper.path)
        sleeper.expect(sleeper.path, .present)
    }

    @Test("may have names that look like the kernel's words")
    func names() throws {
        let sleeper = try Sleeper("x (deleted)")
        sleeper.expect(sleeper.path, .present)
        unlink(sleeper.path)
        sleeper.expect(sleeper.path, .deleted)
        let hostile = try Sleeper(") S 1 1 1\n(\u{1b}[2J")
        hostile.expect(hostile.path, .present)
    }

    @Test("are on their terminal")
    func terminal() throws {
        let sleeper = try Sleeper(on: .terminal)
        #expect(chain(sleeper.process.pid).terminal == sleeper.process.terminal)
        #expect(sleeper.process.terminal?.hasPrefix("/dev/pts/") == true)
    }

    @Test("have ended: their folder shows nothing, whoever has their number")
    func ended() throws {
        let sleeper = try Sleeper()
        var room = ProcessFolder.room
        let folder = ProcessFolder("\(sleeper.process.pid)")
        #expect(folder.stat(&room) != nil)
        sleeper.process.end()
        let (stat, file) = (folder.stat(&room), folder.executable(&room))
        let (unit, place) = (folder.unit(&room), folder.workingDirectory(&room))
        #expect(stat == nil && file == .unknown && unit == nil && place == nil)
        #expect(chain(sleeper.process.pid).processes.isEmpty)
    }
}

@Suite("chains of processes")
struct ProcessChainTests {
    /// A shell in a session of its own under which `depth` more are nested; the innermost one's
    /// number.
    private func nest(_ depth: Int, _ folder: TemporaryFolder) throws -> (LivingProcess, pid_t) {
        let script = folder.file("nest")
        let file = FileOnDisk(script)
        try file.write(
            Array(
                """
                #!/bin/sh
                if [ "$1" -gt 0 ]; then "$0" $(($1 - 1)) "$2"; else echo $$ >"$2"; sleep 1000; fi
                true

                """.utf8))
        try file.setMode(0o700)
        let process = try LivingProcess(script, ["\(depth)", folder.file("pid")])
        return (process, try #require(pid_t(try LivingProcess.line(in: folder.file("pid")))))
    }

    @Test("go from child to parent up to the leader of the session")
    func leader() throws {
        let folder = try TemporaryFolder()
        let (process, pid) = try nest(3, folder)
        let found = chain(pid).processes
        #expect(found.count == 4)
        #expect(found.first?.pid == UInt32(pid))
        #expect(found.last?.pid == UInt32(process.pid))
        let shell = realpath("/bin/sh", nil).map { String(cString: $0) }
        for process in found { #expect(process.path == shell && process.executable == .present) }
    }

    @Test("are cut where they are too long")
    func deep() throws {
        let folder = try TemporaryFolder()
        let (process, pid) = try nest(20, folder)
        let found = chain(pid).processes
        #expect(found.count == Attribution.longestChain)
        #expect(Set(found.map(\.pid)).count == found.count)
        #expect(!found.contains { $0.pid == UInt32(process.pid) })
    }

    @Test("end before whoever adopted the rest of a session")
    func orphan() throws {
        let folder = try TemporaryFolder()
        let (process, pid) = try nest(2, folder)
        // The leader alone: its group is the others' too.
        kill(process.pid, SIGKILL)
        var found = chain(pid).processes
        for _ in 0..<500 where found.last?.pid == UInt32(process.pid) {
            usleep(2_000)
            found = chain(pid).processes
        }
        #expect(found.count == 2 && found.first?.pid == UInt32(pid))
    }

    @Test("of this process begin with it and know its terminal, group and folder")
    func own() throws {
        let found = Attribution.ofThisProcess(reason: "a\u{1b}b", job: "/usr/bin/env")
        #expect(found.chain.first?.pid == UInt32(getpid()))
        #expect(found.chain.first?.executable == .present)
        let path = realpath("/proc/self/exe", nil).map { String(cString: $0) }
        #expect(found.chain.first?.path == path)
        #expect(found.chain.count <= Attribution.longestChain)
        #expect(found.workingDirectory == FileManager.default.currentDirectoryPath)
        #expect(found.reason == "a\u{1b}b" && found.job == "/usr/bin/env")
        let parent = found.chain.dropFirst().first?.pid
        if getsid(0) == getpid() { #expect(parent == nil) }
        if let parent { #expect(parent == UInt32(getppid())) }
    }

    @Test("take no longer than a tenth of a millisecond, and far less on average")
    func time() {
        var fastest = Int64.max
        for _ in 0..<50 {
            let start = DispatchTime.now().uptimeNanoseconds
            _ = Attribution.ofThisProcess()
            fastest = min(fastest, Int64(DispatchTime.now().uptimeNanoseconds - start))
        }
        // A build without optimisation on a busy machine: the fastest of many is what it costs.
        #expect(fastest < 2_000_000)
    }
}
