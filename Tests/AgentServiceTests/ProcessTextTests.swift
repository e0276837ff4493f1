// What /proc says in texts: of hostile names, of groups of every engine, of files that are gone.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import AgentService

private func slice(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

/// A line of /proc/PID/stat around a name.
private func line(_ name: [UInt8], _ numbers: String = "7 8 9 34816 -1 4194304") -> [UInt8] {
    Array("42 (".utf8) + name
        + Array(") S \(numbers) 0 0 0 0 0 0 0 0 20 0 1 0 123456 2535424 309 1\n".utf8)
}

@Suite("the numbers of a process")
struct ProcessStatTests {
    private static let names: [String] = [
        "sleep", "", " ", ")", "(", ") S 1 1 1", "a) R 1 1 1 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 6",
        "\n", "1 (x) S 2\n3 (y", "))))))", "((((((", "tmux: server", "\u{202e}", "0 0 0 0 0 0 0 0",
    ]

    @Test("are read whatever the program calls itself", arguments: names)
    func hostile(_ name: String) throws {
        let stat = try #require(ProcessStat(line(Array(name.utf8))[...]))
        #expect(stat.pid == 42 && stat.parent == 7 && stat.session == 9)
        #expect(stat.terminal == 34_816 && stat.startTime == 123_456)
    }

    @Test("are read whatever bytes a name is made of")
    func anyBytes() throws {
        var generator = SeededGenerator(seed: 1)
        let wanted = try #require(ProcessStat(line(Array("x".utf8))[...]))
        for _ in 0..<5_000 {
            // Mostly of what the line itself is made of.
            let count = Int(generator.next() % 16)
            let name = generator.bytes(count).map { byte in
                byte < 128 ? Array("() \n0123456789S".utf8)[Int(byte) % 15] : byte
            }
            #expect(ProcessStat(line(name)[...]) == wanted)
        }
    }

    @Test("are not there in a line that was cut, or is none")
    func cut() {
        let whole = line(Array("a b".utf8))
        let needed = whole.firstRange(of: Array("123456 ".utf8))?.upperBound ?? 0
        for count in 0..<needed { #expect(ProcessStat(whole[..<count]) == nil, "\(count)") }
        for count in (needed + 1)...whole.count { #expect(ProcessStat(whole[..<count]) != nil) }
        for text in ["", "(", ")", ")(", "42 )x( S 1 2", "42 (x)", "42 (x) S"] {
            #expect(ProcessStat(slice(text)) == nil)
        }
    }

    @Test("are refused where they are none, or too large")
    func numbers() {
        for numbers in [
            "-7 8 9 0 -1 0", "4294967296 8 9 0 -1 0", "7 8 x 0 -1 0", "7 8 9 2147483648 -1 0",
            "7 8 9 -2147483649 -1 0", "7 8 - 0 -1 0",
        ] { #expect(ProcessStat(line([], numbers)[...]) == nil, "\(numbers)") }
        let least = ProcessStat(line([], "0 0 4294967295 -2147483648 -1 0")[...])
        #expect(least?.terminal == .min && least?.session == .max && least?.parent == 0)
    }

    @Test("of random bytes are none, and nothing breaks")
    func noise() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<5_000 {
            let count = Int(generator.next() % 200)
            #expect(ProcessStat(generator.bytes(count)[...]) == nil)
        }
    }

    @Test("tell a parent from a younger process that got its number")
    func age() throws {
        func process(_ start: Int) throws -> ProcessStat {
            let text = String(decoding: line([]), as: UTF8.self)
            return try #require(
                ProcessStat(slice(text.replacingOccurrences(of: "123456", with: "\(start)"))))
        }
        #expect(ProcessChain.isOlder(try process(9), than: try process(10)))
        #expect(ProcessChain.isOlder(try process(10), than: try process(10)))
        #expect(!ProcessChain.isOlder(try process(11), than: try process(10)))
    }
}

@Suite("the name of a terminal")
struct ControllingTerminalTests {
    private static let names: [(Int32, String?)] = [
        (0, nil), (34_816, "/dev/pts/0"), (34_819, "/dev/pts/3"), (0x88ff, "/dev/pts/255"),
        (0x10_8800, "/dev/pts/256"), (0x8900, "/dev/pts/256"),
        (Int32(bitPattern: 0xfff0_88ff), "/dev/pts/1048575"), (1_025, "/dev/tty1"),
        (0x043f, "/dev/tty63"), (0x0440, "/dev/ttyS0"), (0x04ff, "/dev/ttyS191"),
        (0x0501, "/dev/console"), (0x0500, "5:0"), (0xbc00, "188:0"), (-1, "4095:1048575"),
    ]

    @Test("follows from the number of its device", arguments: names)
    func name(_ number: Int32, _ name: String?) {
        #expect(ControllingTerminal.name(number) == name)
    }
}

@Suite("a control group")
struct ControlGroupTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)

    private static let units: [(String, String?)] = [
        ("0::/", nil), ("", nil), ("0::", nil), ("nonsense", nil), ("0::relative.service", nil),
        ("0::/system.slice/cron.service", "cron.service"),
        ("0::/system.slice/cron.service/", "cron.service"),
        ("0::/system.slice/cron.service (deleted)", "cron.service"),
        ("0::/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
        (
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-a\\x2db@1.service",
            "app-a\\x2db@1.service"
        ),
        ("0::/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope"),
        ("0::/system.slice/a.service/inner", "a.service"),
        ("0::/system.slice/_cpu.service", "cpu.service"),
        ("0::/.service", nil), ("0::/a.slice", nil),
        ("9:name=systemd:/system.slice/a.service\n8:pids:/b.service\n0::/", "a.service"),
        ("8:pids:/b.service\n1:cpu:/", "b.service"),
        ("1:name=systemd:/a.service\n0::/b.service\n", "b.service"),
        ("0::/a:b.service", "a:b.service"),
        ("0::/docker/\(id)", "docker:\(id)"),
        ("12:pids:/docker/\(id)\n0::/system.slice/containerd.service", "containerd.service"),
        ("12:pids:/docker/\(id)\n0::/", "docker:\(id)"),
        ("0::/system.slice/docker-\(id).scope", "docker:\(id)"),
        ("0::/system.slice/docker-\(id).scope/init.scope", "docker:\(id)"),
        ("0::/machine.slice/libpod-\(id).scope/container", "podman:\(id)"),
        ("0::/libpod_parent/libpod-\(id)", "podman:\(id)"),
        (
            "0::/machine.slice/libpod-conmon-\(id).scope",
            "libpod-conmon-\(id).scope"
        ),
        ("0::/kubepods/burstable/pod1-2/\(id)", "kubernetes:\(id)"),
        (
            "0::/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-\(id).scope",
            "containerd:\(id)"
        ),
        ("0::/kubepods.slice/kubepods-pod1_2.slice/crio-\(id).scope", "cri-o:\(id)"),
        (
            "0::/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:\(id)",
            "containerd:\(id)"
        ),
        ("0::/docker/\(id.dropLast())", nil), ("0::/docker/\(id.uppercased())", nil),
        ("0::/lxc/\(id)", "container:\(id)"), ("0::/x\(id)", nil),
    ]

    @Test("tells the unit or the container, of either version and driver", arguments: units)
    func unit(_ lines: String, _ unit: String?) {
        #expect(ControlGroup.unit(slice(lines)) == unit)
        #expect(ControlGroup.unit(slice(lines + "\n")) == unit)
    }

    @Test("with any name gives a text of bounded length")
    func noise() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let name = generator.bytes(Int(generator.next() % 2_000)).filter { $0 != 0x0a }
            let lines = Array("0::/".utf8) + name + Array(".service\n".utf8)
            let unit = ControlGroup.unit(lines[...])
            #expect(unit.map { $0.utf8.count <= Attribution.longestText } ?? true)
        }
    }
}

@Suite("the file of a program")
struct ExecutableFileTests {
    /// Judges a link where some paths hold the running file, others another one.
    private func judged(
        _ link: String, same: Set<String> = [], other: Set<String> = []
    ) -> ExecutableFile {
        ExecutableFile(link: slice(link)) { path in
            let path = String(decoding: path, as: UTF8.self)
            return same.contains(path) ? .same : other.contains(path) ? .other : .nothing
        }
    }

    private func expect(
        _ file: ExecutableFile, _ path: String, _ state: ActingProcess.Executable,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(file.path == path, sourceLocation: location)
        #expect(file.state == state, sourceLocation: location)
    }

    @Test("is present, replaced, deleted, or deleted and replaced")
    func states() {
        expect(judged("/a", same: ["/a"]), "/a", .present)
        expect(judged("/a", other: ["/a"]), "/a", .replaced)
        expect(judged("/a"), "/a", .unknown)
        expect(judged("/a (deleted)"), "/a", .deleted)
        expect(judged("/a (deleted)", other: ["/a"]), "/a", .replaced)
        expect(judged("/a (deleted)", same: ["/a"]), "/a", .present)
    }

    @Test("may have a path that ends like the kernel's mark")
    func mark() {
        let path = "/a (deleted)"
        expect(judged(path, same: [path]), path, .present)
        expect(judged(path, same: [path], other: ["/a"]), path, .present)
        expect(judged("\(path) (deleted)"), path, .deleted)
        expect(judged("\(path) (deleted)", other: [path, "/a"]), path, .replaced)
        expect(judged(" (deleted)"), "", .deleted)
        // Only what runs is believed: another file under the long path means nothing.
        expect(judged(path, other: [path, "/a"]), "/a", .replaced)
    }

    @Test("that we may not look at is unknown, but its path is told")
    func hidden() {
        let file = ExecutableFile(link: slice("/a")) { _ in .hidden }
        expect(file, "/a", .unknown)
        expect(ExecutableFile(link: slice("/a (deleted)")) { _ in .hidden }, "/a", .deleted)
    }

    @Test("has a path whose beginning goes when it is too long, never part of a character")
    func bounds() {
        let limit = Attribution.longestText
        for padding in 0..<8 {
            let long = String(repeating: "x", count: padding) + String(repeating: "é🔑", count: 400)
            let text = KernelText.text(slice(long))
            #expect(text.utf8.count <= limit && text.utf8.count > limit - 4)
            #expect(long.hasSuffix(text))
            #expect(KernelText.ending(long).utf8.count <= limit)
        }
        let noise = [UInt8](repeating: 0xff, count: 4_000)
        #expect(KernelText.text(noise[...]).utf8.count <= limit)
        #expect(KernelText.text([0x2f, 0xff, 0x61]) == "/\u{fffd}a")
        #expect(KernelText.text([]) == "")
    }
}
