// Every bit of rot is either without effect or noticed.

import Glibc
import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("flipped bytes")
struct ByteFlipTests {
    /// What can be read of a vault, each question with its answer or error.
    private struct Answers: Equatable {
        var list: Result<[Metadata], VaultError>
        var values: [Result<[UInt8], VaultError>]

        init(_ vault: TestVault) {
            let questions: [(SecretName, VersionSelector)] = [
                ("a", .current), ("a", .previous), ("b", .current), ("c", .current),
            ]
            let open: OpenedVault
            do throws(VaultError) {
                open = try vault.opened(.reading)
            } catch {
                list = .failure(error)
                values = questions.map { _ in .failure(error) }
                return
            }
            list = Result { () throws(VaultError) in try open.listed() }
            values = questions.map { question in
                Result { () throws(VaultError) in try open.value(question.0, question.1) }
            }
        }
    }

    private func vault() throws -> TestVault {
        let vault = try TestVault(in: TemporaryFolder(inMemory: true))
        let open = try vault.opened()
        try open.capture("a", Array("the first value of a".utf8))
        try open.capture("a", Array("the second value of a".utf8), .addVersion)
        try open.capture("b", Array("the value of b".utf8))
        try open.capture("c", [UInt8](repeating: 0x63, count: 5_000))
        return vault
    }

    /// Errors that say "damaged" or "not a vault of ours".
    private func isNotice(_ error: VaultError) -> Bool {
        switch error {
        case .tampered, .refusedFormat: true
        default: false
        }
    }

    private static let shards = 4

    /// All of the first page, every seventh byte of the others; in torture every byte.
    private func offsets(_ count: Int, shard: Int) -> [Int] {
        let step = getenv("COFFER_TORTURE") == nil ? 7 : 1
        let all = Array(0..<4_096) + Array(stride(from: 4_096, to: count, by: step))
        return all.enumerated().filter { $0.offset % Self.shards == shard }.map(\.element)
    }

    @Test(
        "a flipped byte changes no answer but to an error of integrity or format (A1)",
        arguments: 0..<shards)
    func sweep(shard: Int) throws {
        let vault = try vault()
        let bytes = try vault.file.bytes()
        let baseline = Answers(vault)
        #expect(baseline.values.allSatisfy { (try? $0.get()) != nil })
        var noticed = 0
        for offset in offsets(bytes.count, shard: shard) {
            for mask: UInt8 in [0x01, 0x80, 0xff] {
                try vault.restore(bytes)
                try vault.file.write([bytes[offset] ^ mask], at: offset)
                let answers = Answers(vault)
                let problem = problem(answers, baseline)
                #expect(problem == nil, "byte \(offset), mask \(mask): \(problem ?? "")")
                if answers != baseline { noticed += 1 }
            }
        }
        #expect(noticed > 1_000)
    }

    private func problem(_ answers: Answers, _ baseline: Answers) -> String? {
        switch answers.list {
        case .success(let list):
            let known = (try? baseline.list.get()) ?? []
            guard list == known else { return "another list" }
        case .failure(let error): guard isNotice(error) else { return "list: \(error)" }
        }
        for (answer, expected) in zip(answers.values, baseline.values) where answer != expected {
            switch answer {
            case .success: return "another value"
            case .failure(let error): guard isNotice(error) else { return "value: \(error)" }
            }
        }
        return nil
    }
}
