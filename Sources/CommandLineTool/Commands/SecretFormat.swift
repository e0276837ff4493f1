// A whole secret as another program reads it.

internal import AgentProtocol
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// The formats of `get --format`.
enum SecretFormat: String, CaseIterable, Sendable {
    case env, dotenv, json, shell, k8s, systemd

    /// In words, not put together: that would cost every command a part of its start.
    static let names = "env, dotenv, json, shell, k8s, systemd"
    static let words = ["env", "dotenv", "json", "shell", "k8s", "systemd"]

    /// All fields of a secret, or a complaint about the one that the format cannot hold.
    func text(of opened: borrowing OpenedSecret) throws(Complaint) -> SecretBytes {
        var text = SecretBytes(capacity: 1_024)
        switch self {
        case .env: try variables(of: opened, Notation.line, into: &text)
        case .dotenv: try variables(of: opened, Notation.dotenv, into: &text)
        case .shell: try variables(of: opened, Notation.shell, before: "export ", into: &text)
        case .systemd: try variables(of: opened, Notation.systemd, into: &text)
        case .json: try object(of: opened, into: &text)
        case .k8s: try KubernetesSecret.manifest(of: opened, into: &text)
        }
        return text
    }

    private typealias Quoting = (Span<UInt8>, inout SecretBytes) throws(Unfit) -> Void

    private func variables(
        of opened: borrowing OpenedSecret, _ quote: Quoting, before: String = "",
        into text: inout SecretBytes
    ) throws(Complaint) {
        var names: Set<String> = []
        for variable in try JobVariable.all(of: opened) {
            guard names.insert(variable.name).inserted else {
                throw Complaint(.usage, "the variable \(variable.name) is set twice")
            }
            guard variable.delivery == .value else {
                throw unfit(
                    variable.field, of: opened,
                    "\(variable.name) is the path of a file that holds \(variable.field)",
                    hint: "`coffer run --secret \(opened.metadata.name)` makes the file")
            }
            text.append("\(before)\(variable.name)=")
            try put(variable.field, of: opened, quote, into: &text)
            text.append("\n")
        }
    }

    private func object(
        of opened: borrowing OpenedSecret, into text: inout SecretBytes
    ) throws(Complaint) {
        text.append("{")
        for (index, field) in opened.fieldNames.enumerated() {
            text.append("\(index == 0 ? "" : ",")\"\(field)\":")
            try put(field, of: opened, Notation.json, into: &text)
        }
        text.append("}\n")
    }

    private func put(
        _ field: FieldName, of opened: borrowing OpenedSecret, _ quote: Quoting,
        into text: inout SecretBytes
    ) throws(Complaint) {
        let value = try opened.value(of: field)
        do throws(Unfit) { try quote(value.bytes, &text) } catch {
            throw unfit(
                field, of: opened, "it holds \(error.words)",
                hint: "`coffer get \(opened.metadata.name)#\(field)` prints it as it is")
        }
    }

    private func unfit(
        _ field: FieldName, of opened: borrowing OpenedSecret, _ why: String, hint: String
    ) -> Complaint {
        Complaint(
            .usage, "\(rawValue) cannot hold \"\(opened.metadata.name)#\(field)\": \(why)",
            hint: hint)
    }
}

/// The manifest of a Kubernetes Secret, in YAML.
enum KubernetesSecret {
    /// Longest data of a Secret, in bytes: 1 MiB.
    private static let longest = 1_048_576

    static func manifest(
        of opened: borrowing OpenedSecret, into text: inout SecretBytes
    ) throws(Complaint) {
        guard let name = name(for: opened.metadata.name) else {
            throw Complaint(
                .usage,
                "\"\(opened.metadata.name)\" has no letter or digit for a name in Kubernetes")
        }
        text.append("apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"\(name)\"\n")
        text.append("type: Opaque\ndata:\n")
        var count = 0
        for field in opened.fieldNames {
            let value = try opened.value(of: field)
            count += value.count
            guard count <= longest else {
                throw Complaint(
                    .usage, "\"\(opened.metadata.name)\" is longer than the 1 MiB of a Secret")
            }
            // In quotes: `null` is a field's name, and `1234` is base64.
            text.append("  \"\(field)\": \"")
            Encodings.base64(value.bytes, .standard, into: &text)
            text.append("\"\n")
        }
    }

    /// `zpa/prod/CI.1` → `zpa-prod-ci-1`: a label of DNS, but up to the 128 characters of a name.
    static func name(for name: SecretName) -> String? {
        let letters = name.text.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let start = letters.drop { $0 == "-" }
        guard let last = start.lastIndex(where: { $0 != "-" }) else { return nil }
        return String(start[...last])
    }
}

extension OpenedSecret {
    /// The fields that have a value: the public ones by their names, then the secret ones.
    var fieldNames: [FieldName] {
        fields.keys.filter { !secrets.contains($0) }.sorted() + secrets.names
    }
}

extension SecretBytes {
    /// Adds text of ours.
    mutating func append(_ text: String) { for byte in text.utf8 { append(byte) } }
}
