// Docker's `config.json` whose registries name the credential helper.

internal import SecretMemory
internal import VaultModel

extension DockerConfig {
    /// What docker calls the helper: the end of the program's name.
    private static let helper = "coffer"
    private static let secrets = [
        "auth", "username", "password", "identitytoken", "registrytoken",
    ]

    /// Empties what `auths` holds of each registry in `found`, and names the helper in
    /// `credHelpers`.
    static func rewrite(
        _ text: Span<UInt8>, _ found: [FoundCredential]
    ) throws(ImportDefect) -> SecretBytes {
        let json = try JSONExport(text)
        guard let auths = json.member("auths", of: JSONDocument.root) else {
            throw ImportDefect("it has no \"auths\"", line: 1)
        }
        let wanted = Set(found.compactMap(\.registry))
        var edits = TextEdits()
        var names: [String] = []
        for registry in json.members(of: auths) where wanted.contains(json.key(registry)) {
            empty(registry, of: json, &edits)
            if let name = try added(registry, to: json) { names.append(name) }
        }
        let members = names.map { "\n\t\t\($0): \"\(helper)\"" }.joined(separator: ",")
        if let helpers = json.member("credHelpers", of: JSONDocument.root) {
            let comma = json.members(of: helpers).isEmpty || names.isEmpty ? "" : ","
            edits.insert(members + comma, at: json.document[helpers].range.lowerBound + 1)
        } else {
            edits.insert(
                ",\n\t\"credHelpers\": {\(members)\n\t}", at: json.document[auths].range.upperBound)
        }
        return edits.apply(to: text)
    }

    /// The registry's name as it stands in the text, in its quotes; nil if the helper is named for
    /// it already.
    private static func added(
        _ registry: Int, to json: borrowing JSONExport
    ) throws(ImportDefect) -> String? {
        if let helpers = json.member("credHelpers", of: JSONDocument.root) {
            guard json.isObject(helpers) else {
                throw json.defect("an object is needed", at: helpers)
            }
            let named = try json.string(json.key(registry), of: helpers)
            guard named == nil || named == helper else {
                throw json.defect(
                    "another helper is named for a registry that has a key", at: helpers)
            }
            if named != nil { return nil }
        }
        let start = json.start(ofMember: registry)
        var end = start + 1
        while json.text[end] != UInt8(ascii: "\"") {
            end += json.text[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return String(validUTF8: json.text.extracting(start..<end + 1))
    }

    /// Takes the members out that hold the credential, each with its comma.
    private static func empty(
        _ registry: Int, of json: borrowing JSONExport, _ edits: inout TextEdits
    ) {
        let members = json.members(of: registry)
        let last = members.lastIndex { !secrets.contains(json.key($0)) }
        let range = json.document[registry].range
        guard let last else { return edits.replace(range, by: "{}") }
        for (index, member) in members[..<last].enumerated()
        where secrets.contains(json.key(member)) {
            let next = json.start(ofMember: members[index + 1])
            edits.replace(json.start(ofMember: member)..<next)
        }
        guard last + 1 < members.count else { return }
        edits.replace(json.end(of: members[last])..<json.end(of: members[members.count - 1]))
    }
}

extension JSONExport {
    /// Where the quote before a member's name stands.
    fileprivate func start(ofMember node: Int) -> Int {
        let place = document[node].range.lowerBound
        // Back over the value's own quote, the colon and blanks to the quote behind the name.
        var quote = document[node].kind == .string ? place - 2 : place - 1
        while text[quote] != UInt8(ascii: "\"") { quote -= 1 }
        var start = quote - 1
        while !isOpeningQuote(start) { start -= 1 }
        return start
    }

    /// Within a name a quote stands behind an odd number of backslashes.
    private func isOpeningQuote(_ place: Int) -> Bool {
        guard text[place] == UInt8(ascii: "\"") else { return false }
        var count = 0
        while place > count, text[place - count - 1] == UInt8(ascii: "\\") { count += 1 }
        return count % 2 == 0
    }

    /// Where a value ends, with its quote.
    fileprivate func end(of node: Int) -> Int {
        document[node].range.upperBound + (document[node].kind == .string ? 1 : 0)
    }
}

extension FoundCredential {
    fileprivate var registry: String? {
        fields.first { $0.key.text == "registry" }?.value
    }
}
