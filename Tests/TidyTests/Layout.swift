// Checks of what a file looks like: columns, lines, blanks, the first comment, its name.

enum Layout {
    static let mostColumns = 100
    static let mostLines = 400
    static let mostLinesOfFunction = 70

    static func columns(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().filter { $0.element.count > mostColumns }.map {
            Finding(file, $0.offset + 1, "\($0.element.count) columns")
        }
    }

    static func lines(_ file: TextFile) -> [Finding] {
        let count = file.lines.count
        return count > mostLines ? [Finding(file, "\(count) lines")] : []
    }

    static func blanks(_ file: TextFile) -> [Finding] {
        var found = file.lines.enumerated().flatMap { index, line in
            (line.contains("\t") ? [Finding(file, index + 1, "a tab")] : [])
                + (line.last == " " || line.last == "\r"
                    ? [Finding(file, index + 1, "a blank at the end")] : [])
        }
        if !file.text.isEmpty, !file.text.hasSuffix("\n") {
            found.append(Finding(file, file.lines.count, "no newline at the end"))
        }
        if file.text.hasSuffix("\n\n") {
            found.append(Finding(file, file.lines.count, "an empty line at the end"))
        }
        return found
    }

    /// The first comment says what the file is for: a sentence in the first line or lines.
    static func duty(_ file: TextFile) -> [Finding] {
        let comment = file.lines.prefix { $0.hasPrefix("//") }.prefix { $0 != "//" }
            .map { $0.drop { $0 == "/" || $0 == " " } }.joined(separator: " ")
        let isSentence = comment.hasSuffix(".") || comment.hasSuffix(":")
        if isSentence, comment.split(separator: " ").count >= 3 { return [] }
        // A file of imports alone keeps a target's place until something is in it.
        if file.lines.allSatisfy({ $0.hasPrefix("import ") }) { return [] }
        return [Finding(file, 1, "the first comment does not say the file's duty")]
    }

    static func name(_ path: String) -> [Finding] {
        let drawers = ["Util", "Helper", "Extension", "Constant", "Manager", "Common", "Misc", "+"]
        let name = path.split(separator: "/").last ?? ""
        return drawers.filter { name.contains($0) }
            .map { Finding(path: path, "a file is named by a noun of the domain, not \($0)") }
    }

    /// Functions longer than the bound. Relies on the formatter: a body ends at the first closing
    /// brace that is indented like its declaration.
    static func functions(_ file: TextFile) -> [Finding] {
        let lines = file.lines
        return lines.indices.compactMap { start -> Finding? in
            guard let name = declaration(lines[start]), let body = opening(lines, from: start)
            else {
                return nil
            }
            let close = String(lines[start].prefix { $0 == " " }) + "}"
            let end = lines[body...].dropFirst().firstIndex {
                $0.hasPrefix(close) && !$0.dropFirst(close.count).hasPrefix(" else")
            }
            let count = (end ?? lines.count - 1) - start + 1
            guard count > mostLinesOfFunction else { return nil }
            return Finding(file, start + 1, "\(name) has \(count) lines")
        }
    }

    /// The name in a line that declares a function, or nil.
    private static func declaration(_ line: Substring) -> Substring? {
        let words = line.split(separator: " ").drop { isModifier($0) }
        guard let word = words.first else { return nil }
        if word == "func" { return words.dropFirst().first?.prefix { $0 != "(" && $0 != "<" } }
        let isInitializer = ["init(", "init?(", "init<", "deinit", "subscript("]
            .contains { word.hasPrefix($0) }
        return isInitializer ? word.prefix { $0 != "(" && $0 != "<" } : nil
    }

    private static func isModifier(_ word: Substring) -> Bool {
        word.hasPrefix("@")
            || [
                "public", "internal", "fileprivate", "private", "package", "static", "final",
                "mutating", "borrowing", "consuming", "nonisolated", "override", "convenience",
                "required", "isolated", "class",
            ].contains(String(word.prefix { $0 != "(" }))
    }

    /// The line in which the body opens, or nil if there is none or it is in one line.
    private static func opening(_ lines: [Substring], from start: Int) -> Int? {
        for index in start..<min(start + 16, lines.count) {
            let line = lines[index]
            if index > start, line.isEmpty || declaration(line) != nil { return nil }
            if line.hasSuffix("{") { return index }
            if line.hasSuffix("}"), line.contains("{") { return nil }
        }
        return nil
    }
}
