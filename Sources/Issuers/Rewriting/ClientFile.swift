// A client's own file after an import: the secrets gone, and in their place how to ask for them.

public import SecretMemory

/// The files that can be rewritten, since their clients know how to ask another program.
public enum ClientFile: Hashable, Sendable {
    /// AWS's credentials: `credential_process` in each profile.
    case aws
    /// Docker's `config.json`: `credHelpers`.
    case docker
    /// `.netrc`: git asks its own helper; the entries go.
    case netrc

    public init?(_ format: ImportFormat) {
        switch format {
        case .awsCredentials: self = .aws
        case .docker: self = .docker
        case .netrc: self = .netrc
        default: return nil
        }
    }

    /// The text of the file without the secrets of `found`, all else as it was. `command` makes the
    /// command line by which a client asks for one of them, where its file says one.
    public func rewrite(
        _ text: Span<UInt8>, without found: [FoundCredential],
        command: (FoundCredential) -> String
    ) throws(ImportDefect) -> SecretBytes {
        let rewritten: SecretBytes
        switch self {
        case .aws:
            var commands: [String: String] = [:]
            for credential in found { commands[credential.title] = command(credential) }
            rewritten = try AWSProfiles.rewrite(text, commands)
        case .docker: rewritten = try DockerConfig.rewrite(text, found)
        case .netrc: rewritten = try NetrcFile.rewrite(text)
        }
        try refuseSecrets(in: rewritten)
        return rewritten
    }

    /// A setting may look secret that no client asks a program for.
    private func refuseSecrets(in rewritten: borrowing SecretBytes) throws(ImportDefect) {
        guard try format.read(rewritten.bytes).credentials.isEmpty else {
            throw ImportDefect("it holds a secret that its client would not ask for")
        }
    }

    private var format: ImportFormat {
        switch self {
        case .aws: .awsCredentials
        case .docker: .docker
        case .netrc: .netrc
        }
    }
}
