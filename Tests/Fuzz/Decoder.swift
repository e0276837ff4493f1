// Every decoder of the program, given any bytes: it may refuse them, but never trap, and what it
// accepts has no second form.

import SecretMemory
import VaultModel

@testable import Issuers
@testable import Sealing

enum Decoder: String, CaseIterable {
    case slot, head, anchor, codes, detail, metadata, packing, padding
    case rawKey = "raw-key"
    case passphrase, receipt, profile, json, csv, line, deposit, deposited, capsule, address, git
    case client = "client-file"
    case imported = "import"
    case reply, rotation
    case question, answer, identity, job, grant, delivery, delivered

    /// Traps if the decoder does, or if it accepts what it would write otherwise.
    func take(_ bytes: [UInt8]) {
        switch self {
        case .slot: slot(bytes)
        case .head: same(StateHead(parsing: bytes)?.bytes, bytes)
        case .anchor: anchor(bytes)
        case .codes: same(CodeRow(packed: bytes)?.packed, bytes)
        case .detail:
            same(AuditDetailCoding.decode(bytes.span).map(AuditDetailCoding.encode), bytes)
        case .metadata: same(MetadataCoding.decode(bytes.span).map(MetadataCoding.encode), bytes)
        case .rotation:
            same(RotationCoding.decode(bytes.span).map(RotationCoding.encode), bytes)
        case .packing: packing(bytes)
        case .padding: padding(bytes)
        case .rawKey: rawKey(bytes)
        case .passphrase: passphrase(bytes)
        case .receipt: receipt(bytes)
        case .profile: profile(bytes)
        case .json: json(bytes)
        case .csv: csv(bytes)
        case .line: line(bytes)
        case .git: git(bytes)
        case .client: client(bytes)
        case .imported: imported(bytes)
        case .reply: reply(bytes)
        case .question: question(bytes)
        case .answer: answer(bytes)
        case .deposit: same(SealedDeposit(parsing: bytes)?.bytes, bytes)
        case .deposited: deposited(bytes)
        case .identity: identity(bytes)
        case .job: job(bytes)
        case .grant:
            let id = GrantID(.zero)
            same(GrantCoding.decode(bytes.span, id: id).map(GrantCoding.encode), bytes)
        case .delivery: same(SealedDelivery(parsing: bytes)?.bytes, bytes)
        case .delivered: delivered(bytes)
        case .capsule: capsule(bytes)
        case .address:
            guard let address = DepositAddressCoding.address(bytes) else { return }
            let text = DepositAddressCoding.text(of: address)
            precondition(DepositAddressCoding.address(Array(text.utf8)) == address, "another one")
        }
    }

    func same(_ written: [UInt8]?, _ read: [UInt8]) {
        precondition(written == nil || written == read, "a second form")
    }

    /// The checksum is made good, or next to nothing would get beyond it.
    private func withChecksum(_ body: [UInt8]) -> [UInt8] { body + SHA256.digest(body.span) }

    private func slot(_ body: [UInt8]) {
        let bytes = withChecksum(body)
        guard let slot = try? KeySlot(parsing: bytes) else { return }
        let header = KeySlot.header(
            number: slot.number, kind: slot.kind, vault: slot.vault, epoch: slot.epoch,
            parameters: slot.parameters, salt: slot.salt, created: slot.created)
        same(withChecksum(header + slot.sealed), bytes)
    }

    private func anchor(_ body: [UInt8]) {
        let bytes = withChecksum(body)
        same(Anchor(parsing: bytes)?.bytes, bytes)
    }

    private func packing(_ bytes: [UInt8]) {
        let names = ["b", "a"].compactMap { FieldName($0) }
        let name = SecretName("a").map { DamagedObject.record($0, version: 1) }
        guard let name else { preconditionFailure("a name") }
        do throws(VaultError) {
            let read = try FieldPacking.unpack(
                bytes.span, kind: .several, names: names, naming: name)
            let again = FieldPacking.pack(read)
            same(copy(again.bytes.bytes), bytes)
        } catch {}
    }

    private func padding(_ bytes: [UInt8]) {
        guard let place = Padding.value(in: bytes.span) else { return }
        let again = Padding.pad(bytes.span.extracting(place))
        same(copy(again.bytes), bytes)
    }

    /// A person may write a key in many ways; its own text is read as the same key.
    private func rawKey(_ bytes: [UInt8]) {
        guard let key = RawKey(file: bytes.span) else { return }
        let code = key.recoveryCode()
        guard let again = RawKey(file: code.bytes) else {
            preconditionFailure("its own code is no key")
        }
        same(copy(again.bytes.bytes), copy(key.bytes.bytes))
    }

    /// What is hashed is its own form.
    private func passphrase(_ bytes: [UInt8]) {
        do throws(VaultError) {
            let read = try Passphrase(bytes.span)
            guard read.bytes.count <= Passphrase.longest else { return }
            let again = try Passphrase(read.bytes.bytes)
            same(copy(again.bytes.bytes), copy(read.bytes.bytes))
        } catch {}
    }

    private func receipt(_ bytes: [UInt8]) {
        guard let receipt = AuditReceipt(String(decoding: bytes, as: UTF8.self)) else { return }
        let words = AuditReceipt(receipt.description)?.description
        precondition(words == receipt.description, "a second form")
    }

    /// What is in a deposit that opened.
    private func deposited(_ bytes: [UInt8]) {
        for kind in [RecordKind.single, .several] {
            guard let read = DepositPlaintext.read(bytes.span, kind) else { continue }
            let draft = read.draft
            let secrets = read.takeSecrets()
            let packed = FieldPacking.pack(secrets)
            let again = DepositPlaintext.write(draft, packed.bytes.bytes, secrets.names)
            same(copy(again.bytes), bytes)
        }
    }

    /// The checksum is made good: it is eight digits and a line feed at the end.
    private func identity(_ body: [UInt8]) {
        let sum = SHA256.digest((CanonicalBytes(domain: "job-identity").bytes + body).span)
        let digits = Array("0123456789abcdef".utf8)
        let bytes =
            body + sum.prefix(4).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] } + [0x0a]
        switch JobIdentity(file: bytes.span) {
        case .some(let identity): same(copy(identity.file().bytes), bytes)
        case .none: break
        }
    }

    private func job(_ bytes: [UInt8]) {
        switch JobCoding.decode(bytes.span, id: JobID(.zero)) {
        case .some(let opened):
            same(copy(JobCoding.encode(opened.job, opened.preShared.bytes).bytes), bytes)
        case .none: break
        }
    }

    /// What is in a delivery that opened.
    private func delivered(_ bytes: [UInt8]) {
        switch DeliveryPlaintext.read(bytes.span) {
        case .some(let opened):
            let rid = opened.rid
            let secret = opened.takeSecret()
            let packed = FieldPacking.pack(secret.secrets)
            let again = DeliveryPlaintext.write(rid, secret.metadata, packed.bytes.bytes)
            same(copy(again.bytes), bytes)
        case .none: break
        }
    }

    /// A mail may have wrapped it in many ways; its own text is read as the same deposit.
    private func capsule(_ bytes: [UInt8]) {
        guard let read = try? Capsule.read(bytes) else { return }
        precondition((try? Capsule.read(Capsule.text(of: read))) == read, "another deposit")
    }

    private func profile(_ bytes: [UInt8]) {
        guard let reader = try? ProfileReader(bytes.span) else { return }
        _ = try? reader.profile(from: .builtIn)
    }

    private func json(_ bytes: [UInt8]) {
        guard let document = try? JSONDocument(bytes.span) else { return }
        for node in document.nodes.indices {
            precondition(document[node].range.upperBound <= bytes.count, "beyond the text")
            _ = document.string(node, in: bytes.span)
        }
    }

    private func csv(_ bytes: [UInt8]) {
        guard let document = try? CSVDocument(bytes.span) else { return }
        precondition(document.header.count == document.values.count, "columns")
    }

    private func line(_ bytes: [UInt8]) {
        do throws(CredentialError) {
            let entry = try JSONLine.parse(bytes.span)
            _ = entry.takeSecrets()
        } catch {}
    }

    /// Whatever git is said to have written, the answer is one user and one password.
    private func git(_ bytes: [UInt8]) {
        guard let read = try? GitCredential.read(bytes.span) else { return }
        let answer = GitCredential.answer(
            username: read.username, password: read.password.bytes, keepsState: false)
        switch answer {
        case .some(let answer):
            let lines = copy(answer.bytes).filter { $0 == 0x0a }.count
            precondition(lines == (read.username.isEmpty ? 1 : 2), "a further line")
        case .none: preconditionFailure("what was read in lines fits no line")
        }
    }

    /// What is written in the place of a client's file holds none of the secrets that were found.
    private func client(_ bytes: [UInt8]) {
        for format in [ImportFormat.awsCredentials, .docker, .netrc] {
            guard let file = ClientFile(format), let batch = try? format.read(bytes.span) else {
                continue
            }
            do throws(ImportDefect) {
                let after = try file.rewrite(bytes.span, without: batch.credentials) { _ in "c" }
                let left = try format.read(after.bytes)
                precondition(left.credentials.isEmpty, "a secret is left")
            } catch {}
        }
    }

    func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        bytes.withUnsafeBufferPointer { Array($0) }
    }
}
