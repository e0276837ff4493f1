// What a parser took in, out of locked memory, so that an expectation can hold it.

import Issuers
import SecretMemory
import VaultModel

/// The bytes of a span as an array.
func bytes(of span: Span<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(span.count)
    for index in span.indices { bytes.append(span[index]) }
    return bytes
}

/// Secrets and fields by their names.
struct Taken: Equatable {
    var secrets: [String: [UInt8]] = [:]
    var fields: [String: String] = [:]

    init(secrets: [String: String], fields: [String: String] = [:]) {
        self.secrets = secrets.mapValues { Array($0.utf8) }
        self.fields = fields
    }

    init(_ credential: borrowing ParsedCredential) {
        for name in credential.secrets.names {
            secrets[name.text] = bytes(of: credential.secrets.value(of: name))
        }
        for (name, value) in credential.fields { fields[name.text] = value }
    }
}

/// The profiles that are built in.
let builtIn = ProfileCatalog(userDirectory: nil)

func profile(_ id: String) throws -> IssuerProfile {
    guard let id = IssuerID(id) else { throw ProfileError.unknown(id) }
    return try builtIn.profile(id)
}

/// Reads JSON with the profile that is named or recognised.
func take(json text: String, as id: String? = nil) throws -> (issuer: String, taken: Taken) {
    let text = Array(text.utf8)
    let known = try id.map { try profile($0) } ?? builtIn.recognise(json: text.span)
    return (known.id.text, Taken(try CredentialParser.parse(json: text.span, with: known)))
}

func take(csv text: String, as id: String? = nil) throws -> (issuer: String, taken: Taken) {
    let text = Array(text.utf8)
    let known = try id.map { try profile($0) } ?? builtIn.recognise(csv: text.span)
    return (known.id.text, Taken(try CredentialParser.parse(csv: text.span, with: known)))
}

func take(output text: String, as id: String) throws -> Taken {
    let text = Array(text.utf8)
    return Taken(try CredentialParser.parse(output: text.span, with: try profile(id)))
}
