// Profiles as commands ask for them.

internal import Issuers
internal import VaultModel

extension ProfileCatalog {
    /// The catalog with a person's own profiles.
    static var standard: ProfileCatalog { ProfileCatalog(userDirectory: Places.issuers) }

    /// The profile that a person named.
    func named(_ text: String) throws(Complaint) -> IssuerProfile {
        guard let id = IssuerID(text) else {
            throw Complaint(
                .usage, "this is no issuer's id", hint: "`coffer issuer list` lists them")
        }
        do throws(ProfileError) { return try profile(id) } catch { throw Complaint(error) }
    }

    /// The profile of a stored secret, or nil if it is not here any more or unusable.
    func known(_ id: IssuerID) -> IssuerProfile? { try? profile(id) }
}

extension Complaint {
    init(_ error: ProfileError) {
        switch error {
        case .unknown(let id):
            self.init(
                .notFound, "there is no profile of an issuer \"\(id)\"",
                hint: "`coffer issuer list` lists them")
        case .unusable(let path, let diagnostic):
            self.init(.refused, diagnostic.words(in: path))
        }
    }

    /// An issuer's document that was not understood.
    init(_ error: CredentialError, in path: String) {
        let place = path == "-" ? "the input" : Escaped.path(path)
        let hint =
            switch error {
            case .unrecognised, .ambiguous: ["name the issuer with --issuer"]
            case .badJSON, .badCSV, .missing, .noSuchDocument:
                ["nothing was stored; `coffer issuer show` shows what a profile expects"]
            default: ["nothing was stored"]
            }
        self.init(.failed, "\(place) was not understood: \(error.words)", hints: hint)
    }

    /// The same for a line of an import.
    init(_ error: CredentialError, inLine number: Int) {
        self.init(.failed, "line \(number): \(error.words); nothing was imported")
    }
}

extension ProfileDiagnostic {
    /// `file:line:column: words`.
    func words(in path: String) -> String {
        let place = line > 0 ? ":\(line):\(column)" : ""
        return "\(Escaped.text(path))\(place): \(Escaped.text(words))"
    }
}
