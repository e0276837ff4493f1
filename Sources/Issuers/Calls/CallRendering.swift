// From a call and a credential to a configuration of curl: the only place where both meet.

public import SecretMemory
internal import VaultModel

extension IssuerCall {
    /// The most that a configuration may be, in bytes.
    static let longestConfiguration = 1_048_576

    /// The lines for curl that make this call with `credential`; `proof` are those that prove that
    /// we may, from `CallCredential.proof`.
    public func configuration(
        with credential: CallCredential, proof: Span<UInt8>
    ) throws(CallDefect) -> SecretBytes {
        for name in needs
        where credential.publicValue(name) == nil && !credential.secrets.contains(name) {
            throw .missing(name)
        }
        var lines = CurlText()
        try addAddress(credential, to: &lines)
        lines.option("request", method)
        var names: [String] = []
        for header in headers where try credential.isFilled(header.text) {
            names.append(header.name.lowercased())
            try credential.addHeader(header, to: &lines)
        }
        if !names.contains("accept") {
            lines.option(
                "header", reply.format == .xml ? "accept: text/xml" : "accept: application/json")
        }
        try addBody(credential, hasType: names.contains("content-type"), to: &lines)
        if let basic { try credential.addBasic(basic, to: &lines) }
        lines.append(proof)
        guard lines.text.count <= Self.longestConfiguration else { throw .noAddress }
        return lines.finish()
    }

    // The address.

    private func addAddress(
        _ credential: CallCredential, to lines: inout CurlText
    ) throws(CallDefect) {
        var address = try AddressSpelling.address(url, credential)
        var separator = address.contains("?") ? UInt8(ascii: "&") : UInt8(ascii: "?")
        for entry in query where try credential.isFilled(entry.text) {
            address.unicodeScalars.append(Unicode.Scalar(separator))
            separator = UInt8(ascii: "&")
            for byte in entry.name.utf8 {
                AddressText.percent(byte) { address.unicodeScalars.append(Unicode.Scalar($0)) }
            }
            address += "="
            try credential.spell(entry.text) { byte, _ throws(CallDefect) in
                AddressText.percent(byte) { address.unicodeScalars.append(Unicode.Scalar($0)) }
            }
        }
        lines.option("url", address)
    }

    // The body.

    private func addBody(
        _ credential: CallCredential, hasType: Bool, to lines: inout CurlText
    ) throws(CallDefect) {
        switch body {
        case .none:
            guard method == "POST" || method == "PUT" || method == "PATCH" else { return }
            lines.option("data-raw", "")
        case .form(let entries):
            if !hasType {
                lines.option("header", "content-type: application/x-www-form-urlencoded")
            }
            lines.begin("data-raw")
            var isFirst = true
            for entry in entries where try credential.isFilled(entry.text) {
                if !isFirst { lines.add(UInt8(ascii: "&")) }
                isFirst = false
                for byte in entry.name.utf8 { AddressText.percent(byte) { lines.add($0) } }
                lines.add(UInt8(ascii: "="))
                try credential.spell(entry.text) { byte, _ throws(CallDefect) in
                    AddressText.percent(byte) { lines.add($0) }
                }
            }
            lines.end()
        case .json(let pattern):
            if !hasType { lines.option("header", "content-type: application/json") }
            lines.begin("data-raw")
            try credential.addJSON(pattern, to: &lines)
            lines.end()
        }
    }
}

/// Spelling an address, which holds no secret.
enum AddressSpelling {
    static func address(
        _ text: CallText, _ credential: CallCredential
    ) throws(CallDefect) -> String {
        var parts = text.parts
        var address = ""
        if case .field(let name) = parts.first {
            address = try base(name, isWhole: parts.count == 1, credential)
            parts.removeFirst()
        }
        var isInHost = address.isEmpty
        for part in parts {
            try add(part, to: &address, &isInHost, credential)
        }
        let rest = address.dropFirst("https://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard address.hasPrefix("https://"), HostName.isAuthority(authority),
            !AddressText.hasDots(rest.prefix { $0 != "?" })
        else { throw .noAddress }
        return address
    }

    /// A field that is the beginning of an address, or all of it.
    private static func base(
        _ name: FieldName, isWhole: Bool, _ credential: CallCredential
    ) throws(CallDefect) -> String {
        guard let value = credential.publicValue(name) else { throw .missing(name) }
        guard AddressText.isAddress(value, mayHaveQuery: isWhole) else { throw .unusable(name) }
        guard !isWhole else { return value }
        return value.hasSuffix("/") ? String(value.dropLast()) : value
    }

    private static func add(
        _ part: CallText.Part, to address: inout String, _ isInHost: inout Bool,
        _ credential: CallCredential
    ) throws(CallDefect) {
        switch part {
        case .literal(let literal):
            // That of a derived text is known only here.
            guard AddressText.isPlain(literal) else { throw .noAddress }
            address += literal
            isInHost = isInHost && !address.dropFirst("https://".count).contains("/")
        case .field(let name):
            guard let value = credential.publicValue(name) else { throw .missing(name) }
            guard !isInHost else {
                let isFine =
                    credential.profile.field(name)?.kind == .host
                    ? HostName.isHost(value) : HostName.isLabel(value)
                guard isFine else { throw .unusable(name) }
                address += value
                return
            }
            guard value != ".", value != ".." else { throw .unusable(name) }
            for byte in value.utf8 {
                AddressText.percent(byte) { address.unicodeScalars.append(Unicode.Scalar($0)) }
            }
        case .given(let value):
            guard let given = credential.given[value] else { throw .notGiven(value) }
            for byte in given.utf8 {
                AddressText.percent(byte) { address.unicodeScalars.append(Unicode.Scalar($0)) }
            }
        case .derived(let name):
            guard let text = try credential.text(derived: name) else {
                let source = credential.profile.derived.first { $0.name == name }?.source ?? name
                throw credential.publicValue(source) == nil ? .missing(source) : .unknown(source)
            }
            for part in text.parts { try add(part, to: &address, &isInHost, credential) }
        }
    }
}

extension CallCredential {
    func addHeader(_ header: IssuerCall.Entry, to lines: inout CurlText) throws(CallDefect) {
        lines.begin("header")
        for byte in "\(header.name): ".utf8 { lines.add(byte) }
        try spell(header.text) { byte, name throws(CallDefect) in
            guard HeaderText.isPlain(byte) else {
                guard let name else { throw .noAddress }
                throw .unusable(name)
            }
            lines.add(byte)
        }
        lines.end()
    }

    /// A header of ours, and not curl's `user`: that would end the user's name at its first colon.
    func addBasic(
        _ basic: IssuerCall.BasicProof, to lines: inout CurlText
    ) throws(CallDefect) {
        guard try isFilled(basic.user), try isFilled(basic.password) else { return }
        var proof = SecretBytes(capacity: 256)
        func add(_ text: CallText) throws(CallDefect) {
            try spell(text) { byte, _ throws(CallDefect) in
                if basic.isEncoded {
                    AddressText.percent(byte) { proof.append($0) }
                } else {
                    proof.append(byte)
                }
            }
        }
        try add(basic.user)
        proof.append(UInt8(ascii: ":"))
        try add(basic.password)
        lines.begin("header")
        for byte in "authorization: Basic ".utf8 { lines.add(byte) }
        Base64.encode(proof.bytes, .standard) { lines.add($0) }
        lines.end()
    }

    /// The lines that prove with this credential that we may make `call`. `token` is what its
    /// `exchange` gave, where that is how it is used.
    public func proof(
        for call: IssuerCall, token: Span<UInt8>
    ) throws(CallDefect) -> SecretBytes {
        var lines = CurlText()
        switch profile.use {
        case .none: throw .noUse(profile.id)
        case .headers(let headers):
            for header in headers where try isFilled(header.text) {
                try addHeader(header, to: &lines)
            }
        case .basic(let basic): try addBasic(basic, to: &lines)
        case .session(let header, let scheme):
            guard !token.isEmpty else { throw .noUse(profile.id) }
            lines.begin("header")
            let head = scheme.isEmpty ? "\(header): " : "\(header): \(scheme) "
            for byte in head.utf8 { lines.add(byte) }
            for index in token.indices { lines.add(token[index]) }
            lines.end()
        case .aws(let key, let secret, let session):
            guard let scope = call.scope else { throw .noUse(profile.id) }
            try addSignature(scope, key, secret, session, to: &lines)
        }
        return lines.finish()
    }

    /// Whether calls are made with the token of `exchange`.
    public var needsSession: Bool {
        if case .session = profile.use { return true }
        return false
    }

    private func addSignature(
        _ scope: IssuerCall.SignatureScope, _ key: CallText, _ secret: CallText,
        _ session: CallText?, to lines: inout CurlText
    ) throws(CallDefect) {
        lines.option("aws-sigv4", "aws:amz:\(scope.region):\(scope.service)")
        lines.begin("user")
        func add(_ text: CallText, _ mayHoldColon: Bool) throws(CallDefect) {
            try spell(text) { byte, name throws(CallDefect) in
                guard HeaderText.isPlain(byte), mayHoldColon || byte != UInt8(ascii: ":") else {
                    throw name.map { .unusable($0) } ?? .noAddress
                }
                lines.add(byte)
            }
        }
        try add(key, false)
        lines.add(UInt8(ascii: ":"))
        try add(secret, true)
        lines.end()
        if let session, try isFilled(session) {
            try addHeader(
                IssuerCall.Entry(name: "x-amz-security-token", text: session), to: &lines)
        }
    }
}

// JSON.
extension CallCredential {
    func addJSON(_ pattern: JSONPattern, to lines: inout CurlText) throws(CallDefect) {
        switch pattern {
        case .literal(let text): for byte in text.utf8 { lines.add(byte) }
        case .text(let text): try addJSON(text, to: &lines)
        case .array(let elements):
            lines.add(UInt8(ascii: "["))
            var isFirst = true
            for element in elements where try isThere(element) {
                if !isFirst { lines.add(UInt8(ascii: ",")) }
                isFirst = false
                try addJSON(element, to: &lines)
            }
            lines.add(UInt8(ascii: "]"))
        case .object(let members):
            lines.add(UInt8(ascii: "{"))
            var isFirst = true
            for member in members where try isThere(member.value) {
                if !isFirst { lines.add(UInt8(ascii: ",")) }
                isFirst = false
                try addJSON(CallText(literal: member.name), to: &lines)
                lines.add(UInt8(ascii: ":"))
                try addJSON(member.value, to: &lines)
            }
            lines.add(UInt8(ascii: "}"))
        }
    }

    private func isThere(_ pattern: JSONPattern) throws(CallDefect) -> Bool {
        guard case .text(let text) = pattern else { return true }
        return try isFilled(text)
    }

    /// A string; a number where the text is nothing but a field that holds whole numbers.
    private func addJSON(_ text: CallText, to lines: inout CurlText) throws(CallDefect) {
        if case .field(let name) = text.parts.first, text.parts.count == 1,
            case .integer = profile.field(name)?.kind, let value = publicValue(name),
            let number = Int64(value)
        {
            for byte in "\(number)".utf8 { lines.add(byte) }
            return
        }
        if let name = unreadable(in: text) { throw .unusable(name) }
        lines.add(UInt8(ascii: "\""))
        try spell(text) { byte, _ throws(CallDefect) in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                lines.add(UInt8(ascii: "\\"))
                lines.add(byte)
            case 0..<0x20, 0x7f:
                for byte in "\\u00".utf8 { lines.add(byte) }
                lines.add(AddressText.hexadecimal(byte >> 4))
                lines.add(AddressText.hexadecimal(byte & 15))
            default: lines.add(byte)
            }
        }
        lines.add(UInt8(ascii: "\""))
    }

    /// The first secret of a text that is not valid UTF-8, which no string of JSON can hold.
    private func unreadable(in text: CallText) -> FieldName? {
        for case .field(let name) in text.parts where secrets.contains(name) {
            if !Self.isText(name, of: secrets) { return name }
        }
        return nil
    }

    private static func isText(_ name: FieldName, of secrets: borrowing SecretFields) -> Bool {
        (try? UTF8Span(validating: secrets.value(of: name))) != nil
    }
}
