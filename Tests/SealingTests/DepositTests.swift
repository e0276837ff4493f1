// Deposits, capsules and addresses as bytes and text.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("A deposit")
struct DepositTests {
    private let time = Timestamp(milliseconds: 1_700_000_000_000)

    private func address(epoch: Epoch = .first) -> DepositAddress {
        DepositAddress(
            vault: TestKeys.vault, epoch: epoch,
            key: DepositKey.publicKey(of: TestKeys.root(), vault: TestKeys.vault, epoch: epoch))
    }

    private func key(
        _ vault: VaultID = TestKeys.vault, epoch: Epoch = .first
    ) -> InboxKey {
        InboxKey(root: TestKeys.root(), vault: vault, epoch: epoch)
    }

    private var draft: SecretDraft {
        var draft = SecretDraft(name: TestKeys.name, issuer: IssuerID("zpa")!)
        draft.label = "night"
        draft.fields = [FieldName("client_id")!: "1"]
        draft.tags = ["a", "b"]
        draft.expires = Timestamp(milliseconds: 7)
        draft.maximumAge = 60
        draft.status = .disabled
        draft.requiresReason = true
        draft.isManagedElsewhere = true
        return draft
    }

    private func seal(_ draft: SecretDraft, _ fields: [(String, [UInt8])]) throws -> SealedDeposit {
        var secrets = SecretFields()
        for (name, value) in fields { _ = secrets.add(FieldName(name)!, value.span) }
        return try SealedDeposit.seal(draft, secrets, to: address(), at: time)
    }

    private func values(_ opened: consuming OpenedDeposit) -> [String: [UInt8]] {
        let secrets = opened.takeSecrets()
        var values: [String: [UInt8]] = [:]
        for name in secrets.names { values[name.text] = copy(secrets.value(of: name)) }
        return values
    }

    @Test("is the worked example's, and its receipt too", arguments: WorkedExample.Source.there)
    func workedExample(source: WorkedExample.Source) throws {
        let example = try source.load()
        let row = try #require(SealedDeposit(parsing: example.deposit.row.bytes))
        #expect(row.bytes == example.deposit.row.bytes)
        #expect(row.id.bytes == example.deposit.depId.bytes)
        #expect(row.time.milliseconds == example.deposit.timeMs)
        #expect(row.receipt.fingerprint == example.deposit.receipt.bytes)
        let root = RootKey(TestKeys.secret(example.rootKey.bytes))
        let vault = VaultID(TestKeys.identifier(example.vaultId.bytes))
        let key = InboxKey(root: root, vault: vault, epoch: Epoch(example.epoch))
        switch key.open(row) {
        case .some(let opened):
            #expect(opened.draft == SecretDraft(name: SecretName(example.meta.name)!))
            #expect(values(opened) == ["secret": example.record.value.bytes])
        case .none: Issue.record("the worked example does not open")
        }
    }

    @Test(
        "comes out as it went in",
        arguments: [
            [("secret", [UInt8]([0, 10, 255]))], [("client_secret", [1])],
            [("a", [1, 2]), ("b", []), ("secret", [3])],
        ])
    func roundTrip(fields: [(String, [UInt8])]) throws {
        let fields = fields.map { ($0.0, $0.1.isEmpty ? [9] : $0.1) }
        let sealed = try seal(draft, fields)
        let read = try #require(SealedDeposit(parsing: sealed.bytes))
        #expect(read == sealed)
        switch key().open(read) {
        case .some(let opened):
            #expect(opened.draft == draft)
            #expect(values(opened) == Dictionary(uniqueKeysWithValues: fields))
        case .none: Issue.record("it does not open")
        }
    }

    @Test("opens with no other key, vault or epoch")
    func others() throws {
        let sealed = try seal(draft, [("secret", [1])])
        let other = VaultID(TestKeys.identifier(TestKeys.ridBytes))
        #expect(opens(sealed))
        let others = [opens(sealed, key(other)), opens(sealed, key(epoch: Epoch(2)))]
        #expect(others == [false, false])
    }

    @Test("does not open with any bit of it flipped, nor cut or lengthened")
    func malleability() throws {
        let bytes = try seal(draft, [("secret", [1, 2, 3])]).bytes
        for place in bytes.indices {
            for bit in [UInt8(1), 0x80] {
                var flipped = bytes
                flipped[place] ^= bit
                #expect(!opens(flipped), "byte \(place)")
            }
        }
        for count in [0, 1, 60, 61, bytes.count - 1] { #expect(!opens(Array(bytes.prefix(count)))) }
        #expect(!opens(bytes + [0]))
    }

    @Test("to a key of low order is refused")
    func lowOrder() throws {
        let zeros = DepositAddress(
            vault: TestKeys.vault, epoch: .first, key: [UInt8](repeating: 0, count: 32))
        var secrets = SecretFields()
        let value: [UInt8] = [1]
        _ = secrets.add(.secret, value.span)
        #expect(throws: VaultError.tampered(.depositKey)) {
            try SealedDeposit.seal(draft, secrets, to: zeros, at: time)
        }
        var bytes = try seal(draft, [("secret", [1])]).bytes
        for place in 29..<61 { bytes[place] = 0 }
        #expect(!opens(bytes))
    }

    private func opens(_ bytes: [UInt8]) -> Bool {
        SealedDeposit(parsing: bytes).map { opens($0) } ?? false
    }

    private func opens(_ sealed: SealedDeposit) -> Bool { opens(sealed, key()) }

    private func opens(_ sealed: SealedDeposit, _ key: borrowing InboxKey) -> Bool {
        switch key.open(sealed) {
        case .some: true
        case .none: false
        }
    }

    @Test("as a capsule is read in whatever shape a mail leaves it")
    func capsule() throws {
        for count in 1...70 {
            let sealed = try seal(draft, [("secret", [UInt8](repeating: 7, count: count * 61))])
            let text = Capsule.text(of: sealed)
            #expect(try Capsule.read(text) == sealed)
            let words = String(decoding: text, as: UTF8.self)
            let lines = words.split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= 64 })
            let quoted = lines.map { ">> \($0) \r\n" }.joined()
            #expect(try Capsule.read(Array("Dear all,\n\(quoted)\nbye".utf8)) == sealed)
            let marks = (String(lines.first!), String(lines.last!))
            let body = lines.dropFirst().dropLast().joined()
            let wrapped = body.map { "\($0)" }.joined(separator: "\n")
            let other = "\(marks.0)\n\(wrapped)\n\(marks.1)"
            #expect(try Capsule.read(Array(other.utf8)) == sealed)
        }
    }

    @Test("as a capsule with any character changed is refused, or is no longer one")
    func damagedCapsule() throws {
        let text = Capsule.text(of: try seal(draft, [("secret", [1])]))
        let start = text.firstIndex(of: 10)! + 1
        let end = text.lastIndex(of: UInt8(ascii: "="))! + 9
        for place in start..<end where text[place] != 10 {
            for symbol in "A/=!".utf8 where symbol != text[place] {
                var changed = text
                changed[place] = symbol
                #expect(throws: VaultError.self, "character \(place)") {
                    try Capsule.read(changed)
                }
            }
        }
        for words in [
            "", "-----BEGIN COFFER CAPSULE-----", "-----BEGIN COFFER CAPSULE-----\n=AAAA",
        ] {
            #expect(throws: VaultError.notACapsule(.unmarked)) {
                try Capsule.read(Array(words.utf8))
            }
        }
        let empty = "-----BEGIN COFFER CAPSULE-----\n=AAAAAA==\n-----END COFFER CAPSULE-----"
        #expect(throws: VaultError.notACapsule(.malformed)) { try Capsule.read(Array(empty.utf8)) }
    }

    @Test("has an address of one line, and a mistyped one is none")
    func addresses() throws {
        let address = address()
        let text = DepositAddressCoding.text(of: address)
        #expect(DepositAddressCoding.address(Array(" \(text)\r\n".utf8)) == address)
        for place in text.utf8.indices {
            var typed = Array(text.utf8)
            let index = text.utf8.distance(from: text.utf8.startIndex, to: place)
            typed[index] = typed[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            #expect(DepositAddressCoding.address(typed) == nil)
        }
        for other in ["", "coffer-deposit-1:", text + "0", text.uppercased(), text + " " + text] {
            #expect(DepositAddressCoding.address(Array(other.utf8)) == nil)
        }
    }
}
