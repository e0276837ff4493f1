// Keys of an issuer that only the user's own commands know.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import Issuers
internal import Rotation
internal import SecretMemory
internal import VaultModel

/// Commands for a shell: the first prints a new key, the others get one on standard input and say
/// yes with the exit code 0. A value stands in no argument and no variable.
final class CommandKeys: KeyService {
    struct Commands {
        var create: String?
        var verify: String?
        var revoke: String?
    }

    /// Milliseconds for a command that gets a value.
    private static let patience: Int64 = 120_000

    let mode = RotationMode.command
    let keyField: FieldName?
    let administrator = Administrator.notNeeded
    let console: String?
    private let commands: Commands
    private let intake: CaptureIntake
    private let door: any Door
    private let lifetime: Lifetime

    init(
        _ commands: Commands, _ intake: CaptureIntake, _ profile: IssuerProfile,
        _ door: any Door
    ) {
        self.commands = commands
        self.intake = intake
        self.door = door
        console = profile.console
        keyField = profile.keyField
        lifetime = profile.lifetime
    }

    func abilities(for secret: Metadata) -> Abilities {
        Abilities(
            create: .call, revoke: commands.revoke == nil ? .person : .call, list: false,
            verify: commands.verify != nil, settling: lifetime.settling, soak: 0)
    }

    func check(_ secret: Metadata) throws(Complaint) {
        guard commands.create == nil else { return }
        throw Complaint(
            .usage, "the command that makes a key is needed",
            hint: "add \(RotateCommand.from.name) 'COMMAND'")
    }

    func list(_ secret: Metadata) throws(Complaint) -> [ListedKey] { [] }

    func create(for secret: Metadata, expires: Timestamp?) -> Creation {
        let captured: Captured
        do throws(Complaint) { try check(secret) } catch { return .notNow(error) }
        do throws(Complaint) {
            let create = commands.create ?? "false"
            captured = try intake.takeFromCommand(IssuingCommand(["sh", "-c", create]))
        } catch {
            // It printed nothing. What it did, only it knows.
            return .lost(error)
        }
        guard let doubt = captured.ending.doubt else { return .made(captured, expires: expires) }
        return .unread(captured, doubt)
    }

    func verify(_ version: VersionSummary, of secret: Metadata) throws(Complaint) -> Bool {
        guard let verify = commands.verify else { return false }
        let code = try run(verify, on: version, of: secret)
        // What could not be run has said nothing.
        guard code < 126 else {
            throw Complaint(
                .failed, "the command that verifies a key could not be run (exit code \(code))")
        }
        return code == 0
    }

    func change(
        _ purpose: IssuerCall.Purpose, _ version: VersionSummary, of secret: Metadata
    ) throws(Complaint) -> KeyChange {
        guard purpose == .revoke, let revoke = commands.revoke else { return .missing }
        let code = try run(revoke, on: version, of: secret)
        guard code == 0 else {
            throw Complaint(.failed, "the command that deletes a key failed (exit code \(code))")
        }
        return .done
    }

    func change(
        _ purpose: IssuerCall.Purpose, _ key: KeyID, of secret: Metadata
    ) throws(Complaint) -> KeyChange { .missing }

    /// Runs a command with a value on its standard input; its exit code.
    private func run(
        _ command: String, on version: VersionSummary, of secret: Metadata
    ) throws(Complaint) -> Int32 {
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(
                secret.name, .number(version.number), disabled: .allow, at: Clock.now())
        }
        let value = try opened.input()
        let input = try Pipe()
        // It is written before anybody reads it.
        guard value.count <= input.room else {
            throw Complaint(.failed, "the value is too long for a command's standard input")
        }
        try OutputSink(descriptor: input.writeEnd).write(value.bytes)
        input.closeWriteEnd()
        let fields = opened.fields.filter { !$0.value.contains("\0") }.map {
            "COFFER_FIELD_\($0.key.text.uppercased())=\($0.value)"
        }
        let plan = ChildProcess.Plan(
            words: ["sh", "-c", command],
            variables: ["COFFER_NAME=\(secret.name)", "COFFER_VERSION=\(version.number)"]
                + fields.sorted(),
            input: input.readEnd, patience: Self.patience)
        let outcome = try ChildProcess.run(plan)
        outcome.messages.show(hiding: opened.secrets)
        return outcome.exitCode
    }
}

extension Captured.Ending {
    /// Why what was printed may not be the key.
    fileprivate var doubt: Complaint? {
        switch self {
        case .done, .clear: nil
        case .complain(let why): why
        case .passOn(let code): Complaint(.failed, "the command failed (exit code \(code))")
        }
    }
}

extension OpenedSecret {
    /// What a command gets of a secret: the value if it has one secret field, else all as JSON.
    fileprivate func input() throws(Complaint) -> SecretBytes {
        guard secrets.names.count > 1 else { return try value(of: nil) }
        return try SecretFormat.json.text(of: self)
    }
}
