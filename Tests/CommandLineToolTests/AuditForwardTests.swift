// Events on their way out: a file, the journal, a pager.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import CommandLineTool

@Suite("a file that events are forwarded to")
struct ForwardFileTests {
    private func text(_ file: FileOnDisk) throws -> String {
        String(decoding: try file.bytes(), as: UTF8.self)
    }

    @Test("is made for its owner alone, and grows by whole lines")
    func grows() throws {
        let folder = try TemporaryFolder()
        let file = FileOnDisk(folder.file("log"))
        let forward = try ForwardFile(file.path)
        #expect(file.mode == 0o600)
        try forward.append("a\n")
        try ForwardFile(file.path).append("b\n")
        try forward.append("c\nd\n")
        try forward.sync()
        #expect(try text(file) == "a\nb\nc\nd\n")
    }

    @Test("gets a new line where the last one was cut")
    func cut() throws {
        let folder = try TemporaryFolder()
        let file = FileOnDisk(folder.file("log"))
        try file.write(Array("{\"a\":".utf8))
        try ForwardFile(file.path).append("b\n")
        #expect(try text(file) == "{\"a\":\nb\n")
    }

    @Test("is begun anew when the old one was moved away")
    func moved() throws {
        let folder = try TemporaryFolder()
        let file = FileOnDisk(folder.file("log"))
        let forward = try ForwardFile(file.path)
        try forward.append("a\n")
        rename(file.path, folder.file("log.1"))
        try forward.append("b\n")
        unlink(file.path)
        try forward.append("c\n")
        #expect(try text(file) == "c\n")
        #expect(try text(FileOnDisk(folder.file("log.1"))) == "a\n")
    }

    @Test("may be read by a group, and written by nobody else")
    func modes() throws {
        let folder = try TemporaryFolder()
        let file = FileOnDisk(folder.file("log"))
        try file.write([])
        for mode in [0o600, 0o640, 0o644] as [mode_t] {
            try file.setMode(mode)
            #expect(complaint { try ForwardFile(file.path) } == nil)
        }
        for mode in [0o620, 0o602, 0o666] as [mode_t] {
            try file.setMode(mode)
            #expect(complaint { try ForwardFile(file.path) }?.code == .refused)
        }
    }

    @Test("is refused if it is a link, a pipe, a folder, of two names or another's")
    func refused() throws {
        let folder = try TemporaryFolder()
        let target = FileOnDisk(folder.file("target"))
        try target.write([0x61])
        try FileOnDisk(folder.file("link")).makeLink(to: target.path)
        try FileOnDisk(folder.file("dangling")).makeLink(to: folder.file("nowhere"))
        try FileOnDisk(folder.file("pipe")).makePipe()
        try FileOnDisk(folder.file("folder")).makeFolder()
        for name in ["link", "dangling", "pipe"] {
            #expect(complaint { try ForwardFile(folder.file(name)) }?.code == .refused, "\(name)")
        }
        #expect(complaint { try ForwardFile(folder.file("folder")) } != nil)
        #expect(complaint { try ForwardFile(folder.file("no/file")) }?.code == .notStored)
        try FileOnDisk(folder.file("hard")).makeHardLink(to: target.path)
        #expect(complaint { try ForwardFile(target.path) }?.code == .refused)
        #expect(try target.bytes() == [0x61])
        #expect(!FileOnDisk(folder.file("nowhere")).exists)
        var status = stat()
        #expect(lstat("/bin/sh", &status) == 0)
        status.st_mode = S_IFREG | 0o600
        status.st_nlink = 1
        let other = ForwardFile.refusal(status, "x", user: status.st_uid + 1)
        #expect(other?.words == "\"x\" belongs to another user")
    }
}

/// The fields of a datagram, as journald reads them.
private func fields(_ bytes: [UInt8]) throws -> [(String, [UInt8])] {
    var found: [(String, [UInt8])] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(where: { $0 == 0x3d || $0 == 0x0a }) {
        let name = String(decoding: rest[..<end], as: UTF8.self)
        let isBinary = rest[end] == 0x0a
        rest = rest[(end + 1)...]
        var count = rest.firstIndex(of: 0x0a).map { $0 - rest.startIndex } ?? rest.count
        if isBinary {
            count = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(8)
        }
        found.append((name, Array(rest.prefix(count))))
        rest = rest.dropFirst(count)
        #expect(rest.popFirst() == 0x0a)
    }
    #expect(rest.isEmpty)
    return found
}

@Suite("the journal")
struct JournalTests {
    @Test("gets fields of which none can forge another")
    func entries() throws {
        for event in SampleEvents.all {
            let found = try fields(JournalEntry(event).bytes)
            for (name, _) in found {
                #expect(name.utf8.allSatisfy { (0x41...0x5a).contains($0) || $0 == 0x5f })
            }
            func value(_ name: String) -> String? {
                found.first { $0.0 == name }.map { String(decoding: $0.1, as: UTF8.self) }
            }
            #expect(value("SYSLOG_IDENTIFIER") == "coffer")
            #expect(value("COFFER_OPERATION") == event.operation.word)
            #expect(value("COFFER_REASON") == event.detail?.attribution.reason)
            let message = try #require(value("MESSAGE"))
            #expect(message.hasPrefix(event.operation.word))
            #expect(Escaped.text(message) == message)
            #expect((0...7).contains(Int(value("PRIORITY") ?? "") ?? -1))
            let chain = found.count { $0.0 == "COFFER_CHAIN" }
            #expect(chain == event.detail?.attribution.chain.count ?? 0)
        }
    }

    @Test("gets no entry that is longer than a datagram may be")
    func bounds() throws {
        let path = String(repeating: "\u{202e}", count: Attribution.longestText / 3)
        let event = SampleEvents.event { detail in
            detail.attribution.chain = (0..<UInt32(Attribution.longestChain)).map {
                ActingProcess(pid: $0, path: path, executable: .present)
            }
            detail.attribution.reason = String(repeating: "\u{1}", count: 1_024)
        }
        let bytes = JournalEntry(event).bytes
        #expect(bytes.count <= JournalEntry.longest)
        #expect(try fields(bytes).contains { $0.0 == "COFFER_REASON" })
    }

    @Test("gets an entry in a datagram of its own")
    func send() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let server = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(server) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(isBound == 0)
        let journal = try Journal(at: path)
        for event in [SampleEvents.event(), SampleEvents.hostileEvent()] {
            let entry = JournalEntry(event)
            try journal.send(entry)
            var buffer = [UInt8](repeating: 0, count: 100_000)
            let count = recv(server, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            #expect(Array(buffer.prefix(max(0, count))) == entry.bytes)
        }
    }

    @Test("that is not there is said so")
    func absent() throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("none"), folder.file(String(repeating: "x", count: 200))] {
            let found = complaint { try Journal(at: path).send(JournalEntry(SampleEvents.event())) }
            #expect(found?.code == .notStored)
        }
    }
}

@Suite("a pager", .serialized)
struct PagerTests {
    init() { signal(SIGPIPE, SIG_IGN) }

    /// Pages of text, and how many were asked for.
    private final class Pages {
        var asked = 0
        let count: Int

        init(_ count: Int) { self.count = count }

        func next() -> String? {
            guard asked < count else { return nil }
            asked += 1
            return "line \(asked) \(String(repeating: "x", count: 10_000))\n"
        }
    }

    @Test("is the one that a person wants, and none if that is what they want")
    func wanted() {
        #expect(Pager.command("") == nil)
        #expect(Pager.command("cat") == nil)
        #expect(Pager.command("most -s") == "most -s")
        #expect(["less", nil].contains(Pager.command(nil)))
    }

    @Test("gets everything, to the end, before we go on")
    func everything() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("out")
        let pages = Pages(100)
        try Pager.show(pages.next, through: "sleep 0.1; cat >'\(file)'")
        let text = String(decoding: try FileOnDisk(file).bytes(), as: UTF8.self)
        #expect(text.split(separator: "\n").count == 100)
        #expect(text.hasSuffix("x\n"))
    }

    @Test("may be left early: that is no failure, and no more is made")
    func left() throws {
        let folder = try TemporaryFolder()
        let pages = Pages(10_000)
        try Pager.show(pages.next, through: "head -n 1 >'\(folder.file("out"))'")
        #expect(pages.asked < 1_000)
        #expect(try FileOnDisk(folder.file("out")).bytes().starts(with: Array("line 1 x".utf8)))
        try Pager.show(Pages(1).next, through: "exit 3")
    }

    @Test("that cannot be run is said so")
    func missing() {
        let found = complaint {
            try Pager.show(Pages(1).next, through: "coffer-no-such-pager 2>/dev/null")
        }
        #expect(found?.code == .failed)
    }

    @Test("gets no descriptor of ours, and its usual settings")
    func inheritance() throws {
        let folder = try TemporaryFolder()
        let ours = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(ours) }
        try Pager.show(
            Pages(1).next,
            through: "readlink /proc/$$/fd/\(ours) >'\(folder.file("out"))';"
                + " echo \"$LESS\" >>'\(folder.file("out"))'")
        let text = String(decoding: try FileOnDisk(folder.file("out")).bytes(), as: UTF8.self)
        #expect(text == (Places.variable("LESS") ?? "FRX") + "\n")
    }

    @Test("passes on what fails while text is made")
    func failing() {
        let pages = Pages(1)
        let found = complaint {
            try Pager.show(
                { () throws(Complaint) in
                    if let text = pages.next() { return text }
                    throw Complaint(.integrity, "broken")
                }, through: "cat >/dev/null")
        }
        #expect(found?.code == .integrity)
    }
}
