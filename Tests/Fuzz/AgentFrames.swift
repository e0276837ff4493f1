// What an agent and its clients say to one another, given any bytes.

import SecretMemory
import VaultModel

@testable import AgentProtocol

extension Decoder {
    /// What a client says, without the length in front.
    func question(_ bytes: [UInt8]) {
        do throws(VaultError) {
            let request = try Request.read(bytes.span)
            _ = consume request
        } catch {
            precondition(
                error == .agentRefused(.malformed) || error == .agentRefused(.otherVersion),
                "another failure")
        }
    }

    /// What an agent says; the first byte is what was asked.
    func answer(_ bytes: [UInt8]) {
        guard let kind = bytes.first else { return }
        let fields = Array(bytes.dropFirst())
        var reader = CanonicalReader(fields.span)
        switch kind % 16 {
        case 0:
            guard let error = ErrorCoding.read(&reader) else { return }
            var writer = FrameWriter(.failed)
            ErrorCoding.write(error, into: &writer)
            let again = said(writer.finish())
            precondition(again == fields, "a second form")
        case 1: _ = reader.opened()
        case 2: _ = reader.unlocked()
        case 3: _ = reader.agentStatus()
        case 4: _ = reader.receipt()
        case 5: _ = reader.descriptions()
        case 6: names(fields)
        case 10: _ = reader.rotatedReceipt()
        case 14: _ = reader.pendingVersion()
        case 15: _ = reader.counts()
        default: list(kind % 16, fields)
        }
    }

    /// Answers of several things: what is read to its end is written as it came.
    private func list(_ kind: UInt8, _ fields: [UInt8]) {
        var reader = CanonicalReader(fields.span)
        var again: [UInt8]?
        switch kind {
        case 7:
            again = reader.eventPage().map { said(Reply.events($0.events, damaged: $0.damaged)) }
        case 8: again = reader.depositFacts().map { said(Reply.facts($0)) }
        case 9: again = reader.history().map { said(Reply.history($0)) }
        case 11: again = reader.notices().map { said(Reply.notices($0)) }
        case 12: again = reader.sessionGrants().map { said(Reply.grants($0)) }
        default:
            // In parts of as many as fit, of which there may be none.
            again = reader.keys().map { keys in
                var part = FrameWriter(.part)
                for (record, secret) in keys {
                    part.add(raw: record.identifier.bytes.span)
                    part.add(secret)
                }
                return said(part.finish())
            }
        }
        guard let again, reader.isAtEnd else { return }
        precondition(again == fields, "a second form")
    }

    private func names(_ fields: [UInt8]) {
        guard let names = ListedName.unpack(fields.span) else { return }
        var again: [UInt8] = []
        for name in names { name.pack { again += copy($0) } }
        precondition(again == fields, "a second form")
    }

    /// The fields of a frame.
    private func said(_ frame: consuming SecretBytes) -> [UInt8] {
        Array(copy(frame.bytes).dropFirst(Frame.headCount + 1))
    }
}
