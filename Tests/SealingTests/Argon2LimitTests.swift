// Argon2id where the machine gives it less than it asks for: each test has a process of its own.

import Foundation
import Glibc
import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Argon2id")
struct Argon2LimitTests {
    @Test("without its memory fails, and says how much it needs")
    func noMemory() async {
        await #expect(processExitsWith: .success) {
            let slot = try dearSlot()
            try limitAddresses(to: 64 << 20)
            let typed = Array("p".utf8)
            let key = UnlockKey.passphrase(try Passphrase(typed.span))
            let error = failure { () throws(VaultError) in _ = try slot.open(with: key) }
            #expect(error == .noMemory(mebibytes: 256))
        }
    }

    @Test("without threads gives the same hash with one")
    func noThreads() async {
        await #expect(processExitsWith: .success) {
            let typed = Array("p".utf8)
            let salt = [UInt8](repeating: 1, count: 32)
            let parameters = KDFParameters(memory: 1_024, passes: 2, lanes: 4)
            let free = try Argon2.hash(typed.span, salt: salt, parameters)
            let expected = copy(free.bytes)
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            try #require(setrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &limit) == 0)
            // The superuser may start threads without a limit.
            if getuid() == 0 { try #require(setuid(65_534) == 0) }
            var thread = pthread_t()
            let status = pthread_create(&thread, nil, { _ in nil }, nil)
            try #require(status == EAGAIN)
            let alone = try Argon2.hash(typed.span, salt: salt, parameters)
            #expect(copy(alone.bytes) == expected)
        }
    }
}

/// A slot that asks for 256 MiB; nothing opens it.
private func dearSlot() throws -> KeySlot {
    let body =
        KeySlot.header(
            number: 0, kind: .passphrase, vault: TestKeys.vault, epoch: .first,
            parameters: .standard, salt: [UInt8](repeating: 0, count: 32),
            created: Timestamp(milliseconds: 0)) + [UInt8](repeating: 0, count: 104)
    return try KeySlot(parsing: body + SHA256.digest(body.span))
}

/// Lets this process map `more` bytes beyond what it has mapped.
func limitAddresses(to more: UInt) throws {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        .split(separator: " ").first.flatMap { UInt($0) }
    let most = try #require(pages) * UInt(sysconf(Int32(_SC_PAGESIZE))) + more
    var limit = rlimit(rlim_cur: most, rlim_max: most)
    try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
}
