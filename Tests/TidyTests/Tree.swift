// The files of this project, as the checks read them.

import Foundation

/// One file: its path from the root, and its text.
struct TextFile: Sendable {
    let path: String
    let text: String

    /// Lines without their ends. A text that ends in a newline has no empty line behind it.
    var lines: [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.last == "" ? lines.dropLast() : lines
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// What a check found, and where; lines count from 1, and 0 is the file as a whole.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let words: String

    init(_ file: TextFile, _ line: Int, _ words: String) {
        self.init(path: file.path, line: line, words)
    }

    init(_ file: TextFile, _ words: String) { self.init(path: file.path, words) }

    init(path: String, line: Int = 0, _ words: String) {
        self.path = path
        self.line = line
        self.words = words
    }

    var description: String { "\(path):\(line): \(words)" }
}

enum Tree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// What git ignores or keeps for itself.
    private static func isOurs(_ name: String) -> Bool {
        let ignored: Set = [".git", ".build", ".venv", "__pycache__", "Package.resolved"]
        return !ignored.contains(name) && !name.hasPrefix(".build-") && !name.hasSuffix(".profraw")
    }

    /// Paths of all files, from the root, sorted.
    static let paths: [String] = {
        var found: [String] = []
        var pending = [""]
        while let folder = pending.popLast() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)"))
            for name in names ?? [] where isOurs(name) {
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(
                    atPath: "\(root)/\(path)", isDirectory: &isFolder)
                if isFolder.boolValue { pending.append(path) } else { found.append(path) }
            }
        }
        return found.sorted()
    }()

    /// Files that are text.
    static let files: [TextFile] = paths.compactMap { path in
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)"),
            let text = String(data: data, encoding: .utf8)
        else { return nil }
        return TextFile(path: path, text: text)
    }

    static func file(_ path: String) -> TextFile? { files.first { $0.path == path } }

    static var swift: [TextFile] {
        files.filter { file in
            file.path.hasSuffix(".swift") && !file.path.hasPrefix("Benchmarks/")
        }
    }
    static var sources: [TextFile] { swift.filter { $0.path.hasPrefix("Sources/") } }
    static var markdown: [TextFile] { files.filter { $0.path.hasSuffix(".md") } }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(root)/\(path)")
    }
}
