// A signed statement of who we are (RFC 7519 and 7523), made anew for each call.

public import SecretMemory
public import VaultModel

extension CallCredential {
    /// Makes the assertion that `call` needs, if it needs one. `sign` makes the RS256 signature of
    /// a message with a private key in PEM, or nothing if that is none. `identifier` is never used
    /// twice.
    public func makeAssertion(
        for call: IssuerCall, at time: Timestamp, identifier: String,
        sign: (_ message: Span<UInt8>, _ key: Span<UInt8>) -> SecretBytes?
    ) throws(CallDefect) {
        guard let pattern = call.assertion else { return }
        guard secrets.contains(pattern.key) else { throw .missing(pattern.key) }
        var statement = SecretBytes(capacity: 2_048)
        for part in [try head(pattern), try claims(pattern, time, identifier)] {
            if !statement.isEmpty { statement.append(UInt8(ascii: ".")) }
            let bytes = Array(part.utf8)
            Base64.encode(bytes.span, .address) { statement.append($0) }
        }
        switch Self.signature(of: statement.bytes, pattern, secrets, sign) {
        case .none: throw .noKey(pattern.key)
        case .some(let signature):
            statement.append(UInt8(ascii: "."))
            Base64.encode(signature.bytes, .address) { statement.append($0) }
        }
        assertion = SecretBytes(copying: statement.bytes)
    }

    private static func signature(
        of message: Span<UInt8>, _ pattern: AssertionPattern, _ secrets: borrowing SecretFields,
        _ sign: (_ message: Span<UInt8>, _ key: Span<UInt8>) -> SecretBytes?
    ) -> SecretBytes? {
        let whole = secrets.value(of: pattern.key)
        guard !pattern.path.isEmpty else { return sign(message, whole) }
        guard let document = try? JSONDocument(whole),
            let node = document.node(at: pattern.path)
        else { return nil }
        switch document.secret(node, in: whole) {
        case .none: return nil
        case .some(let key): return sign(message, key.bytes)
        }
    }

    private func head(_ pattern: AssertionPattern) throws(CallDefect) -> String {
        var members = ["\"alg\":\"RS256\"", "\"typ\":\"JWT\""]
        if let text = pattern.keyID, let value = try publicText(text) {
            members.append("\"kid\":\(Self.quoted(value))")
        }
        return "{\(members.joined(separator: ","))}"
    }

    private func claims(
        _ pattern: AssertionPattern, _ time: Timestamp, _ identifier: String
    ) throws(CallDefect) -> String {
        let now = time.milliseconds / 1_000
        var members: [String] = []
        for (name, text) in [
            ("iss", pattern.issuer), ("sub", pattern.subject), ("aud", pattern.audience),
            ("scope", pattern.scope),
        ] {
            guard let text else { continue }
            if let value = try publicText(text) {
                members.append("\"\(name)\":\(Self.quoted(value))")
            } else if name != "scope" {
                throw missingField(of: text)
            }
        }
        members.append("\"iat\":\(now)")
        members.append("\"exp\":\(now + pattern.life)")
        members.append("\"jti\":\(Self.quoted(identifier))")
        return "{\(members.joined(separator: ","))}"
    }

    private func missingField(of text: CallText) -> CallDefect {
        for case .field(let name) in text.parts where publicValue(name) == nil {
            return .missing(name)
        }
        return .noAddress
    }

    /// A string of JSON; the text is public.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
