// Public fields as they are written on the command line and asked for at a prompt.

internal import Issuers
internal import VaultModel

/// Reading `--set FIELD=VALUE`.
enum PublicField {
    /// The field that says whether a secret may be used; the vault keeps it apart.
    static let status = FieldName("status")

    /// Splits and checks `FIELD=VALUE`. A secret field is refused, and its value not repeated.
    static func reading(
        _ text: String, _ profile: IssuerProfile?
    ) throws(Complaint) -> (field: FieldName, value: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let field = FieldName(String(parts[0])) else {
            throw Complaint(
                .usage, "`--set` needs FIELD=VALUE",
                hint: "fields are lower-case letters, digits and _, as in customer_id")
        }
        let value = String(parts[1])
        if let known = profile?.field(field) {
            guard known.role == .publicField else { throw secretOnCommandLine(field) }
            if let defect = profile?.defect(inPublic: value, of: known) {
                throw Complaint(.usage, "\(field): \(Escaped.text(defect.words))")
            }
        } else if isSecretByName(field) {
            throw secretOnCommandLine(field)
        }
        return (field, value)
    }

    static func status(_ value: String) throws(Complaint) -> SecretStatus {
        switch value {
        case "enabled": return .enabled
        case "disabled": return .disabled
        default: throw Complaint(.usage, "status: it is `enabled` or `disabled`")
        }
    }

    /// What an issuer's document says of its own status, in the words that issuers use.
    static func issuersStatus(_ value: String) -> SecretStatus {
        ["disabled", "false", "inactive"].contains(value.lowercased()) ? .disabled : .enabled
    }

    /// Puts a value where it belongs: the status has a place of its own.
    static func put(_ value: String, _ field: FieldName, into draft: inout SecretDraft) {
        if field == status {
            draft.status = issuersStatus(value)
        } else {
            draft.fields[field] = value
        }
    }

    /// The words of a prompt: title, unit and bounds.
    static func prompt(_ field: ProfileField) -> String {
        var words = field.boundsText.isEmpty ? [] : [field.boundsText]
        if field.requirement == .optional, field.defaultValue == nil { words.append("optional") }
        return words.isEmpty ? field.title : "\(field.title) (\(words.joined(separator: "; ")))"
    }

    private static func isSecretByName(_ field: FieldName) -> Bool {
        ["secret", "password", "passphrase", "token", "private_key", "api_key"].contains {
            field.text == $0 || field.text.hasSuffix("_\($0)")
        }
    }

    private static func secretOnCommandLine(_ field: FieldName) -> Complaint {
        Complaint(
            .usage, "\(field) is a secret field: it is never taken from the command line",
            hints: [
                "leave it out and type it at the prompt, or use --stdin --field \(field)",
                "what was typed may now be in the shell's history",
            ])
    }
}
