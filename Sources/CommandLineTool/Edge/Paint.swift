// Colours of words: on a terminal that has them, nowhere else.

internal import Glibc

/// Paints text, or leaves it as it is. What is painted was escaped before.
struct Paint: Hashable, Sendable {
    enum Colour: String, Sendable {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case yellow = "33"
        case cyan = "36"
    }

    let isOn: Bool

    static let none = Paint(isOn: false)

    /// For standard output, or for a pager in its place. A person may have none by `$NO_COLOR`
    /// (no-color.org).
    static var forStandardOutput: Paint {
        Paint(
            isOn: Console.isTerminal && Places.variable("NO_COLOR") == nil
                && Places.variable("TERM") != "dumb")
    }

    func callAsFunction(_ text: String, _ colour: Colour) -> String {
        isOn && !text.isEmpty ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }
}
