// CSV (RFC 4180) that the commands print, safe to open in a spreadsheet.

/// A header and records, each ended by CR LF.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and a formula
/// can send what stands beside it elsewhere. Labels, roles and paths are other people's words, so
/// such a cell gets an apostrophe in front, which spreadsheets take for "this is text". The price:
/// a script sees the apostrophe. Scripts have JSON, where nothing is changed.
enum CSVText {
    static func text(_ header: [String], _ records: [[String]]) -> String {
        ([header] + records).map { record in
            record.map(cell).joined(separator: ",") + "\r\n"
        }.joined()
    }

    /// One cell, in quotes where it has to be. Control characters are escaped as on a terminal, so
    /// no cell has several lines or begins with a tab.
    static func cell(_ text: String) -> String {
        let escaped = Escaped.text(text)
        let safe = isFormula(escaped) ? "'" + escaped : escaped
        // Spreadsheets that part cells at semicolons must not see one outside quotes either.
        guard
            safe.utf8.contains(where: { ",;\"".utf8.contains($0) }) || safe.hasPrefix(" ")
                || safe.hasSuffix(" ")
        else { return safe }
        var quoted = "\""
        for character in safe.unicodeScalars {
            quoted.unicodeScalars.append(character)
            if character == "\"" { quoted += "\"" }
        }
        return quoted + "\""
    }

    /// Whether a spreadsheet would calculate: the wide forms count where East Asian input is usual.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first(where: { $0 != " " && $0 != "\u{a0}" }) else {
            return false
        }
        return ["=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"].contains(first)
    }
}
