// The way back from a form to the failure that it stands for.

internal import VaultModel

extension ErrorForm {
    /// The failure, or nil if the form is none of one.
    var error: VaultError? {
        switch kind {
        case 1: .locked
        case 2: .wrongKey
        case 3: .unusableKey
        case 4: word().map(VaultError.unusablePassphrase)
        case 5: sheetDefect.map(VaultError.unusableSheet)
        case 6: .lastSlot
        case 7: .noFreeSlot
        case 8: number(0, UInt8.self).map(VaultError.slotMissing)
        case 9: .depositKeyUnknown
        case 10: .noRandomness
        case 11: .readBackDiffers
        case 12: .abandoned
        case 13: .valueTooLong
        case 14: .valueEmpty
        case 15: .metadataTooLong
        case 16: code(0).map(VaultError.storage)
        case 17: number(0, UInt32.self).map(VaultError.noMemory)
        case 18: number(0).flatMap { entry in word(1).map { .logBroken(at: entry, $0) } }
        case 19: text(0).flatMap(AuditReceipt.init).map(VaultError.receiptDiffers)
        case 20: rollback.map(VaultError.rolledBack)
        case 21: word().map(VaultError.notACapsule)
        case 22: word().map(VaultError.agentRefused)
        case 23: .agentLost
        case 24: .agentRunning
        case 25: deposit.map(VaultError.depositMissing)
        case 26: deposit.map(VaultError.depositDiffers)
        case 27: deposit.map(VaultError.depositSetAside)
        case 28: .unusableIdentity
        case 29: .foreignIdentity
        case 30: .policyFull
        case 31: text(0).flatMap { Identifier(hexadecimal: $0) }.map { .grantMissing(GrantID($0)) }
        case 40...60: name.flatMap(aboutName)
        case 64: name.map(VaultError.rotationRunning)
        case 65: name.map(VaultError.rotationMoved)
        case 66: name.map(VaultError.rotationUnfit)
        case 70...82: text(0).flatMap(aboutPath)
        case 100...114: damaged.map(VaultError.tampered)
        default: nil
        }
    }

    private func aboutName(_ name: SecretName) -> VaultError? {
        switch kind {
        case 40: .secretMissing(name)
        case 41: field(1).map { .fieldMissing(name, $0) }
        case 42: text(1).flatMap(VersionSelector.init).map { .versionMissing(name, $0) }
        case 43: .nameTaken(name)
        case 44: .nameTakenByRemoved(name)
        case 45: .disabled(name)
        case 46: .removed(name)
        case 47: .notRemoved(name)
        case 48: .managedElsewhere(name)
        case 49: number(0, UInt32.self).map { .versionDestroyed(name, $0) }
        case 50: .fieldAmbiguous(name, texts.dropFirst().compactMap(FieldName.init))
        case 51: field(1).map { .fieldIsSecret(name, $0) }
        case 52: .versionNotPending(name)
        case 53: .reasonMissing(name)
        case 54: .tooManyVersions(name)
        case 55: .pendingAmbiguous(name, numbers.compactMap { UInt32(exactly: $0) })
        case 56: .jobMissing(name)
        case 57: .jobTaken(name)
        case 58: text(1).flatMap(SecretName.init).map { .notDelivered(name, to: $0) }
        case 59: .deliveryExpired(name)
        default: refusedProgram.map { .notGranted(name, $0) }
        }
    }

    private func aboutPath(_ path: String) -> VaultError? {
        switch kind {
        case 70: .vaultMissing(path: path)
        case 71: .vaultExists(path: path)
        case 72: fileDefect.map { .unsafeFile(path: path, $0) }
        case 73: code(0).map { .memoryClosed(path: path, errno: $0) }
        case 74: obstacle.map { .notLogged(path: path, $0) }
        case 75: word().map { .refusedFormat(path: path, $0) }
        case 76:
            word().flatMap { operation in
                code(1).map { .io(operation, path: path, errno: $0) }
            }
        case 77: .diskFull(path: path, needed: number(0))
        case 78: .busy(path: path)
        case 79: .rekeyed(path: path)
        case 80: .slotsChanged(path: path)
        case 82: .interpreter(path: path)
        default: code(0).map { .agentSocket(path: path, errno: $0) }
        }
    }

    private var damaged: DamagedObject? {
        switch kind {
        case 100: .slots
        case 101: .metadata(nil)
        case 102: name.map(DamagedObject.metadata)
        case 103:
            name.flatMap { name in
                number(0, UInt32.self).map { .record(name, version: $0) }
            }
        case 104: .head
        case 105: .state
        case 106: name.map { .rows(of: $0) }
        case 107: .audit
        case 108: number(0).map(DamagedObject.auditEntry)
        case 109: .container
        case 110: .depositKey
        case 112: number(0, UInt32.self).map { .retiredKey(Epoch($0)) }
        case 111: deposit.map(DamagedObject.deposit)
        case 113: .policy
        default: name.map(DamagedObject.delivery)
        }
    }

    private var refusedProgram: RefusedProgram? {
        guard let path = text(1), let process = number(0, UInt32.self), let flag = number(1),
            flag <= 1
        else { return nil }
        return RefusedProgram(path: path, process: process, canAsk: flag == 1)
    }

    private var sheetDefect: SheetDefect? {
        switch number(0) {
        case 0: number(1, UInt8.self).map { .missing(line: Int($0)) }
        case 1: number(1, UInt8.self).map { .unreadable(line: Int($0)) }
        case 2: .mixed
        case 3: .otherVault
        case 4: number(1, UInt8.self).map(SheetDefect.slotIntact)
        case 5: number(1, UInt8.self).map(SheetDefect.slotRemoved)
        case 6: number(1, UInt8.self).map(SheetDefect.slotReplaced)
        default: nil
        }
    }

    private var rollback: Rollback? {
        guard let found = number(1), let seen = number(2) else {
            return number(0) == 2 ? .forked : nil
        }
        switch number(0) {
        case 0: return .generation(found: found, seen: seen)
        case 1: return .entries(found: found, seen: seen)
        default: return nil
        }
    }

    private var fileDefect: FileDefect? {
        switch number(0) {
        case 0: .symbolicLink
        case 1: .notRegular
        case 2: .notDirectory
        case 3: .foreignOwner
        case 4: .hardLinked
        case 5: .leftOver
        case 6: number(1, UInt16.self).map { .openToOthers(shouldBe: $0) }
        case 7: .networkFileSystem
        default: nil
        }
    }

    private var obstacle: LogObstacle? {
        switch number(0) {
        case 0: .diskFull
        case 1: .readOnly
        case 2: code(1).map { .io(errno: $0) }
        default: nil
        }
    }

    private func number(_ place: Int) -> UInt64? {
        numbers.indices.contains(place) ? numbers[place] : nil
    }

    private func number<N: FixedWidthInteger>(_ place: Int, _ type: N.Type) -> N? {
        number(place).flatMap { N(exactly: $0) }
    }

    private func code(_ place: Int) -> Int32? {
        number(place, UInt32.self).map { Int32(bitPattern: $0) }
    }

    private func word<Word: CaseIterable>(_ place: Int = 0) -> Word? {
        number(place).flatMap { wanted in
            Word.allCases.enumerated().first { UInt64($0.offset) == wanted }?.element
        }
    }

    private func text(_ place: Int) -> String? {
        texts.indices.contains(place) ? texts[place] : nil
    }

    private var deposit: DepositID? {
        text(0).flatMap { Identifier(hexadecimal: $0) }.map(DepositID.init)
    }

    private var name: SecretName? { text(0).flatMap(SecretName.init) }
    private func field(_ place: Int) -> FieldName? { text(place).flatMap(FieldName.init) }
}
