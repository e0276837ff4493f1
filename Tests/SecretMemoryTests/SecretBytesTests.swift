// Secret bytes: what they hold, where they lie, and that nothing of them stays.

import Glibc
import Testing
import VaultModel

@testable import SecretMemory

/// The bytes of a secret as an array: in tests they are no secret.
func copy(_ bytes: Span<UInt8>) -> [UInt8] { bytes.withUnsafeBufferPointer { Array($0) } }

/// Where `bytes` lie.
func address(of bytes: Span<UInt8>) -> UInt {
    bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
}

/// `count` bytes that stand at `address`, whoever they belong to.
func memory(at address: UInt, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count))
}

@Suite("Secret bytes")
struct SecretBytesTests {
    private static let edges = [
        0, 1, 63, 64, 65, 127, 128, 129, 4_095, 4_096, 16_383, 16_384, 16_385, 65_536, 16 << 20,
    ]

    private static func pattern(_ count: Int) -> [UInt8] {
        // The library writes to the one empty array, which ThreadSanitizer takes for a race.
        guard count > 0 else { return [] }
        return Array(unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count { buffer[index] = UInt8(index % 251 + 1) }
            filled = count
        }
    }

    @Test("hold a copy of what they were given", arguments: edges)
    func copying(count: Int) {
        var source = Self.pattern(count)
        let secret = SecretBytes(copying: source.span)
        let expected = source
        for index in source.indices.prefix(10) { source[index] = 0 }
        #expect(secret.count == count)
        let isEmpty = secret.isEmpty
        #expect(isEmpty == (count == 0))
        #expect(copy(secret.bytes) == expected)
    }

    @Test("are zeros where they are to be filled, also in memory that was used before")
    func zeros() {
        for count in Self.edges {
            for _ in 0..<3 {
                var secret = SecretBytes(zeros: count)
                let held = copy(secret.bytes)
                #expect(held.count == count)
                #expect(held.allSatisfy { $0 == 0 })
                var bytes = secret.mutableBytes
                for index in 0..<min(count, 20_000) { bytes[index] = 0xa5 }
            }
        }
    }

    @Test("are filled through their mutable bytes")
    func filling() {
        var secret = SecretBytes(zeros: 100)
        var bytes = secret.mutableBytes
        for index in 0..<100 { bytes[index] = UInt8(index) }
        #expect(copy(secret.bytes) == Array(0..<100))
    }

    @Test("grow byte by byte and piece by piece, and keep what they held")
    func growing() {
        var secret = SecretBytes()
        var expected: [UInt8] = []
        for number in 0..<3_000 {
            secret.append(UInt8(number % 256))
            expected.append(UInt8(number % 256))
            if number % 100 == 0 {
                let piece = Self.pattern(number)
                secret.append(piece.span)
                expected += piece
                secret.append(zeros: 7)
                expected += [UInt8](repeating: 0, count: 7)
            }
        }
        #expect(copy(secret.bytes) == expected)
        let nothing: [UInt8] = []
        secret.append(nothing.span)
        secret.append(zeros: 0)
        #expect(secret.count == expected.count)
    }

    @Test("do not move within the room that was asked for", arguments: edges)
    func capacity(count: Int) {
        var secret = SecretBytes(capacity: count)
        #expect(secret.count == 0)
        let place = address(of: secret.bytes)
        secret.append(zeros: count)
        #expect(address(of: secret.bytes) == place)
        secret.reserve(count)
        #expect(address(of: secret.bytes) == place)
        #expect(secret.count == count)
    }

    @Test("are wiped behind the place to which they are shortened")
    func truncating() {
        let source = Self.pattern(100)
        var secret = SecretBytes(copying: source.span)
        let place = address(of: secret.bytes)
        secret.truncate(to: 100)
        #expect(copy(secret.bytes) == source)
        secret.truncate(to: 33)
        #expect(secret.count == 33)
        #expect(copy(secret.bytes) == Array(source.prefix(33)))
        #expect(memory(at: place + 33, 67) == [UInt8](repeating: 0, count: 67))
        secret.truncate(to: 0)
        let isEmpty = secret.isEmpty
        #expect(isEmpty)
        #expect(memory(at: place, 100) == [UInt8](repeating: 0, count: 100))
    }

    @Test("cannot be shortened beyond their end")
    func truncatingBeyond() async {
        await #expect(processExitsWith: .failure) {
            var secret = SecretBytes(zeros: 4)
            secret.truncate(to: 5)
        }
    }

    @Test("cannot be read behind their end, though their block goes on")
    func bounds() async {
        await #expect(processExitsWith: .failure) {
            let secret = SecretBytes(zeros: 4)
            let bytes = secret.bytes
            _ = bytes[4]
        }
    }

    @Test("end the process with code 9 where there is no room for them")
    func noAddresses() async {
        await #expect(processExitsWith: .exitCode(9)) {
            let secret = SecretBytes(capacity: 1 << 60)
            _exit(secret.isEmpty ? 1 : 2)
        }
    }

    @Test("end the process with code 9 where there is room and no memory")
    func noMemory() async {
        await #expect(processExitsWith: .exitCode(9)) {
            // Counted only when the pages become writable, which is after they were mapped.
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
            let secret = SecretBytes(capacity: 1 << 26)
            _exit(secret.isEmpty ? 1 : 2)
        }
    }
}
