// Every failure goes to the other side and back, and nothing but a failure does.

import TestSupport
import Testing
import VaultModel

@testable import AgentProtocol

private func name(_ text: String) -> SecretName {
    guard let name = SecretName(text) else { preconditionFailure("a name") }
    return name
}

private let ci = name("zpa/ci")
private let field = FieldName("client_secret")!
private let deposit = DepositID(Identifier([UInt8](0..<16))!)
private let receipt = AuditReceipt(
    vault: VaultID(Identifier([UInt8](16..<32))!), generation: 7, entries: 300, seals: 9,
    tip: [UInt8](repeating: 0xa5, count: 32))

private let failures: [VaultError] =
    [
        .locked, .wrongKey, .unusableKey, .unusableSheet(.missing(line: 3)),
        .unusableSheet(.unreadable(line: 7)), .unusableSheet(.mixed), .unusableSheet(.otherVault),
        .unusableSheet(.slotIntact(2)), .unusableSheet(.slotRemoved(7)),
        .unusableSheet(.slotReplaced(7)), .lastSlot, .noFreeSlot,
        .slotMissing(6), .depositKeyUnknown, .noRandomness, .readBackDiffers, .abandoned,
        .valueTooLong, .valueEmpty, .metadataTooLong, .storage(code: -7), .storage(code: 4_874),
        .noMemory(mebibytes: 4_096), .receiptDiffers(receipt),
        .rolledBack(.generation(found: 3, seen: .max)), .rolledBack(.entries(found: 0, seen: 1)),
        .rolledBack(.forked), .agentLost, .agentRunning, .agentSocket(path: "/run/é", errno: 36),
        .secretMissing(ci), .fieldMissing(ci, field), .versionMissing(ci, .current),
        .versionMissing(ci, .number(.max)), .nameTaken(ci), .nameTakenByRemoved(ci), .disabled(ci),
        .removed(ci), .notRemoved(ci), .managedElsewhere(ci), .versionDestroyed(ci, 12),
        .fieldAmbiguous(ci, [.secret, field]), .fieldAmbiguous(ci, []), .fieldIsSecret(ci, field),
        .versionNotPending(ci), .reasonMissing(ci), .tooManyVersions(ci),
        .vaultMissing(path: ""), .vaultExists(path: "/v"), .memoryClosed(path: "/m", errno: 13),
        .notLogged(path: "/v", .diskFull), .notLogged(path: "/v", .readOnly),
        .notLogged(path: "/v", .io(errno: 5)), .diskFull(path: "/v"),
        .diskFull(path: "/v", needed: 7), .busy(path: "/v"),
        .rekeyed(path: "/v"), .slotsChanged(path: "/v"), .tampered(.slots),
        .tampered(.metadata(nil)), .tampered(.metadata(ci)),
        .tampered(.record(ci, version: 9)), .tampered(.head), .tampered(.state),
        .tampered(.rows(of: ci)), .tampered(.audit), .tampered(.auditEntry(.max)),
        .tampered(.container), .tampered(.depositKey), .tampered(.deposit(deposit)),
        .tampered(.retiredKey(Epoch(3))), .depositMissing(deposit), .depositDiffers(deposit),
        .depositSetAside(deposit), .pendingAmbiguous(ci, [2, .max]), .unusableIdentity,
        .foreignIdentity, .policyFull, .grantMissing(GrantID(deposit.identifier)),
        .interpreter(path: "/bin/sh"),
        .notGranted(ci, RefusedProgram(path: "/usr/bin/psql", process: 7, canAsk: true)),
        .notGranted(ci, RefusedProgram(path: "", process: 0, canAsk: false)),
        .jobMissing(ci), .jobTaken(ci), .notDelivered(ci, to: name("deploy")),
        .deliveryExpired(ci), .rotationRunning(ci), .rotationMoved(ci), .rotationUnfit(ci),
        .tampered(.policy), .tampered(.delivery(ci)),
    ] + PassphraseDefect.allCases.map(VaultError.unusablePassphrase)
    + CapsuleDefect.allCases.map(VaultError.notACapsule)
    + AgentDefect.allCases.map(VaultError.agentRefused)
    + AuditDefect.allCases.map { .logBroken(at: 5, $0) }
    + FormatDefect.allCases.map { .refusedFormat(path: "/v", $0) }
    + IOOperation.allCases.map { .io($0, path: "/v", errno: 28) }
    + [
        FileDefect.symbolicLink, .notRegular, .notDirectory, .foreignOwner, .hardLinked, .leftOver,
        .openToOthers(shouldBe: 0o600), .networkFileSystem,
    ].map { .unsafeFile(path: "/v", $0) }

@Suite("a failure")
struct ErrorFormTests {
    @Test("comes back as it went", arguments: failures)
    func roundTrip(_ error: VaultError) throws {
        #expect(ErrorForm(error).error == error)
        var writer = FrameWriter(.failed)
        ErrorCoding.write(error, into: &writer)
        let frame = writer.finish()
        var reader = CanonicalReader(frame.bytes.extracting(5...))
        #expect(ErrorCoding.read(&reader) == error)
    }

    @Test("has a kind of its own")
    func kinds() {
        let forms = Set(failures.map(ErrorForm.init))
        #expect(forms.count == failures.count)
    }

    @Test("is refused if it is cut, longer, or of no kind")
    func malformed() {
        for error in failures {
            var writer = FrameWriter(.failed)
            ErrorCoding.write(error, into: &writer)
            writer.add(UInt8(0))
            let frame = writer.finish()
            let fields = frame.bytes.extracting(5...)
            for count in 0...fields.count where count != fields.count - 1 {
                var reader = CanonicalReader(fields.extracting(first: count))
                #expect(ErrorCoding.read(&reader) == nil)
            }
        }
        let known = Set(failures.map { ErrorForm($0).kind })
        for kind in UInt8.min...UInt8.max where !known.contains(kind) {
            #expect(ErrorForm(kind, [0, 0, 0], ["a", "b"]).error == nil, "\(kind)")
        }
    }

    @Test("never comes from noise in a second form")
    func noise() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<200_000 {
            let count = Int(generator.next() % 40)
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() % 120) }
            var reader = CanonicalReader(bytes.span)
            guard let error = ErrorCoding.read(&reader) else { continue }
            var writer = FrameWriter(.failed)
            ErrorCoding.write(error, into: &writer)
            let frame = writer.finish()
            let again = frame.bytes.extracting(5...)
            #expect((0..<again.count).map { again[$0] } == bytes)
        }
    }
}
