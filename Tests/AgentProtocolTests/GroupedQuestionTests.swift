// Questions about the log, the inbox and rotations as frames.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import AgentProtocol

private let ci = SecretName("zpa/ci")!

private let record = Identifier([UInt8](0..<16).span)!

private let journal: RotationJournal = {
    var journal = RotationJournal(
        id: RotationID(record), mode: .dual, old: 1, grace: 600,
        begun: Timestamp(milliseconds: 5))
    journal.state = .creating
    journal.attempts = 1
    journal.known = [KeyID("a")!]
    return journal
}()

private let searching: RotationJournal = {
    var next = journal
    next.state = .searching
    return next
}()

private let rotated = RotatedValue(
    name: ci, seen: journal, fields: [FieldName("key_id")!: "K"],
    expires: Timestamp(milliseconds: 9))

/// A question about the log or the inbox, and its fields.
private let others: [(Topic, String, @Sendable (inout FrameWriter) -> Void)] = [
    (.enterAudit, "audit \(AuditQuestion.enter)", { _ in }),
    (
        .events, "audit \(AuditQuestion.events(.from(7), of: RecordID(record), atMost: 256))",
        {
            $0.add(true)
            $0.add(UInt64(7))
            $0.add(ifAny: record)
            $0.add(UInt16(256))
        }
    ),
    (
        .events, "audit \(AuditQuestion.events(.newest, of: nil, atMost: 1))",
        {
            $0.add(false)
            $0.add(UInt64.max)
            $0.add(false)
            $0.add(UInt16(1))
        }
    ),
    (.record, "audit \(AuditQuestion.record(ci))", { $0.add(ci.text) }),
    (.keys, "audit \(AuditQuestion.keys)", { _ in }),
    (.verifyRows, "audit \(AuditQuestion.verifyRows)", { _ in }),
    (
        .depositFacts, "inbox \(InboxQuestion.facts(DepositID(record)))",
        { $0.add(raw: record.bytes.span) }
    ),
    (.retryDeposits, "inbox \(InboxQuestion.retry(nil))", { $0.add(false) }),
    (
        .retryDeposits, "inbox \(InboxQuestion.retry([DepositID(record)]))",
        {
            $0.add(true)
            $0.add(UInt32(1))
            $0.add(raw: record.bytes.span)
        }
    ),
    (
        .discardDeposits, "inbox \(InboxQuestion.discardDeposits([DepositID(record)]))",
        {
            $0.add(UInt32(1))
            $0.add(raw: record.bytes.span)
        }
    ),
    (
        .discard, "inbox \(InboxQuestion.discard(ci, 3))",
        {
            $0.add(ci.text)
            $0.add(UInt32(3))
        }
    ),
    (
        .showPending, "inbox \(InboxQuestion.show(ci, 3))",
        {
            $0.add(ci.text)
            $0.add(true)
            $0.add(UInt32(3))
        }
    ),
    (
        .accept, "inbox \(InboxQuestion.accept(ci, nil))",
        {
            $0.add(ci.text)
            $0.add(false)
        }
    ),
    (
        .beginRotation, "rotation \(RotationQuestion.begin(ci, .inPlace, grace: 315_360_000))",
        {
            $0.add(ci.text)
            $0.add(UInt8(2))
            $0.add(UInt64(315_360_000))
        }
    ),
    (
        .advanceRotation,
        "rotation \(RotationQuestion.advance(ci, from: journal, to: searching))",
        {
            $0.add(ci.text)
            $0.add(journal)
            $0.add(searching)
        }
    ),
    (.history, "rotation \(RotationQuestion.history(ci))", { $0.add(ci.text) }),
    (
        .rollBack,
        "rotation \(RotationQuestion.rollBack(ci, VersionSwap(current: 3, previous: 2)))",
        {
            $0.add(ci.text)
            $0.add(UInt32(3))
            $0.add(UInt32(2))
        }
    ),
    (
        .storeRotated, "rotated \(rotated) \([FieldName.secret])",
        {
            let value: [UInt8] = [1, 2]
            var secrets = SecretFields()
            _ = secrets.add(.secret, value.span)
            $0.add(rotated)
            $0.add(secrets)
        }
    ),
]

@Suite("a question of the log or the inbox")
struct OtherQuestionTests {
    @Test("comes back as it went, and is refused if it is cut or longer")
    func roundTrip() throws {
        for (topic, words, fill) in others {
            let frame = frame(topic, fill)
            #expect(try read(frame) == words)
            for count in Frame.headCount..<frame.count {
                #expect(throws: VaultError.agentRefused(.malformed)) {
                    try read(Array(frame[..<count]))
                }
            }
            #expect(throws: VaultError.agentRefused(.malformed)) { try read(frame + [0]) }
        }
    }

    @Test("asks for 1 to 256 events")
    func bounds() {
        for count: UInt16 in [0, 257, .max] {
            let asked = frame(.events) {
                $0.add(false)
                $0.add(UInt64(9))
                $0.add(false)
                $0.add(count)
            }
            #expect(throws: VaultError.agentRefused(.malformed)) { try read(asked) }
        }
    }

    @Test("begins no rotation of a mode or a grace that there is none of")
    func rotations() {
        for (mode, grace) in [(0, 1), (5, 1), (1, 315_360_001), (1, UInt64.max)] {
            let asked = frame(.beginRotation) {
                $0.add(ci.text)
                $0.add(UInt8(mode))
                $0.add(UInt64(grace))
            }
            #expect(throws: VaultError.agentRefused(.malformed)) { try read(asked) }
        }
        var wrong = journal
        wrong.attempts = 0
        let asked = frame(.advanceRotation) {
            $0.add(ci.text)
            $0.add(journal)
            $0.add(wrong)
        }
        #expect(throws: VaultError.agentRefused(.malformed)) { try read(asked) }
    }

    @Test("keeps no vault open that only asks what happened since")
    func watching() throws {
        for (topic, _, fill) in others {
            let request = try Request.read(frame(topic, fill).span.extracting(Frame.headCount...))
            #expect(request.isWatching == (topic == .events))
        }
    }
}
