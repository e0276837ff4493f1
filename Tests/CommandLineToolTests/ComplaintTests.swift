// Every way in which the vault fails: its words, its hints, its exit code.

import Testing
import VaultModel

@testable import CommandLineTool

/// A failure, the code that `product` promises for it, and how many hints it has.
struct Failure: CustomTestStringConvertible, Sendable {
    let error: VaultError
    let code: ExitCode
    let hints: Int

    init(_ error: VaultError, _ code: ExitCode, hints: Int = 0) {
        self.error = error
        self.code = code
        self.hints = hints
    }

    var testDescription: String { "\(error)" }
}

private func name(_ text: String) -> SecretName {
    guard let name = SecretName(text) else { preconditionFailure("a name") }
    return name
}

private let ci = name("zpa/ci")
/// What a terminal would act on.
private let path = "/v/\u{1b}]52;c;eA==\u{7}\u{202e}.db"

private let failures = [
    Failure(.locked, .locked, hints: 1), Failure(.wrongKey, .locked, hints: 1),
    Failure(.unusableKey, .locked, hints: 1), Failure(.unusablePassphrase(.empty), .usage),
    Failure(.unusablePassphrase(.tooLong), .usage), Failure(.unusablePassphrase(.holdsNUL), .usage),
    Failure(.unusablePassphrase(.invalidUTF8), .usage),
    Failure(.vaultMissing(path: path), .notFound, hints: 1),
    Failure(.secretMissing(ci), .notFound, hints: 1),
    Failure(.fieldMissing(ci, .secret), .notFound, hints: 1),
    Failure(.versionMissing(ci, .previous), .notFound, hints: 1),
    Failure(.slotMissing(7), .notFound, hints: 1),
    Failure(.vaultExists(path: path), .failed, hints: 1),
    Failure(.nameTaken(ci), .failed, hints: 1),
    Failure(.nameTakenByRemoved(ci), .failed, hints: 1), Failure(.disabled(ci), .refused, hints: 1),
    Failure(.removed(ci), .notFound, hints: 1), Failure(.notRemoved(ci), .failed),
    Failure(.managedElsewhere(ci), .refused, hints: 1),
    Failure(.versionDestroyed(ci, 2), .notFound),
    Failure(.fieldAmbiguous(ci, [.secret]), .usage, hints: 1),
    Failure(.fieldIsSecret(ci, .secret), .usage, hints: 1), Failure(.lastSlot, .failed, hints: 1),
    Failure(.noFreeSlot, .failed, hints: 1),
    Failure(.unsafeFile(path: path, .symbolicLink), .refused),
    Failure(.unsafeFile(path: path, .notRegular), .refused),
    Failure(.unsafeFile(path: path, .notDirectory), .refused),
    Failure(.unsafeFile(path: path, .foreignOwner), .refused),
    Failure(.unsafeFile(path: path, .hardLinked), .refused),
    Failure(.unsafeFile(path: path, .openToOthers(shouldBe: 0o600)), .refused, hints: 1),
    Failure(.unsafeFile(path: path, .networkFileSystem), .refused, hints: 1),
    Failure(.tampered(.slots), .integrity, hints: 2),
    Failure(.tampered(.metadata(ci)), .integrity, hints: 1),
    Failure(.tampered(.metadata(nil)), .integrity, hints: 1),
    Failure(.tampered(.record(ci, version: 3)), .integrity, hints: 1),
    Failure(.tampered(.container), .integrity, hints: 1),
    Failure(.refusedFormat(path: path, .notAVault), .format),
    Failure(.refusedFormat(path: path, .truncated), .format),
    Failure(.refusedFormat(path: path, .newerVersion), .format, hints: 1),
    Failure(.refusedFormat(path: path, .unknownSuite), .format, hints: 1),
    Failure(.refusedFormat(path: path, .unknownSlotKind), .format, hints: 1),
    Failure(.refusedFormat(path: path, .unknownFlags), .format, hints: 1),
    Failure(.refusedFormat(path: path, .schemaDiffers), .format, hints: 1),
    Failure(.refusedFormat(path: path, .plantedJournal), .format, hints: 1),
    Failure(.refusedFormat(path: path, .kdfOutOfBounds), .format, hints: 1),
    Failure(.valueTooLong, .notStored), Failure(.valueEmpty, .usage),
    Failure(.metadataTooLong, .usage), Failure(.tooManyVersions(ci), .notStored),
    Failure(.io(.makeDirectory, path: path, errno: 13), .notStored),
    Failure(.io(.sync, path: path, errno: 0), .notStored), Failure(.storage(code: 14), .notStored),
    Failure(.diskFull(path: path), .notStored, hints: 1),
    Failure(.noMemory(mebibytes: 256), .notStored),
    Failure(.noMemory(mebibytes: 0), .notStored), Failure(.noRandomness, .notStored),
    Failure(.readBackDiffers, .notStored, hints: 1), Failure(.busy(path: path), .busy, hints: 1),
    Failure(.abandoned, .failed), Failure(.tampered(.audit), .integrity, hints: 1),
    Failure(.tampered(.depositKey), .integrity, hints: 1),
    Failure(.tampered(.deposit(DepositID(.zero))), .integrity, hints: 1),
    Failure(.versionNotPending(ci), .failed, hints: 1),
    Failure(.versionMissing(ci, .current), .notFound, hints: 1),
    Failure(.depositKeyUnknown, .refused, hints: 1),
    Failure(.rekeyed(path: path), .busy, hints: 1),
    Failure(.notACapsule(.unmarked), .format, hints: 1),
    Failure(.notACapsule(.malformed), .format, hints: 1),
    Failure(.notACapsule(.checksum), .integrity, hints: 1),
    Failure(.tampered(.auditEntry(7)), .integrity, hints: 1),
    Failure(.rolledBack(.generation(found: 1, seen: 2)), .rollback, hints: 2),
    Failure(.rolledBack(.entries(found: 1, seen: 2)), .rollback, hints: 2),
    Failure(.rolledBack(.forked), .rollback, hints: 2),
    Failure(.notLogged(path: path, .diskFull), .refused, hints: 1),
    Failure(.logBroken(at: 7, .gap), .integrity, hints: 1),
    Failure(.logBroken(at: 7, .link), .integrity, hints: 1),
    Failure(.logBroken(at: 7, .seal), .integrity, hints: 1),
    Failure(.logBroken(at: 7, .end), .integrity, hints: 1),
    Failure(.logBroken(at: 7, .key), .integrity, hints: 1),
    Failure(.logBroken(at: 7, .index), .integrity, hints: 1),
    Failure(.receiptDiffers(receipt), .rollback, hints: 1),
    Failure(.reasonMissing(ci), .refused, hints: 1),
    Failure(.tampered(.rows(of: ci)), .integrity, hints: 1),
    Failure(.notLogged(path: path, .readOnly), .refused, hints: 2),
    Failure(.notLogged(path: path, .io(errno: 5)), .refused, hints: 1),
    Failure(.memoryClosed(path: path, errno: 13), .refused, hints: 1),
    Failure(.slotsChanged(path: path), .busy, hints: 1),
    Failure(.unusableSheet(.missing(line: 3)), .usage, hints: 1),
    Failure(.unusableSheet(.unreadable(line: 3)), .usage, hints: 1),
    Failure(.unusableSheet(.mixed), .usage, hints: 1),
    Failure(.unusableSheet(.otherVault), .refused, hints: 1),
    Failure(.unusableSheet(.slotIntact(3)), .refused),
    Failure(.unusableSheet(.slotRemoved(3)), .refused, hints: 1),
    Failure(.unusableSheet(.slotReplaced(3)), .refused, hints: 1),
    Failure(.agentRefused(.otherUser), .refused, hints: 1),
    Failure(.agentRefused(.otherVersion), .format, hints: 1),
    Failure(.agentRefused(.otherVault), .busy, hints: 1),
    Failure(.agentRefused(.malformed), .notStored), Failure(.agentLost, .notStored, hints: 1),
    Failure(.agentRunning, .busy, hints: 1),
    Failure(.agentSocket(path: path, errno: 36), .notStored),
    Failure(.depositMissing(DepositID(.zero)), .notFound, hints: 1),
    Failure(.depositDiffers(DepositID(.zero)), .refused, hints: 2),
    Failure(.depositSetAside(DepositID(.zero)), .refused, hints: 1),
    Failure(.pendingAmbiguous(ci, [2, 3]), .usage, hints: 1),
    Failure(.jobMissing(ci), .notFound, hints: 1), Failure(.jobTaken(ci), .failed, hints: 1),
    Failure(.notDelivered(ci, to: name("job")), .notFound, hints: 1),
    Failure(.deliveryExpired(ci), .refused, hints: 1),
    Failure(.unusableIdentity, .locked, hints: 1), Failure(.foreignIdentity, .locked, hints: 1),
    Failure(.policyFull, .failed, hints: 1),
    Failure(.grantMissing(GrantID(.zero)), .notFound),
    Failure(.interpreter(path: path), .refused, hints: 1),
    Failure(
        .notGranted(ci, RefusedProgram(path: "/usr/bin/psql", process: 7, canAsk: false)), .refused,
        hints: 1),
    Failure(
        .notGranted(ci, RefusedProgram(path: "/bin/sh", process: 7, canAsk: true)), .refused,
        hints: 1),
    Failure(
        .notGranted(ci, RefusedProgram(path: "", process: 0, canAsk: false)), .refused, hints: 1),
    Failure(.tampered(.policy), .integrity, hints: 1),
    Failure(.rotationRunning(ci), .refused, hints: 1),
    Failure(.rotationMoved(ci), .busy, hints: 1), Failure(.rotationUnfit(ci), .refused),
    Failure(.tampered(.delivery(ci)), .integrity, hints: 1),
]

private let receipt = AuditReceipt(
    vault: VaultID(.zero), generation: 3, entries: 5, seals: 4, tip: [1, 2, 3, 4, 5, 6, 7, 8])

/// The case of an error without its payload; exhaustive, so that a new case needs a sample.
private func kind(_ error: VaultError) -> Int {
    switch error {
    case .locked: 0
    case .wrongKey: 1
    case .unusableKey: 2
    case .unusablePassphrase: 3
    case .vaultMissing: 4
    case .secretMissing: 5
    case .fieldMissing: 6
    case .versionMissing: 7
    case .slotMissing: 8
    case .vaultExists: 9
    case .nameTaken: 10
    case .nameTakenByRemoved: 11
    case .disabled: 12
    case .removed: 13
    case .notRemoved: 14
    case .managedElsewhere: 15
    case .versionDestroyed: 16
    case .fieldAmbiguous: 17
    case .fieldIsSecret: 18
    case .lastSlot: 19
    case .noFreeSlot: 20
    case .unsafeFile: 21
    case .tampered: 22
    case .refusedFormat: 23
    case .valueTooLong: 24
    case .valueEmpty: 25
    case .metadataTooLong: 26
    case .tooManyVersions: 27
    case .io: 28
    case .storage: 29
    case .diskFull: 30
    case .noMemory: 31
    case .noRandomness: 32
    case .readBackDiffers: 33
    case .busy: 34
    case .abandoned: 35
    case .rolledBack: 36
    case .notLogged: 37
    case .logBroken: 38
    case .receiptDiffers: 39
    case .reasonMissing: 40
    case .memoryClosed: 41
    case .slotsChanged: 42
    case .versionNotPending: 43
    case .depositKeyUnknown: 44
    case .notACapsule: 45
    case .rekeyed: 46
    case .unusableSheet: 47
    case .agentRefused: 48
    case .agentLost: 49
    case .agentRunning: 50
    case .agentSocket: 51
    case .depositMissing: 52
    case .depositDiffers: 53
    case .depositSetAside: 54
    case .pendingAmbiguous: 55
    case .jobMissing: 56
    case .jobTaken: 57
    case .notDelivered: 58
    case .deliveryExpired: 59
    case .unusableIdentity: 60
    case .foreignIdentity: 61
    case .policyFull: 62
    case .grantMissing, .notGranted, .interpreter, .rotationRunning, .rotationMoved,
        .rotationUnfit:
        later(error)
    }
}

private func later(_ error: VaultError) -> Int {
    switch error {
    case .grantMissing: 63
    case .notGranted: 64
    case .interpreter: 65
    case .rotationRunning: 66
    case .rotationMoved: 67
    default: 68
    }
}

@Suite("a failure")
struct ComplaintTests {
    @Test("of every kind is among the samples")
    func complete() {
        #expect(Set(failures.map { kind($0.error) }) == Set(0...68))
    }

    @Test(
        "has words, its exit code, and says what to do where something can be done",
        arguments: failures)
    func words(_ failure: Failure) {
        let complaint = Complaint(failure.error)
        #expect(complaint.code == failure.code)
        #expect(complaint.hints.count == failure.hints)
        for line in [complaint.words] + complaint.hints {
            #expect(!line.isEmpty)
            #expect(!line.hasSuffix("."))
            #expect(!line.contains("\n"))
            #expect(
                line.hasPrefix("NOT stored") || line.hasPrefix("HOME")
                    || line.first?.isUppercase == false, "\(line)")
            // Whatever a path holds, nothing of it reaches the terminal as it is.
            #expect(Escaped.text(line) == line)
        }
    }

    @Test("has words of its own", arguments: failures)
    func distinct(_ failure: Failure) {
        let words = Complaint(failure.error).words
        let twins = failures.filter { Complaint($0.error).words == words }.map { kind($0.error) }
        let sealed: Set<FormatDefect> = [.unknownSuite, .unknownSlotKind, .unknownFlags]
        if case .refusedFormat(_, let defect) = failure.error, sealed.contains(defect) { return }
        // A locked vault and a wrong key are told alike.
        #expect(twins.count == 1 || Set(twins) == [0, 1], "\(words)")
    }

    @Test("that lost a value says NOT stored")
    func notStored() {
        for error in [VaultError.valueTooLong, .tooManyVersions(ci), .readBackDiffers] {
            #expect(Complaint(error).words.hasPrefix("NOT stored: "))
        }
    }

    @Test("names the mode that a file should have")
    func modes() {
        let complaint = Complaint(
            VaultError.unsafeFile(path: "/v", .openToOthers(shouldBe: 0o700)))
        #expect(complaint.hints == ["chmod 700 \"/v\""])
    }

    @Test("in a line of an import names the line")
    func lines() {
        let complaint = Complaint(VaultError.nameTaken(ci), inLine: 12)
        #expect(complaint.words == "line 12: \"zpa/ci\" exists already; nothing was imported")
        #expect(complaint.code == .failed)
    }

    @Test("the codes are those of the table")
    func codes() {
        #expect(ExitCode.allCases.map(\.rawValue) == Array(0...11) + [130])
        for code in ExitCode.allCases {
            #expect(!code.meaning.isEmpty && !code.meaning.hasSuffix("."))
        }
    }

    @Test("a body's error becomes a complaint, its result stays")
    func from() throws {
        #expect(
            complaint { try Complaint.from { () throws(VaultError) in throw .lastSlot } }
                == Complaint(VaultError.lastSlot))
        #expect(try Complaint.from { () throws(VaultError) in 7 } == 7)
    }
}
