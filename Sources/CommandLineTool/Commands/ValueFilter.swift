// What a template may have done to a value before it is put in its place.

internal import SecretMemory

/// The name of a filter is its raw value.
enum ValueFilter: String, CaseIterable, Sendable {
    case shell, json, yaml, url, base64

    func apply(_ value: Span<UInt8>, into output: inout SecretBytes) throws(Unfit) {
        switch self {
        case .shell: try Notation.shell(value, into: &output)
        case .json: try Notation.json(value, into: &output)
        case .yaml: try Notation.yaml(value, into: &output)
        case .url: Encodings.percent(value, into: &output)
        case .base64: Encodings.base64(value, .standard, into: &output)
        }
    }

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
