// HTML that the reports print: what comes from outside can be text or the value of an attribute in
// it, and nothing else.

/// A piece of a page. Names of elements and attributes stand in the source; every other text is
/// escaped on its way in, for HTML and for the eye: what is invisible or turns the direction of
/// text is written out.
struct HTMLText: Sendable {
    private(set) var markup: String

    static let empty = HTMLText(markup: "")

    private init(markup: String) { self.markup = markup }

    /// Words of this program.
    static func text(_ text: String) -> HTMLText { HTMLText(markup: escaped(text)) }

    /// Text that somebody else wrote. Letters that run from right to left are harmless, but would
    /// change places with what stands beside them.
    static func outside(_ text: String) -> HTMLText {
        HTMLText(markup: "<bdi>\(escaped(text))</bdi>")
    }

    /// Text with places at which a long line may break: behind a slash, as names and paths have.
    static func path(_ text: String) -> HTMLText {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return HTMLText(
            markup: "<bdi>" + parts.map { escaped(String($0)) }.joined(separator: "/<wbr>")
                + "</bdi>")
    }

    static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>,
        _ content: [HTMLText]
    ) -> HTMLText {
        var markup = tag(name, attributes)
        for piece in content { markup += piece.markup }
        return HTMLText(markup: markup + "</\(name)>")
    }

    static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>,
        _ content: HTMLText...
    ) -> HTMLText { element(name, attributes, content) }

    static func element(_ name: StaticString, _ content: [HTMLText]) -> HTMLText {
        element(name, [:], content)
    }

    static func element(_ name: StaticString, _ content: HTMLText...) -> HTMLText {
        element(name, [:], content)
    }

    /// An element that has neither content nor an end.
    static func void(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) -> HTMLText { HTMLText(markup: tag(name, attributes)) }

    /// An empty value says as much as no attribute, and is left out.
    private static func tag(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) -> String {
        var tag = "<\(name)"
        for (attribute, value) in attributes where !value.isEmpty {
            tag += " \(attribute)=\"\(escaped(value))\""
        }
        return tag + ">"
    }

    /// Rules that stand as they are, for a browser reads no escapes in them: nothing from outside
    /// may be in them.
    static func style(_ rules: String) -> HTMLText {
        precondition(!rules.utf8.contains(UInt8(ascii: "<")), "html: rules that could end")
        return HTMLText(markup: "<style>\(rules)</style>")
    }

    /// A page of its own. Without the first line browsers read it as they did before 2000.
    static func document(_ attributes: KeyValuePairs<StaticString, String>, _ content: HTMLText...)
        -> String
    { "<!DOCTYPE html>\n" + element("html", attributes, content).markup + "\n" }

    static func + (left: HTMLText, right: HTMLText) -> HTMLText {
        HTMLText(markup: left.markup + right.markup)
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in Escaped.text(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
