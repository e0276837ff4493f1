// Checks of lists that say twice what is there: embedded files, links, decisions.

import Foundation

enum Lists {
    /// The texts in quotes behind `mark`, up to the next `]`.
    static func quoted(_ text: String, behind mark: String) -> [String] {
        guard let start = text.range(of: mark),
            let end = text[start.upperBound...].firstIndex(of: "]")
        else { return [] }
        let parts = text[start.upperBound..<end].components(separatedBy: "\"")
        return parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }

    /// What is in one list and not in the other.
    static func differences(_ left: [String], _ right: [String]) -> [String] {
        Set(left).symmetricDifference(right).sorted()
            + (left.count == Set(left).count ? [] : ["a line is there twice"])
    }

    /// Targets of the links of a Markdown page: `[text](target)`, those in code left out.
    static func links(_ file: TextFile) -> [(line: Int, target: String)] {
        var isCode = false
        return file.lines.enumerated().flatMap { index, line -> [(Int, String)] in
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode else { return [] }
            let plain = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 0 }.map(\.element).joined(separator: "x")
            return plain.components(separatedBy: "](").dropFirst().compactMap { rest in
                rest.firstIndex(of: ")").map { (index + 1, String(rest[..<$0])) }
            }
        }
    }

    /// Links to files that are not there. A link to a heading is held against the headings.
    static func deadLinks(
        _ file: TextFile, exists: (String) -> Bool, headings: (String) -> [String]
    ) -> [Finding] {
        links(file).compactMap { line, target in
            guard !target.contains("://"), !target.hasPrefix("mailto:") else { return nil }
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let path = parts[0].isEmpty ? file.path : resolved(String(parts[0]), from: file.path)
            guard exists(path) else { return Finding(file, line, "a dead link: \(target)") }
            guard parts.count == 2, path.hasSuffix(".md") else { return nil }
            return headings(path).contains(String(parts[1]))
                ? nil : Finding(file, line, "no such heading: \(target)")
        }
    }

    /// The path from the root of `target`, seen from the file `path`.
    static func resolved(_ target: String, from path: String) -> String {
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    /// The anchors of a page's headings, as GitHub makes them.
    static func headings(_ file: TextFile) -> [String] {
        var isCode = false
        return file.lines.compactMap { line in
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode, line.hasPrefix("#") else { return nil }
            let title = line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
            return String(
                title.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                    .map { $0 == " " ? "-" : $0 })
        }
    }

    /// Pages that comments in the source name: `docs/….md`.
    static func pages(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            line.components(separatedBy: "docs/").dropFirst().compactMap { rest in
                let path =
                    "docs/" + rest.prefix { $0.isLetter || $0.isNumber || "/-._".contains($0) }
                guard path.hasSuffix(".md"), !Tree.exists(path) else { return nil }
                return Finding(file, index + 1, "no such page: \(path)")
            }
        }
    }
}
