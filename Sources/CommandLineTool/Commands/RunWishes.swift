// What `run` is asked to hand to a job.

internal import VaultModel

/// What the options of `run` ask for, before a vault is opened.
struct RunWishes {
    enum Place: Hashable, Sendable {
        case environment(String)
        case file(String)
        case descriptor(Int32)
        case standardInput

        var words: String {
            switch self {
            case .environment(let variable), .file(let variable): variable
            case .descriptor(let number): "descriptor \(number)"
            case .standardInput: "standard input"
            }
        }
    }

    private(set) var secrets: [SecretName] = []
    private(set) var tokens: [(variable: String, name: SecretName)] = []
    private(set) var values: [(place: Place, reference: Reference)] = []

    init(_ call: Invocation) throws(Complaint) {
        for text in call.values(of: RunCommand.secret) {
            secrets.append(try SecretName.reading(text))
        }
        for text in call.values(of: RunCommand.environment) {
            let (left, reference) = try Self.split(text, RunCommand.environment)
            values.append(
                (.environment(try Self.variable(left, RunCommand.environment)), reference))
        }
        for text in call.values(of: RunCommand.token) {
            let (left, reference) = try Self.split(text, RunCommand.token)
            guard reference.field == nil, reference.version == .current else {
                throw Complaint(.usage, "`--token` needs VAR=NAME, without a field or a version")
            }
            tokens.append((try Self.variable(left, RunCommand.token), reference.name))
        }
        for text in call.values(of: RunCommand.file) {
            let (left, reference) = try Self.split(text, RunCommand.file)
            values.append((.file(try Self.variable(left, RunCommand.file)), reference))
        }
        for text in call.values(of: RunCommand.descriptor) {
            let (left, reference) = try Self.split(text, RunCommand.descriptor)
            guard let number = Int32(left), (3...255).contains(number), String(number) == left
            else {
                throw Complaint(
                    .usage, "`--fd` needs a descriptor from 3 to 255, as in 3=NAME#FIELD")
            }
            values.append((.descriptor(number), reference))
        }
        if let text = call.value(of: RunCommand.stdin) {
            values.append((.standardInput, try Reference.reading(text)))
        }
        guard !secrets.isEmpty || !values.isEmpty || !tokens.isEmpty else {
            throw Complaint(
                .usage, "`coffer run` needs a secret to hand over",
                hint: "name one with --secret, --env, --token, --file, --fd or --stdin")
        }
    }

    private static func split(
        _ text: String, _ option: Option
    ) throws(Complaint) -> (String, Reference) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw Complaint(.usage, "`\(option.name)` needs \(option.value ?? "")")
        }
        return (String(parts[0]), try Reference.reading(String(parts[1])))
    }

    private static func variable(_ text: String, _ option: Option) throws(Complaint) -> String {
        let isFirstFine = text.utf8.first.map { !(48...57).contains($0) } ?? false
        let isFine = text.utf8.allSatisfy {
            (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == 95
        }
        guard isFirstFine, isFine, text.utf8.count <= 255 else {
            throw Complaint(
                .usage, "`\(option.name)` needs the name of a variable in front of the `=`",
                hint: "letters, digits and _, as in ZPA_CLIENT_SECRET")
        }
        return text
    }
}
