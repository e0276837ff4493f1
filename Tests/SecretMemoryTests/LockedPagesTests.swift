// Locked pages: what the kernel was told about them.

import Glibc
import Testing
import VaultModel

@testable import SecretMemory

@Suite("The pages of secrets")
struct LockedPagesTests {
    @Test(
        "are left out of dumps, absent in a child, and locked unless the limit forbids it",
        arguments: [0, 1, 64, 16_384, 16_385, 1 << 20])
    func flags(count: Int) throws {
        let secret = SecretBytes(zeros: count)
        let mapping = try #require(try Mapping.holding(address(of: secret.bytes)))
        #expect(mapping.permissions == "rw-p")
        #expect(mapping.flags.isSuperset(of: ["dd", "wf"]))
        // A refused lock is reported, never hidden.
        let isLocked = mapping.flags.contains("lo")
        #expect(isLocked || SecretBytes.lockingState == .degraded)
    }

    @Test("lie between two pages that nobody may touch", arguments: [64, 16_385, 16 << 20])
    func guards(count: Int) throws {
        let secret = SecretBytes(zeros: count)
        let mapping = try #require(try Mapping.holding(address(of: secret.bytes)))
        let before = try #require(try Mapping.holding(mapping.range.lowerBound - 1))
        let after = try #require(try Mapping.holding(mapping.range.upperBound))
        #expect(before.isGuard)
        #expect(after.isGuard)
    }

    @Test("of a large secret begin where it begins and hold it whole")
    func extent() throws {
        for count in [16_385, 20_480, 20_481] {
            let secret = SecretBytes(zeros: count)
            let mapping = try #require(try Mapping.holding(address(of: secret.bytes)))
            #expect(mapping.range.lowerBound == address(of: secret.bytes))
            #expect(mapping.range.count == (count + 4_095) / 4_096 * 4_096)
        }
    }

    @Test("are locked for a process that may lock them")
    func locked() async {
        await #expect(processExitsWith: .success) {
            let secret = SecretBytes(zeros: 100)
            let mapping = try #require(try Mapping.holding(address(of: secret.bytes)))
            let isLocked = mapping.flags.contains("lo")
            #expect(isLocked == (SecretBytes.lockingState == .locked))
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
            // A mapping of 64 KiB, and another for the work of the test itself.
            if limit.rlim_cur >= 1 << 20 { #expect(isLocked) }
        }
    }

    @Test("hold secrets where none may be locked, and say that they are not")
    func degraded() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            try #require(setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            // The superuser may lock without a limit.
            if getuid() == 0 { try #require(setuid(65_534) == 0) }
            #expect(SecretBytes.lockingState == .locked)
            let source = [UInt8](repeating: 7, count: 1 << 20)
            let secret = SecretBytes(copying: source.span)
            #expect(SecretBytes.lockingState == .degraded)
            #expect(copy(secret.bytes) == source)
            let small = SecretBytes(copying: source.span.extracting(first: 10))
            #expect(copy(small.bytes) == Array(source.prefix(10)))
            #expect(SecretBytes.lockingState == .degraded)
        }
    }

    @Test("end a process that reads in front of them")
    func before() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            signal(SIGSEGV, SIG_DFL)
            let secret = SecretBytes(zeros: 20_000)
            _exit(Int32(memory(at: address(of: secret.bytes) - 1, 1)[0]))
        }
    }

    @Test("end a process that reads behind them")
    func behind() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            signal(SIGSEGV, SIG_DFL)
            let secret = SecretBytes(zeros: 20_480)
            _exit(Int32(memory(at: address(of: secret.bytes) + 20_480, 1)[0]))
        }
    }
}
