// What curl would read in a configuration, and a profile to make one with.

import SecretMemory
import VaultModel

@testable import Issuers

/// The options of a configuration, read as curl(1) says that it reads one: a line each, a value in
/// double quotes, in which a backslash makes the next character itself or what ends a line.
struct ReadConfiguration {
    private(set) var options: [(name: String, value: [UInt8]?)] = []

    init(_ text: Span<UInt8>) {
        for line in bytes(of: text).split(separator: 0x0a) {
            let head = line.prefix { $0 != 0x20 && $0 != 0x3d }
            var rest = line.dropFirst(head.count).drop { $0 == 0x20 || $0 == 0x3d }
            var value: [UInt8]?
            if rest.first == 0x22 {
                rest = rest.dropFirst()
                value = []
                while let byte = rest.popFirst(), byte != 0x22 {
                    guard byte == 0x5c, let next = rest.popFirst() else {
                        value?.append(byte)
                        continue
                    }
                    let plain: [UInt8: UInt8] = [0x74: 9, 0x6e: 10, 0x72: 13, 0x76: 11]
                    value?.append(plain[next] ?? next)
                }
            }
            options.append((String(decoding: head, as: UTF8.self), value))
        }
    }

    func values(_ name: String) -> [String] {
        options.filter { $0.name == name }.map { String(decoding: $0.value ?? [], as: UTF8.self) }
    }

    func value(_ name: String) -> String? { values(name).first }
    func value(inBytes name: String) -> [UInt8]? { options.first { $0.name == name }?.value }

    /// The value of a header.
    func header(_ name: String) -> String? {
        values("header").first { $0.hasPrefix("\(name): ") }
            .map { String($0.dropFirst(name.utf8.count + 2)) }
    }
}

func field(_ name: String) -> FieldName {
    guard let name = FieldName(name) else { preconditionFailure("a name of a field") }
    return name
}

func credential(
    _ profile: IssuerProfile, _ fields: [String: String] = [:], secrets: [String: [UInt8]] = [:]
) -> CallCredential {
    var held = SecretFields()
    for (name, value) in secrets { _ = held.add(field(name), value.span) }
    var named: [FieldName: String] = [:]
    for (name, value) in fields { named[field(name)] = value }
    return CallCredential(profile, fields: named, secrets: held)
}

func credential(
    _ id: String, _ fields: [String: String] = [:], secrets: [String: String]
) throws -> CallCredential {
    credential(try profile(id), fields, secrets: secrets.mapValues { Array($0.utf8) })
}

/// A profile of one call `verify`, the rest of whose members the test gives.
func acme(_ members: String, rest: String = "") throws -> IssuerProfile {
    let text = """
        {"schema": 1, "id": "acme", "title": "Acme", "fields": [
        {"name": "user", "title": "U", "role": "public", "required": false},
        {"name": "site", "title": "S", "role": "public", "kind": "label", "required": false},
        {"name": "home", "title": "H", "role": "public", "kind": "host", "required": false},
        {"name": "base", "title": "B", "role": "public", "kind": "url", "required": false},
        {"name": "size", "title": "N", "role": "public", "kind": "integer", "least": 1, "most": 9,
         "required": false},
        {"name": "token", "title": "T", "role": "secret"}]\(rest),
        "calls": {"verify": {\(members)}}}
        """
    let bytes = Array(text.utf8)
    return try ProfileReader(bytes.span).profile(from: .user(path: "acme.json"))
}

/// What curl would read for the only call of such a profile.
func rendered(
    _ members: String, _ fields: [String: String] = [:], token: [UInt8] = Array("t0ken".utf8),
    rest: String = ""
) throws -> ReadConfiguration {
    let profile = try acme(members, rest: rest)
    let credential = credential(profile, fields, secrets: ["token": token])
    let call = profile.calls[0]
    let proof: SecretBytes
    if case .credential = call.administration {
        proof = try credential.proof(for: call, token: Span())
    } else {
        proof = SecretBytes()
    }
    let text = try call.configuration(with: credential, proof: proof.bytes)
    return ReadConfiguration(text.bytes)
}
