// What an agent is asked about deposits and pending versions.

public import SecretMemory
public import VaultModel

/// A question about what waits.
public enum InboxQuestion: Hashable, Sendable {
    case facts(DepositID)
    /// These, or all.
    case retry([DepositID]?)
    case discardDeposits([DepositID])
    case discard(SecretName, UInt32)
    case show(SecretName, UInt32?)
    case accept(SecretName, UInt32?)

    /// Most deposits that one question names.
    static let mostDeposits = 4_096

    @_lifetime(reader: copy reader)
    static func read(_ topic: Topic, _ reader: inout CanonicalReader) -> InboxQuestion? {
        switch topic {
        case .depositFacts: return reader.identifier().map { .facts(DepositID($0)) }
        case .retryDeposits:
            guard let isSome = reader.flag() else { return nil }
            return isSome ? reader.deposits().map { .retry($0) } : .retry(nil)
        case .discardDeposits: return reader.deposits().map { .discardDeposits($0) }
        default: return readAboutVersion(topic, &reader)
        }
    }

    @_lifetime(reader: copy reader)
    private static func readAboutVersion(
        _ topic: Topic, _ reader: inout CanonicalReader
    ) -> InboxQuestion? {
        guard let name = reader.name() else { return nil }
        if topic == .discard { return reader.number(UInt32.self).map { .discard(name, $0) } }
        guard let isNumbered = reader.flag() else { return nil }
        var number: UInt32?
        if isNumbered {
            number = reader.number(UInt32.self)
            guard number != nil else { return nil }
        }
        return topic == .accept ? .accept(name, number) : .show(name, number)
    }
}

extension AgentClient {
    public func depositFacts(
        _ id: DepositID, at time: Timestamp
    ) throws(VaultError) -> DepositFacts {
        var writer = FrameWriter(.depositFacts)
        writer.add(raw: id.bytes.span)
        return try ask(writer.finish()) { $0.depositFacts() }
    }

    public func retryDeposits(
        _ ids: [DepositID]?, at time: Timestamp
    ) throws(VaultError) -> [DepositNotice] {
        var writer = FrameWriter(.retryDeposits)
        writer.add(ids != nil)
        if let ids { writer.add(ids) }
        return try ask(writer.finish()) { $0.notices() }
    }

    public func discardDeposits(
        _ ids: [DepositID], at time: Timestamp
    ) throws(VaultError) -> OldRows {
        var writer = FrameWriter(.discardDeposits)
        writer.add(ids)
        return try ask(writer.finish()) { $0.oldRows() }
    }

    public func discard(
        _ name: SecretName, _ version: UInt32, at time: Timestamp
    ) throws(VaultError) -> OldRows {
        var writer = about(name, .discard)
        writer.add(version)
        return try ask(writer.finish()) { $0.oldRows() }
    }

    public func showPending(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try pending(.showPending, name, version)
    }

    public func accept(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion {
        try pending(.accept, name, version)
    }

    private func pending(
        _ topic: Topic, _ name: SecretName, _ version: UInt32?
    ) throws(VaultError) -> PendingVersion {
        var writer = about(name, topic)
        writer.add(version != nil)
        if let version { writer.add(version) }
        return try ask(writer.finish()) { $0.pendingVersion() }
    }
}

extension Reply {
    public static func facts(_ facts: DepositFacts) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(raw: facts.receipt.id.bytes.span)
        writer.add(prefixed: facts.receipt.fingerprint.span)
        writer.add(facts.epoch.number)
        writer.add(facts.time.milliseconds)
        writer.add(facts.size)
        writer.add(facts.isQuarantined)
        switch facts.content {
        case .sealed: writer.add(UInt8(0))
        case .unopenable: writer.add(UInt8(1))
        case .secret(let name):
            writer.add(UInt8(2))
            writer.add(name.text)
        }
        return writer.finish()
    }

    public static func notices(_ notices: [DepositNotice]) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(UInt32(notices.count))
        for notice in notices { writer.add(notice) }
        return writer.finish()
    }

    public static func pending(_ version: PendingVersion) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(version.receipt)
        writer.add(ifAny: version.deposit?.identifier)
        return writer.finish()
    }
}

extension FrameWriter {
    fileprivate mutating func add(_ ids: [DepositID]) {
        add(UInt32(ids.count))
        for id in ids { add(raw: id.bytes.span) }
    }
}

extension CanonicalReader {
    @_lifetime(self: copy self)
    fileprivate mutating func deposits() -> [DepositID]? {
        guard let count = number(UInt32.self), count <= InboxQuestion.mostDeposits else {
            return nil
        }
        var ids: [DepositID] = []
        for _ in 0..<count {
            guard let id = identifier() else { return nil }
            ids.append(DepositID(id))
        }
        return ids
    }

    @_lifetime(self: copy self)
    mutating func depositFacts() -> DepositFacts? {
        guard let id = identifier(), let length = number(UInt32.self), length <= 64,
            let fingerprint = bytes(Int(length)), let epoch = number(UInt32.self),
            let time = number(UInt64.self), let size = number(UInt64.self),
            let isQuarantined = flag(), let content = depositContent()
        else { return nil }
        return DepositFacts(
            receipt: DepositReceipt(id: DepositID(id), fingerprint: fingerprint),
            epoch: Epoch(epoch), time: Timestamp(milliseconds: time), size: size,
            isQuarantined: isQuarantined, content: content)
    }

    @_lifetime(self: copy self)
    private mutating func depositContent() -> DepositFacts.Content? {
        switch number(UInt8.self) {
        case 0: .sealed
        case 1: .unopenable
        case 2: name().map { .secret($0) }
        default: nil
        }
    }

    @_lifetime(self: copy self)
    mutating func notices() -> [DepositNotice]? {
        guard let count = number(UInt32.self), count <= 100_000 else { return nil }
        var found: [DepositNotice] = []
        for _ in 0..<count {
            guard let notice = notice() else { return nil }
            found.append(notice)
        }
        return found
    }

    @_lifetime(self: copy self)
    mutating func oldRows() -> OldRows? { flag().map { $0 ? .inTheLog : .gone } }

    @_lifetime(self: copy self)
    mutating func pendingVersion() -> PendingVersion? {
        guard let receipt = receipt(), let deposit = optionalIdentifier() else { return nil }
        return PendingVersion(receipt: receipt, deposit: deposit.map { DepositID($0) })
    }
}
