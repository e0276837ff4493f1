// One secret as a line that `coffer import --json-lines` reads, in locked memory.

internal import SecretMemory
internal import VaultModel

enum ExportLine {
    /// The line with its newline. What an import takes for granted is left out.
    static func text(_ opened: borrowing OpenedSecret) -> SecretBytes {
        var json = SecretJSON()
        describe(opened.metadata, in: &json)
        let names = opened.secrets.names
        if names == [.secret] {
            let value = opened.secrets.value(of: .secret)
            let isText = isText(value)
            json.add(isText ? "secret" : "secret_base64", value, asText: isText)
            return json.finish()
        }
        for (member, asText) in [("secrets", true), ("secrets_base64", false)] {
            let fields = names.filter { isText(opened.secrets.value(of: $0)) == asText }
            if fields.isEmpty { continue }
            json.openObject(member)
            for field in fields {
                json.add(field.text, opened.secrets.value(of: field), asText: asText)
            }
            json.closeObject()
        }
        return json.finish()
    }

    private static func describe(_ metadata: Metadata, in json: inout SecretJSON) {
        json.add("name", metadata.name.text)
        if metadata.issuer != .generic { json.add("issuer", metadata.issuer.text) }
        if metadata.status == .disabled { json.add("status", "disabled") }
        if !metadata.label.isEmpty { json.add("label", metadata.label) }
        if !metadata.fields.isEmpty {
            let fields = metadata.fields.sorted { $0.key < $1.key }
            json.add("fields", .object(fields.map { ($0.key.text, .string($0.value)) }))
        }
        if !metadata.tags.isEmpty { json.add("tags", .array(metadata.tags.map { .string($0) })) }
        if let expires = metadata.expires { json.add("expires", expires.description) }
        if let age = metadata.maximumAge { json.add("maximum_age_seconds", Int(clamping: age)) }
        if metadata.isManagedElsewhere { json.add("managed_elsewhere", .boolean(true)) }
        if metadata.requiresReason { json.add("requires_reason", .boolean(true)) }
        if metadata.requiresGrant { json.add("requires_grant", .boolean(true)) }
    }

    /// Whether a value is written as text: if it is one, and base64 is not shorter. So a line has
    /// never more than what an import reads.
    private static func isText(_ value: Span<UInt8>) -> Bool {
        guard let length = SecretJSON.lengthAsText(value) else { return false }
        return length <= (value.count + 2) / 3 * 4 + 16
    }
}
