// The greeting and what unlocking found, as fields of a frame.

internal import SecretMemory
internal import VaultModel

extension FrameWriter {
    mutating func add(_ greeting: Greeting) {
        add(Frame.version)
        add(greeting.vault.device)
        add(greeting.vault.inode)
        add(ifAny: greeting.saying.reason)
        add(ifAny: greeting.saying.job)
        add(ifAny: greeting.saying.workingDirectory)
    }

    mutating func add(
        unlock key: borrowing SecretBytes, isRaw: Bool, _ choice: RollbackChoice, _ times: LockTimes
    ) {
        add(isRaw)
        add(choice == .accept)
        add(ifAny: times.idle)
        add(ifAny: times.most)
        add(prefixed: key.bytes)
    }

    mutating func add(_ status: AgentStatus) {
        add(status.process)
        add(status.isOpen)
        add(status.remaining)
    }

    mutating func add(_ unlocked: Unlocked) {
        add(unlocked.anchor)
        add(unlocked.slotsWereChanged)
        add(UInt32(unlocked.notices.count))
        for notice in unlocked.notices { add(notice) }
        add(unlocked.obstacle != nil)
        if let obstacle = unlocked.obstacle { ErrorCoding.write(obstacle, into: &self) }
    }

    private mutating func add(_ state: AnchorState) {
        switch state {
        case .fits: add(UInt8(0))
        case .absent(let generation):
            add(UInt8(1))
            add(generation)
        case .damaged(let generation):
            add(UInt8(2))
            add(generation)
        case .accepted(let rollback):
            add(UInt8(3))
            add(rollback)
        }
    }

    private mutating func add(_ rollback: Rollback) {
        switch rollback {
        case .generation(let found, let seen):
            add(UInt8(0))
            add(found)
            add(seen)
        case .entries(let found, let seen):
            add(UInt8(1))
            add(found)
            add(seen)
        case .forked: add(UInt8(2))
        }
    }

    mutating func add(_ notice: DepositNotice) {
        switch notice {
        case .taken(let id, let name, let version, let wanted):
            add(UInt8(0))
            add(prefixed: id.bytes.span)
            add(name.text)
            add(version)
            add(wanted.text)
        case .quarantined(let id): add(1, id)
        case .missing(let id): add(2, id)
        case .known(let id): add(3, id)
        case .doubtful(let entry):
            add(UInt8(4))
            add(entry)
        }
    }

    private mutating func add(_ kind: UInt8, _ id: DepositID) {
        add(kind)
        add(prefixed: id.bytes.span)
    }
}

extension CanonicalReader {
    /// The greeting, nil if it is none, and whether it is of this protocol.
    @_lifetime(self: copy self)
    mutating func greeting() -> (isOurs: Bool, greeting: Greeting?) {
        // A later version may say more, or other things, behind its number.
        guard let version = number(UInt16.self) else { return (true, nil) }
        guard version == Frame.version else { return (false, nil) }
        guard let device = number(UInt64.self), let inode = number(UInt64.self),
            let reason = optionalText(atMost: Attribution.longestReason),
            let job = optionalText(atMost: Attribution.longestText),
            let folder = optionalText(atMost: Attribution.longestText)
        else { return (true, nil) }
        return (
            true,
            Greeting(
                vault: FileIdentity(device: device, inode: inode),
                saying: Saying(reason: reason, job: job, workingDirectory: folder))
        )
    }

    @_lifetime(self: copy self)
    mutating func agentStatus() -> AgentStatus? {
        guard let process = number(UInt32.self), let isOpen = flag(),
            let remaining = number(UInt64.self)
        else { return nil }
        return AgentStatus(process: process, isOpen: isOpen, remaining: remaining)
    }

    @_lifetime(self: copy self)
    mutating func unlocked() -> Unlocked? {
        guard let anchor = anchorState(), let wereChanged = flag(),
            let count = number(UInt32.self), count <= 100_000
        else { return nil }
        var notices: [DepositNotice] = []
        for _ in 0..<count {
            guard let notice = notice() else { return nil }
            notices.append(notice)
        }
        guard let hasObstacle = flag() else { return nil }
        var obstacle: VaultError?
        if hasObstacle {
            obstacle = ErrorCoding.read(&self)
            guard obstacle != nil else { return nil }
        }
        return Unlocked(
            anchor: anchor, slotsWereChanged: wereChanged, notices: notices, obstacle: obstacle)
    }

    @_lifetime(self: copy self)
    private mutating func anchorState() -> AnchorState? {
        switch number(UInt8.self) {
        case 0: .fits
        case 1: number(UInt64.self).map { .absent(generation: $0) }
        case 2: number(UInt64.self).map { .damaged(generation: $0) }
        case 3: rollback().map(AnchorState.accepted)
        default: nil
        }
    }

    @_lifetime(self: copy self)
    private mutating func rollback() -> Rollback? {
        guard let kind = number(UInt8.self), kind < 2 else { return .forked }
        guard let found = number(UInt64.self), let seen = number(UInt64.self) else { return nil }
        return kind == 0
            ? .generation(found: found, seen: seen) : .entries(found: found, seen: seen)
    }

    @_lifetime(self: copy self)
    mutating func notice() -> DepositNotice? {
        guard let kind = number(UInt8.self) else { return nil }
        if kind == 4 { return number(UInt64.self).map(DepositNotice.doubtful) }
        guard let bytes = prefixed(atMost: Identifier.byteCount),
            let id = Identifier(bytes).map(DepositID.init)
        else { return nil }
        switch kind {
        case 0:
            guard let taken = name(), let version = number(UInt32.self), let wanted = name() else {
                return nil
            }
            return .taken(id, taken, version: version, wanted: wanted)
        case 1: return .quarantined(id)
        case 2: return .missing(id)
        case 3: return .known(id)
        default: return nil
        }
    }
}
