// The variables under which a secret is handed to a job.

internal import AgentProtocol
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// One variable, and the field that is its value.
struct JobVariable: Hashable, Sendable {
    let name: String
    let field: FieldName
    let isSecret: Bool
    /// Whether the value stands in the variable, or in a file whose path does.
    let delivery: ProfileField.Delivery

    /// Every variable that the profile names for a field that is there; a secret whose profile
    /// names none gets one after its own name.
    static func all(of opened: borrowing OpenedSecret) throws(Complaint) -> [JobVariable] {
        let fields = ProfileCatalog.standard.known(opened.metadata.issuer)?.fields ?? []
        var variables: [JobVariable] = []
        var hasSecret = false
        for field in fields {
            let isSecret = opened.secrets.contains(field.name)
            guard isSecret || opened.fields[field.name] != nil else { continue }
            variables += field.environment.map {
                JobVariable(
                    name: $0, field: field.name, isSecret: isSecret, delivery: field.delivery)
            }
            hasSecret = hasSecret || field.role == .secret && !field.environment.isEmpty
        }
        return hasSecret ? variables : variables + (try own(of: opened))
    }

    private static func own(of opened: borrowing OpenedSecret) throws(Complaint) -> [JobVariable] {
        let secret = opened.metadata.name
        let isOnly = opened.secrets.names.count == 1
        var variables: [JobVariable] = []
        for field in opened.secrets.names {
            let name = name(for: secret, isOnly ? nil : field)
            guard EnvironmentName.isUsable(name) else {
                throw Complaint(
                    .usage, "\"\(secret)\" would set \(name), which only --env does",
                    hint: "choose a variable with `coffer run --env VAR=\(secret)#\(field)`")
            }
            variables.append(
                JobVariable(name: name, field: field, isSecret: true, delivery: .value))
        }
        return variables
    }

    /// `zpa/prod/ci` → `ZPA_PROD_CI`, with `_FIELD` where there are several secret fields.
    static func name(for name: SecretName, _ field: FieldName?) -> String {
        let text = field.map { "\(name)_\($0)" } ?? name.text
        let letters = text.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
        return (letters.first?.isNumber == true ? "_" : "") + String(letters)
    }
}
