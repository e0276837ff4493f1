// Content lines of a calendar (RFC 5545): folded, escaped, ended by CR LF.

internal import VaultModel

enum CalendarText {
    /// Longest line in octets, without its end (section 3.1).
    private static let longestLine = 75

    /// `name:value`, folded; `value` is escaped already where its type asks for that.
    static func line(_ name: String, _ value: String) -> String {
        var text = ""
        var octets = 0
        for scalar in "\(name):\(value)".unicodeScalars {
            let size = UTF8.width(scalar)
            // A line is cut between characters: half a character is no UTF-8.
            if octets + size > longestLine {
                text += "\r\n "
                octets = 1
            }
            text.unicodeScalars.append(scalar)
            octets += size
        }
        return text + "\r\n"
    }

    /// A value of the type TEXT (section 3.3.11). Other control characters than line feeds must
    /// have been escaped before: no TEXT can hold them.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", ";", ",":
                escaped += "\\"
                escaped.unicodeScalars.append(scalar)
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// `20270331`.
    static func date(_ time: Timestamp) -> String { time.date.filter { $0 != "-" } }

    /// `20270331T235959Z`.
    static func time(_ time: Timestamp) -> String {
        time.description.filter { $0 != "-" && $0 != ":" }
    }
}
