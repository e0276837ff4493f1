// Checks of the arrows: which room looks into which, in the manifest and in the files.

import Foundation

enum Arrows {
    /// What a room may import. The manifest says the same, and the compiler keeps it; this table is
    /// here so that a new arrow is a decision and not a line in passing.
    static let rooms: [String: Set<String>] = [
        "VaultModel": [],
        "Rotation": ["VaultModel"],
        "SecretMemory": ["CLinux", "VaultModel"],
        "Migrations": [],
        "Sealing": ["CArgon2", "CLinux", "COpenSSL", "CUnicode", "SecretMemory", "VaultModel"],
        "Storage": ["CSQLite", "CLinux", "Migrations", "VaultModel"],
        "Issuers": ["SecretMemory", "VaultModel"],
        "VaultCore": ["Sealing", "Storage", "SecretMemory", "VaultModel"],
        "AgentProtocol": ["CLinux", "SecretMemory", "VaultModel"],
        "AgentService": [
            "AgentProtocol", "CLinux", "Sealing", "SecretMemory", "VaultCore", "VaultModel",
        ],
        "CommandLineTool": [
            "AgentProtocol", "AgentService", "CLinux", "Issuers", "Rotation", "SecretMemory",
            "VaultModel",
        ],
        "coffer": ["CommandLineTool"],
    ]

    /// Modules of the toolchain that every room may import.
    static let toolchain: Set = ["Glibc", "Synchronization"]

    /// Rooms of words and of issuers' data: no system call is needed to say them.
    static let withoutSystem: Set = ["VaultModel", "Rotation", "Migrations", "coffer"]

    /// The room that a file belongs to, or nil.
    static func room(of path: String) -> String? {
        let parts = path.split(separator: "/")
        if parts.first == "migrations" { return "Migrations" }
        return parts.first == "Sources" && parts.count > 2 ? String(parts[1]) : nil
    }

    /// The modules that a file imports, with their lines.
    static func imports(_ file: TextFile) -> [(line: Int, module: String)] {
        file.lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place < 2,
                place == 0 || words[0].hasPrefix("@")
                    || ["public", "internal", "package", "private", "fileprivate"]
                        .contains(words[0]),
                words.count > place + 1
            else { return nil }
            return (index + 1, String(words[place + 1].prefix { $0 != "." }))
        }
    }

    static func imports(of file: TextFile) -> [Finding] {
        guard let room = room(of: file.path) else { return [] }
        guard let allowed = rooms[room] else {
            return [Finding(file, "the room \(room) is not in the table")]
        }
        let system = withoutSystem.contains(room) ? [] : toolchain
        return imports(file).filter { !allowed.contains($0.module) && !system.contains($0.module) }
            .map { Finding(file, $0.line, "\(room) must not import \($0.module)") }
    }

    /// The arrows of the manifest: `room("Name", mayUse: ["Other"])`.
    static func manifest(_ text: String) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        for call in text.components(separatedBy: "room(").dropFirst() {
            let parts = call.components(separatedBy: "\"")
            guard parts.count > 2, parts[0].allSatisfy(\.isWhitespace) else { continue }
            found[parts[1]] = quoted(in: call, behind: "mayUse:")
        }
        return found
    }

    /// The texts in quotes of the list behind `mark`, as long as the call does not end before.
    static func quoted(in call: String, behind mark: String) -> Set<String> {
        guard let start = call.range(of: mark) else { return [] }
        let end = call.range(of: "room(")?.lowerBound ?? call.endIndex
        guard start.lowerBound < end, let close = call[start.upperBound...].firstIndex(of: "]")
        else {
            return []
        }
        let list = call[start.upperBound..<close].components(separatedBy: "\"")
        return Set(list.enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
    }
}
