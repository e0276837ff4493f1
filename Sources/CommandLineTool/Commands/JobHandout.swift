// What a job gets of the vault: the values that `run` was asked for, put into its hands.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// One filling of a launch.
struct JobHandout {
    private let wishes: RunWishes
    private let call: Invocation
    /// Versions that the job gets in the place of the current ones.
    private var instead: [SecretName: UInt32]
    /// Whether it is kept what was handed out for a current version.
    private let isWatched: Bool
    /// What was handed out for a current version, each secret once.
    private(set) var given: [GivenSecret] = []

    init(_ wishes: RunWishes, _ call: Invocation) {
        self.wishes = wishes
        self.call = call
        (instead, isWatched) = ([:], false)
    }

    /// One that keeps what a second run needs.
    init(_ wishes: RunWishes, _ call: Invocation, instead: [SecretName: UInt32]) {
        self.wishes = wishes
        self.call = call
        (self.instead, isWatched) = (instead, true)
    }

    /// Opens the vault, puts all that is wished for into the job's hands, and closes it.
    mutating func fill(_ launch: inout Launch) throws(Complaint) {
        let job = launch.path
        try VaultAccess.values(call, job: job) { door throws(Complaint) in
            if isWatched, door is JobDoor {
                throw Complaint(
                    .usage,
                    "`\(RunCommand.fallback.name)` needs previous versions, and a job is"
                        + " delivered the current one alone",
                    hint: "leave it out; a delivery follows the current version by itself")
            }
            try setTokens(in: &launch, door)
            try setSecrets(in: &launch, door)
            try setValues(in: &launch, door)
        }
    }

    private var disabled: DisabledUse { call.has(VerbTable.allowDisabled) ? .allow : .refuse }

    private mutating func fetch(
        _ name: SecretName, _ wanted: VersionSelector, _ door: any ValueDoor
    ) throws(VaultError) -> OpenedSecret {
        let number = wanted == .current ? instead[name] : nil
        let opened = try door.fetch(
            name, number.map(VersionSelector.number) ?? wanted, disabled: disabled, at: Clock.now())
        if isWatched, wanted == .current, !given.contains(where: { $0.name == name }) {
            given.append(GivenSecret(opened))
        }
        return opened
    }

    // By the issuer's profile.

    private mutating func setSecrets(
        in launch: inout Launch, _ door: any ValueDoor
    ) throws(Complaint) {
        for name in wishes.secrets {
            let opened: OpenedSecret
            do throws(VaultError) { opened = try fetch(name, .current, door) } catch {
                throw Complaint(error)
            }
            for variable in try JobVariable.all(of: opened) {
                let value = try opened.value(of: variable.field)
                if variable.isSecret { hide(value, of: variable.name, in: &launch) }
                switch variable.delivery {
                case .value: try launch.set(variable.name, value.bytes)
                case .file: try launch.setFile(variable.name, value.bytes)
                }
            }
        }
    }

    // One by one.

    private mutating func setValues(
        in launch: inout Launch, _ door: any ValueDoor
    ) throws(Complaint) {
        for (place, reference) in wishes.values {
            let opened = try fetch(reference, for: place, door)
            let value = try opened.value(of: reference.field)
            if opened.isSecret(reference.field) { hide(value, of: place.words, in: &launch) }
            switch place {
            case .environment(let variable): try launch.set(variable, value.bytes)
            case .file(let variable): try launch.setFile(variable, value.bytes)
            case .descriptor(let number): try launch.setDescriptor(number, value.bytes)
            case .standardInput: try launch.setStandardInput(value.bytes)
            }
        }
    }

    /// What is not found is named by its place: what stands behind `TOKEN=` may be a token.
    private mutating func fetch(
        _ reference: Reference, for place: RunWishes.Place, _ door: any ValueDoor
    ) throws(Complaint) -> OpenedSecret {
        do throws(VaultError) {
            return try fetch(reference.name, reference.version, door)
        } catch {
            guard case .secretMissing = error else { throw Complaint(error) }
            throw Complaint(
                .notFound, "there is no such secret for \(place.words)",
                hint: "`coffer list` lists the names")
        }
    }

    // What stays within coffer.

    /// Longest value that is masked, in bytes: 256 KiB.
    private static let longestMasked = 262_144

    /// Has a value masked if that is wanted, or says why it cannot be.
    private func hide(
        _ value: borrowing SecretBytes, of place: String, in launch: inout Launch
    ) {
        guard call.has(RunCommand.mask) else { return }
        switch value.count {
        case ..<SecretForm.shortest:
            Console.warn("the value for \(place) has fewer than 4 bytes: it is not masked")
        case ...Self.longestMasked: launch.hide(value.bytes)
        default: Console.warn("the value for \(place) is longer than 256 KiB: it is not masked")
        }
    }
}

// Session tokens in the place of secrets.
extension JobHandout {
    private mutating func setTokens(
        in launch: inout Launch, _ door: any ValueDoor
    ) throws(Complaint) {
        guard !wishes.tokens.isEmpty else { return }
        let calling = try IssuerCalling()
        for (variable, name) in wishes.tokens {
            let session = try session(of: name, calling, door)
            hide(session.token, of: variable, in: &launch)
            try launch.set(variable, session.token.bytes)
        }
    }

    /// A token for the current version; where the issuer refuses that and another version is at
    /// hand, one for the version before: it says now what it would say behind a run.
    private mutating func session(
        of name: SecretName, _ calling: IssuerCalling, _ door: any ValueDoor
    ) throws(Complaint) -> SessionToken {
        do throws(Complaint) {
            return try calling.sharedSession(of: credential(name, door), isFresh: false)
        } catch {
            guard error == .refusedCredential, instead[name] == nil,
                let place = given.firstIndex(where: { $0.name == name }),
                let previous = given[place].previous
            else { throw error }
            let refused = given.remove(at: place)
            instead[name] = previous
            let session: SessionToken
            do throws(Complaint) {
                session = try calling.sharedSession(of: credential(name, door), isFresh: false)
            } catch let second {
                throw second == .refusedCredential ? error : second
            }
            Console.warn(
                "the issuer refuses the current version: the job runs with"
                    + " \(refused.words(for: previous))")
            return session
        }
    }

    private mutating func credential(
        _ name: SecretName, _ door: any ValueDoor
    ) throws(Complaint) -> CallCredential {
        let opened: OpenedSecret
        do throws(VaultError) { opened = try fetch(name, .current, door) } catch {
            throw Complaint(error)
        }
        return try IssuerCalling.credential(opened)
    }
}

/// A secret that a job was handed for its current version, and what the issuer can be asked with.
struct GivenSecret {
    let name: SecretName
    /// The version that it was.
    let version: UInt32
    /// The one before, if there is one.
    let previous: UInt32?
    /// Nil where no profile is known for it.
    let credential: CallCredential?

    init(_ opened: borrowing OpenedSecret) {
        name = opened.metadata.name
        version = opened.version.number
        previous = opened.metadata.version(.previous)?.number
        credential = ProfileCatalog.standard.known(opened.metadata.issuer).map { profile in
            CallCredential(
                profile, fields: opened.fields, secrets: SecretFields(copying: opened.secrets))
        }
    }

    /// `version 1 of "okta/ci" in place of 2`.
    func words(for other: UInt32) -> String {
        "version \(other) of \"\(name)\" in place of \(version)"
    }
}
