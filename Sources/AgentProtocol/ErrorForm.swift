// A failure as a kind, numbers and texts: one shape for all of them, so that a new one is a line.

internal import VaultModel

/// What `ErrorCoding` writes. A failure and its form are one: `ErrorForm(error).error == error`.
struct ErrorForm: Hashable {
    /// Longest text, in bytes of UTF-8: a path.
    static let longestText = 4_096

    let kind: UInt8
    var numbers: [UInt64] = []
    var texts: [String] = []

    init(_ kind: UInt8, _ numbers: [UInt64] = [], _ texts: [String] = []) {
        self.kind = kind
        self.numbers = numbers
        self.texts = texts
    }

    private init<Word: CaseIterable & Equatable>(
        _ kind: UInt8, _ word: Word, _ texts: [String] = []
    ) {
        let place = Word.allCases.enumerated().first { $0.element == word }?.offset ?? 0
        self.init(kind, [UInt64(place)], texts)
    }

    private init(_ kind: UInt8, _ name: SecretName, _ numbers: [UInt64] = []) {
        self.init(kind, numbers, [name.text])
    }
}

// Writing.
extension ErrorForm {
    init(_ error: VaultError) {
        switch error {
        case .locked: self.init(1)
        case .wrongKey: self.init(2)
        case .unusableKey: self.init(3)
        case .unusablePassphrase(let defect): self.init(4, defect)
        case .unusableSheet(let defect): self.init(5, Self.numbers(of: defect))
        case .lastSlot: self.init(6)
        case .noFreeSlot: self.init(7)
        case .slotMissing(let number): self.init(8, [UInt64(number)])
        case .depositKeyUnknown: self.init(9)
        case .noRandomness: self.init(10)
        case .readBackDiffers: self.init(11)
        case .abandoned: self.init(12)
        case .valueTooLong: self.init(13)
        case .valueEmpty: self.init(14)
        case .metadataTooLong: self.init(15)
        case .storage(let code): self.init(16, [UInt64(UInt32(bitPattern: code))])
        case .noMemory(let mebibytes): self.init(17, [UInt64(mebibytes)])
        case .logBroken(let entry, let defect):
            self.init(18, [entry] + ErrorForm(0, defect).numbers)
        case .receiptDiffers(let receipt): self.init(19, [], [receipt.description])
        case .rolledBack(let rollback): self.init(20, Self.numbers(of: rollback))
        case .notACapsule(let defect): self.init(21, defect)
        case .agentRefused(let defect): self.init(22, defect)
        case .agentLost: self.init(23)
        case .agentRunning: self.init(24)
        case .depositMissing(let id): self.init(25, [], [id.description])
        case .depositDiffers(let id): self.init(26, [], [id.description])
        case .depositSetAside(let id): self.init(27, [], [id.description])
        case .unusableIdentity: self.init(28)
        case .foreignIdentity: self.init(29)
        case .policyFull: self.init(30)
        case .grantMissing(let id): self.init(31, [], [id.description])
        case .tampered(let object): self = Self.form(of: object)
        case .secretMissing, .fieldMissing, .versionMissing, .nameTaken, .nameTakenByRemoved,
            .disabled, .removed, .notRemoved, .managedElsewhere, .versionDestroyed,
            .fieldAmbiguous, .fieldIsSecret, .versionNotPending, .reasonMissing, .tooManyVersions,
            .pendingAmbiguous, .jobMissing, .jobTaken, .notDelivered, .deliveryExpired,
            .notGranted, .rotationRunning, .rotationMoved, .rotationUnfit:
            self = Self.form(ofName: error)
        case .vaultMissing, .vaultExists, .unsafeFile, .memoryClosed, .notLogged, .refusedFormat,
            .io, .diskFull, .busy, .rekeyed, .slotsChanged, .agentSocket, .interpreter:
            self = Self.form(ofPath: error)
        }
    }

    private static func form(ofName error: VaultError) -> ErrorForm {
        switch error {
        case .secretMissing(let name): ErrorForm(40, name)
        case .fieldMissing(let name, let field): ErrorForm(41, [], [name.text, field.text])
        case .versionMissing(let name, let version):
            ErrorForm(42, [], [name.text, version.description])
        case .nameTaken(let name): ErrorForm(43, name)
        case .nameTakenByRemoved(let name): ErrorForm(44, name)
        case .disabled(let name): ErrorForm(45, name)
        case .removed(let name): ErrorForm(46, name)
        case .notRemoved(let name): ErrorForm(47, name)
        case .managedElsewhere(let name): ErrorForm(48, name)
        case .versionDestroyed(let name, let number): ErrorForm(49, name, [UInt64(number)])
        case .fieldAmbiguous(let name, let fields):
            ErrorForm(50, [], [name.text] + fields.prefix(100).map(\.text))
        case .fieldIsSecret(let name, let field): ErrorForm(51, [], [name.text, field.text])
        case .versionNotPending(let name): ErrorForm(52, name)
        case .reasonMissing(let name): ErrorForm(53, name)
        case .tooManyVersions(let name): ErrorForm(54, name)
        case .pendingAmbiguous(let name, let numbers):
            ErrorForm(55, name, numbers.prefix(100).map(UInt64.init))
        case .jobMissing(let name): ErrorForm(56, name)
        case .jobTaken(let name): ErrorForm(57, name)
        case .notDelivered(let name, let job): ErrorForm(58, [], [name.text, job.text])
        case .deliveryExpired(let name): ErrorForm(59, name)
        case .notGranted(let name, let program):
            ErrorForm(
                60, [UInt64(program.process), program.canAsk ? 1 : 0], [name.text, program.path])
        case .rotationRunning(let name): ErrorForm(64, name)
        case .rotationMoved(let name): ErrorForm(65, name)
        case .rotationUnfit(let name): ErrorForm(66, name)
        default: preconditionFailure("agent protocol: a failure that names no secret")
        }
    }

    private static func form(ofPath error: VaultError) -> ErrorForm {
        switch error {
        case .vaultMissing(let path): ErrorForm(70, [], [path])
        case .vaultExists(let path): ErrorForm(71, [], [path])
        case .unsafeFile(let path, let defect): ErrorForm(72, numbers(of: defect), [path])
        case .memoryClosed(let path, let code): ErrorForm(73, [number(code)], [path])
        case .notLogged(let path, let obstacle): ErrorForm(74, numbers(of: obstacle), [path])
        case .refusedFormat(let path, let defect): ErrorForm(75, defect, [path])
        case .io(let operation, let path, let code):
            ErrorForm(76, ErrorForm(0, operation).numbers + [number(code)], [path])
        case .diskFull(let path, let needed):
            ErrorForm(77, needed.map { [$0] } ?? [], [path])
        case .busy(let path): ErrorForm(78, [], [path])
        case .rekeyed(let path): ErrorForm(79, [], [path])
        case .slotsChanged(let path): ErrorForm(80, [], [path])
        case .agentSocket(let path, let code): ErrorForm(81, [number(code)], [path])
        case .interpreter(let path): ErrorForm(82, [], [path])
        default: preconditionFailure("agent protocol: a failure that names no path")
        }
    }

    private static func form(of object: DamagedObject) -> ErrorForm {
        switch object {
        case .slots: ErrorForm(100)
        case .metadata(nil): ErrorForm(101)
        case .metadata(let name?): ErrorForm(102, name)
        case .record(let name, let version): ErrorForm(103, name, [UInt64(version)])
        case .head: ErrorForm(104)
        case .state: ErrorForm(105)
        case .rows(let name): ErrorForm(106, name)
        case .audit: ErrorForm(107)
        case .auditEntry(let number): ErrorForm(108, [number])
        case .container: ErrorForm(109)
        case .depositKey: ErrorForm(110)
        case .retiredKey(let epoch): ErrorForm(112, [UInt64(epoch.number)])
        case .deposit(let id): ErrorForm(111, [], [id.description])
        case .policy: ErrorForm(113)
        case .delivery(let name): ErrorForm(114, name)
        }
    }

    private static func number(_ code: Int32) -> UInt64 { UInt64(UInt32(bitPattern: code)) }

    private static func numbers(of defect: SheetDefect) -> [UInt64] {
        switch defect {
        case .missing(let line): [0, UInt64(line)]
        case .unreadable(let line): [1, UInt64(line)]
        case .mixed: [2]
        case .otherVault: [3]
        case .slotIntact(let slot): [4, UInt64(slot)]
        case .slotRemoved(let slot): [5, UInt64(slot)]
        case .slotReplaced(let slot): [6, UInt64(slot)]
        }
    }

    private static func numbers(of rollback: Rollback) -> [UInt64] {
        switch rollback {
        case .generation(let found, let seen): [0, found, seen]
        case .entries(let found, let seen): [1, found, seen]
        case .forked: [2]
        }
    }

    private static func numbers(of defect: FileDefect) -> [UInt64] {
        switch defect {
        case .symbolicLink: [0]
        case .notRegular: [1]
        case .notDirectory: [2]
        case .foreignOwner: [3]
        case .hardLinked: [4]
        case .leftOver: [5]
        case .openToOthers(let mode): [6, UInt64(mode)]
        case .networkFileSystem: [7]
        }
    }

    private static func numbers(of obstacle: LogObstacle) -> [UInt64] {
        switch obstacle {
        case .diskFull: [0]
        case .readOnly: [1]
        case .io(let code): [2, number(code)]
        }
    }
}
