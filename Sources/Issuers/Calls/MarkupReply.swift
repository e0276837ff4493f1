// XML of an issuer as JSON, in locked memory: one way of saying where something stands is enough.

internal import SecretMemory
internal import VaultModel

enum MarkupReply {
    /// An element is an object of its children, or the text in it; one whose children are all
    /// called `member` is a list, as AWS writes them. Of several children of one name the first
    /// counts. Nil if it is no XML that is read here.
    static func json(of text: Span<UInt8>) -> SecretBytes? {
        var json = SecretBytes(capacity: text.count)
        do throws(ImportDefect) {
            var reader = try XMLReader(text)
            json.append(UInt8(ascii: "{"))
            try element(&reader, to: &json)
            json.append(UInt8(ascii: "}"))
            try reader.end()
            return json
        } catch {
            return nil
        }
    }

    /// The innermost open element: its name and what is in it.
    private static func element(
        _ reader: inout XMLReader, to json: inout SecretBytes
    ) throws(ImportDefect) {
        quote(reader.elementName, to: &json)
        json.append(UInt8(ascii: ":"))
        try content(&reader, to: &json)
    }

    private static func content(
        _ reader: inout XMLReader, to json: inout SecretBytes
    ) throws(ImportDefect) {
        guard reader.hasChildren else {
            let value = try reader.leaf()
            quote(value.bytes, to: &json)
            return
        }
        var (names, count): (Set<String>, Int) = ([], 0)
        var isList = false
        while try reader.child() {
            let name = String(validUTF8: reader.elementName) ?? ""
            if count == 0 {
                isList = name == "member"
                json.append(isList ? UInt8(ascii: "[") : UInt8(ascii: "{"))
            }
            if isList {
                guard name == "member" else { throw reader.defect("a list of several kinds") }
                if count > 0 { json.append(UInt8(ascii: ",")) }
                count += 1
                try content(&reader, to: &json)
            } else if names.contains(name) {
                _ = try reader.skip()
            } else {
                if count > 0 { json.append(UInt8(ascii: ",")) }
                count += 1
                names.insert(name)
                try element(&reader, to: &json)
            }
        }
        if count == 0 { json.append(UInt8(ascii: "{")) }
        json.append(isList ? UInt8(ascii: "]") : UInt8(ascii: "}"))
    }

    private static func quote(_ text: Span<UInt8>, to json: inout SecretBytes) {
        json.append(UInt8(ascii: "\""))
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                json.append(UInt8(ascii: "\\"))
                json.append(text[index])
            case 0..<0x20:
                for byte in "\\u00".utf8 { json.append(byte) }
                json.append(AddressText.hexadecimal(text[index] >> 4))
                json.append(AddressText.hexadecimal(text[index] & 15))
            default: json.append(text[index])
            }
        }
        json.append(UInt8(ascii: "\""))
    }
}
