// Identities of jobs, what is delivered to them, and the rows of the policy, as bytes.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("A job")
struct JobTests {
    private let known: KnownAnswers
    private let answers: KnownAnswers.Policy
    private let vault: VaultID

    init() throws {
        known = try KnownAnswers.load()
        answers = known.policy
        vault = VaultID(TestKeys.identifier(known.vaultId.bytes))
    }

    private func identity(_ file: String? = nil) throws -> JobIdentity {
        switch JobIdentity(file: Array((file ?? answers.file).utf8).span) {
        case .some(let identity): return identity
        case .none: throw VaultError.unusableIdentity
        }
    }

    private func key(epoch: Epoch? = nil, vault: VaultID? = nil) -> PolicyKey {
        PolicyKey(
            root: TestKeys.root(known.rootKey.bytes), vault: vault ?? self.vault,
            epoch: epoch ?? Epoch(known.epoch))
    }

    private func row(_ kind: PolicyKind, _ id: [UInt8], _ blob: [UInt8]) -> SealedPolicy {
        SealedPolicy(
            PolicyColumns(kind, TestKeys.identifier(id), digest: SHA256.digest(blob.span)),
            blob: blob)
    }

    private var jobRow: SealedPolicy { row(.job, answers.job.bytes, answers.blob.bytes) }
    private var grantRow: SealedPolicy {
        row(.grant, answers.grant.id.bytes, answers.grant.blob.bytes)
    }

    @Test("has an identity that is read as it is written, and a public half")
    func file() throws {
        let identity = try identity()
        #expect(copy(identity.file().bytes) == Array(answers.file.utf8))
        #expect(identity.vault == vault)
        #expect(identity.job.bytes == answers.job.bytes)
        #expect(identity.name.text == answers.name)
        let added = identity.added(at: Timestamp(milliseconds: answers.created))
        #expect(added.job.publicKey == answers.publicKey.bytes)
        #expect(copy(added.preShared.bytes) == answers.shared.bytes)
    }

    @Test("draws another identity each time")
    func drawn() throws {
        let first = try JobIdentity(for: vault, named: TestKeys.name)
        let second = try JobIdentity(for: vault, named: TestKeys.name)
        #expect(first.job != second.job)
        let keys = [
            copy(first.privateKey.bytes), copy(second.privateKey.bytes),
            copy(first.preShared.bytes), copy(second.preShared.bytes),
        ]
        #expect(Set(keys).count == 4)
    }

    @Test("has no other file: any change of it is none, or says so by its checksum")
    func damagedFile() throws {
        func isRead(_ file: [UInt8]) -> Bool {
            switch JobIdentity(file: file.span) {
            case .some: true
            case .none: false
            }
        }
        let file = Array(answers.file.utf8)
        #expect(isRead(file))
        for place in file.indices {
            for mask in [UInt8(1), 0x20, 0x80] {
                #expect(!isRead(flipped(file, at: place, mask: mask)), "byte \(place)")
            }
            #expect(!isRead(Array(file.prefix(place))))
        }
        let key = Array("coffer-key-1:0".utf8)
        for other in [file + [10], [10] + file, file + file, [], key] { #expect(!isRead(other)) }
        let (isOurs, isAnother) = (
            JobIdentity.isBeginning(of: file.span), JobIdentity.isBeginning(of: key.span)
        )
        #expect(isOurs && !isAnother)
    }

    @Test("opens the known deliveries, and finds them by their names alone")
    func deliveries() throws {
        let identity = try identity()
        for delivered in answers.deliveries {
            let name = try #require(SecretName(delivered.secret))
            let id = identity.deliveryID(of: name)
            #expect(id.bytes == delivered.id.bytes)
            let sealed = try #require(SealedDelivery(parsing: delivered.blob.bytes))
            #expect(sealed.bytes == delivered.blob.bytes)
            #expect(sealed.time.milliseconds == delivered.time)
            #expect(sealed.expires?.milliseconds ?? 0 == delivered.expires)
            switch identity.open(sealed, id) {
            case .none: Issue.record("it does not open")
            case .some(let opened):
                #expect(opened.rid.bytes == known.rid.bytes)
                let secret = opened.takeSecret()
                #expect(secret.metadata.name == name)
                #expect(secret.version.number == delivered.version)
                #expect(secret.secrets.names.map(\.text) == delivered.fields.map(\.name))
                for field in delivered.fields {
                    let value = secret.secrets.value(of: try #require(FieldName(field.name)))
                    #expect(copy(value) == field.value.bytes)
                }
            }
        }
    }

    @Test("gets the known bytes, sealed by whoever has its pre-shared key")
    func sealed() throws {
        for delivered in answers.deliveries {
            let padded = Padding.pad(delivered.plaintext.bytes.span)
            let id = TestKeys.identifier(delivered.id.bytes)
            let expires = Timestamp(orNever: delivered.expires)
            let time = Timestamp(milliseconds: delivered.time)
            let job = JobID(TestKeys.identifier(answers.job.bytes))
            let ephemeral = HPKE.privateKey(from: delivered.ikmE.bytes.span)
            let sealed = HPKE.seal(
                padded.bytes, to: answers.publicKey.bytes,
                info: SealedDelivery.info(vault, job),
                authenticating: SealedDelivery.authenticated(id, time, expires),
                ephemeral: ephemeral.bytes, sharing: answers.shared.bytes.span,
                named: answers.job.bytes)
            let delivery = SealedDelivery(
                time: time, expires: expires, sealed: try #require(sealed))
            #expect(delivery.bytes == delivered.blob.bytes)
        }
    }

    @Test("opens nothing that was edited, moved, sealed without its key, or for another job")
    func forged() throws {
        let identity = try identity()
        let delivered = answers.deliveries[0]
        let id = TestKeys.identifier(delivered.id.bytes)
        let blob = delivered.blob.bytes
        func opens(
            _ bytes: [UInt8], _ id: Identifier, _ identity: borrowing JobIdentity
        ) -> Bool {
            guard let sealed = SealedDelivery(parsing: bytes) else { return false }
            switch identity.open(sealed, id) {
            case .some: return true
            case .none: return false
            }
        }
        var wrong: [[UInt8]] = [blob + [0]]
        for place in blob.indices {
            for mask in [UInt8(1), 0x80] { wrong.append(flipped(blob, at: place, mask: mask)) }
        }
        for count in [0, 15, 16, 48, 127, blob.count - 1] {
            wrong.append(Array(blob.prefix(count)))
        }
        var opened = wrong.map { opens($0, id, identity) }
        let other = try JobIdentity(for: vault, named: identity.name)
        let elsewhere = TestKeys.identifier(answers.deliveries[1].id.bytes)
        opened += [opens(blob, id, other), opens(blob, elsewhere, identity)]
        #expect(!opened.contains(true))
        let isOpen = opens(blob, id, identity)
        #expect(isOpen)
        // Whoever has only what stands in the file, and the public key.
        let padded = Padding.pad(delivered.plaintext.bytes.span)
        let time = Timestamp(milliseconds: delivered.time)
        let none: [UInt8] = []
        for (psk, name) in [
            (none, none), (flipped(answers.shared.bytes, at: 0), answers.job.bytes),
            (answers.shared.bytes, flipped(answers.job.bytes, at: 0)),
        ] {
            let sealed = try HPKE.seal(
                padded.bytes, to: answers.publicKey.bytes,
                info: SealedDelivery.info(vault, identity.job),
                authenticating: SealedDelivery.authenticated(id, time, nil), sharing: psk.span,
                named: name)
            let delivery = SealedDelivery(
                time: time, expires: nil, sealed: try #require(sealed))
            let isForged = opens(delivery.bytes, id, identity)
            #expect(!isForged)
        }
    }
}

// The rows of the policy.
extension JobTests {
    @Test("and a grant open from the known rows, and are written as they were read")
    func rows() throws {
        let opened = try key().job(jobRow)
        #expect(opened.job.name.text == answers.name)
        #expect(opened.job.created.milliseconds == answers.created)
        #expect(opened.job.publicKey == answers.publicKey.bytes)
        #expect(opened.job.deliveries.map(\.name.text) == answers.deliveries.map(\.secret))
        #expect(
            opened.job.deliveries.map { $0.expires?.milliseconds ?? 0 }
                == answers.deliveries.map(\.expires))
        #expect(copy(opened.preShared.bytes) == answers.shared.bytes)
        let encoded = JobCoding.encode(opened.job, opened.preShared.bytes)
        #expect(copy(encoded.bytes) == answers.encoded.bytes)
        let grant = try key().grant(grantRow)
        #expect(grant.program.path == answers.grant.path)
        #expect(grant.program.digest == answers.grant.digest.bytes)
        #expect(grant.note == answers.grant.note)
        #expect(GrantCoding.encode(grant) == answers.grant.encoded.bytes)
        let again = try key().seal(opened.job, sharing: opened.preShared.bytes)
        let job = try key().job(again).job
        #expect(again.blob != jobRow.blob && job == opened.job)
        let granted = try key().grant(key().seal(grant))
        #expect(granted == grant)
    }

    @Test("and a grant have a digest that tells every row, in whatever order they come")
    func digest() {
        var rows = answers.deliveries.map { row(.delivery, $0.id.bytes, $0.blob.bytes).columns }
        rows += [jobRow.columns, grantRow.columns]
        #expect(StateHead.digest(ofPolicy: rows) == answers.digest.bytes)
        #expect(StateHead.digest(ofPolicy: rows.reversed()) == answers.digest.bytes)
        for place in rows.indices {
            var fewer = rows
            fewer.remove(at: place)
            #expect(StateHead.digest(ofPolicy: fewer) != answers.digest.bytes)
        }
        let nothing: [UInt8] = []
        let digest = SHA256.digest(nothing.span)
        #expect(StateHead.noPolicy == digest)
    }

    @Test("and a grant open under no other key, epoch, vault, kind or id, nor edited")
    func misplaced() throws {
        let tampered = VaultError.tampered(.policy)
        #expect(throws: tampered) { try key(epoch: Epoch(8)).grant(grantRow) }
        let other = VaultID(TestKeys.identifier(TestKeys.ridBytes))
        #expect(throws: tampered) { try key(vault: other).grant(grantRow) }
        #expect(throws: tampered) { try key().grant(jobRow) }
        let asJob = row(.job, answers.grant.id.bytes, answers.grant.blob.bytes)
        #expect(throws: tampered) { try opened(asJob) }
        let moved = row(.job, answers.grant.id.bytes, answers.blob.bytes)
        #expect(throws: tampered) { try opened(moved) }
        let blob = answers.blob.bytes
        for place in blob.indices {
            let edited = row(.job, answers.job.bytes, flipped(blob, at: place))
            #expect(throws: tampered, "byte \(place)") { try opened(edited) }
        }
        let stale = SealedPolicy(jobRow.columns, blob: flipped(blob, at: 0))
        #expect(!stale.fitsDigest)
    }

    private func opened(_ row: SealedPolicy) throws { _ = try key().job(row) }

    @Test("has no second form, and neither has a grant")
    func strict() {
        let id = TestKeys.identifier(answers.job.bytes)
        func reads(_ bytes: [UInt8]) -> [UInt8]? {
            switch JobCoding.decode(bytes.span, id: JobID(id)) {
            case .some(let opened): copy(JobCoding.encode(opened.job, opened.preShared.bytes).bytes)
            case .none: nil
            }
        }
        for (bytes, read) in [
            (answers.encoded.bytes, reads),
            (
                answers.grant.encoded.bytes,
                { bytes in GrantCoding.decode(bytes.span, id: GrantID(id)).map(GrantCoding.encode) }
            ),
        ] {
            #expect(read(bytes) == bytes)
            for count in bytes.indices { #expect(read(Array(bytes.prefix(count))) == nil) }
            #expect(read(bytes + [0]) == nil)
            for place in bytes.indices {
                for mask in [UInt8(1), 0x80, 0xff] {
                    let changed = flipped(bytes, at: place, mask: mask)
                    #expect([nil, changed].contains(read(changed)), "byte \(place)")
                }
            }
        }
    }
}
