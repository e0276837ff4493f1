// What docker says to a credential helper: a registry, or a JSON object with a credential.

public import SecretMemory

/// A credential as docker describes it.
public struct DockerCredential: ~Copyable {
    /// Most bytes of a request.
    public static let longest = 256 * 1_024
    /// The user that docker takes to mean that the secret is an identity token.
    public static let tokenUser = "<token>"

    public let registry: String
    public let username: String
    public let secret: SecretBytes

    /// `{"ServerURL": …, "Username": …, "Secret": …}`; other members are passed over.
    public static func read(_ text: Span<UInt8>) throws(ClientDefect) -> DockerCredential {
        guard text.count <= longest else { throw ClientDefect("it is longer than 256 KiB") }
        let json: JSONDocument
        do throws(JSONParsing) { json = try JSONDocument(text) } catch {
            throw ClientDefect(error.defect)
        }
        let registry = try member("ServerURL", of: json, in: text)
        let username = try member("Username", of: json, in: text)
        guard let node = json.member("Secret", of: JSONDocument.root), json[node].kind == .string
        else { throw ClientDefect("it has no \"Secret\"") }
        switch json.secret(node, in: text) {
        case .some(let secret):
            guard !secret.isEmpty else { throw ClientDefect("its \"Secret\" is empty") }
            return DockerCredential(registry: registry, username: username, secret: secret)
        case .none: throw ClientDefect("it has no \"Secret\"")
        }
    }

    private static func member(
        _ name: String, of json: JSONDocument, in text: Span<UInt8>
    ) throws(ClientDefect) -> String {
        guard let node = json.member(name, of: JSONDocument.root), json[node].kind == .string,
            let value = json.string(node, in: text),
            let plain = ClientText.read(Array(value.utf8).span), !plain.isEmpty
        else { throw ClientDefect("a registry or a user is missing or no plain text") }
        return plain
    }

    /// The registry that a request names, blanks around it left out. Nil if it is no plain text.
    public static func registry(_ text: Span<UInt8>) -> String? {
        var (start, end) = (0, text.count)
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return ClientText.read(text.extracting(start..<end))
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
}
