// `coffer list`: which secrets are here.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum ListCommand {
    static let removed = Option.flag("--removed", "list what `coffer rm` hid")

    static let verb = Verb(
        words: "list", summary: "list the secrets",
        details: [
            "A tree on a terminal, one name a line elsewhere. PREFIX is the beginning of a name."
        ],
        operands: [.optional("PREFIX")],
        options: [VerbTable.json, removed],
        examples: [
            Example("coffer list zpa/", "what is under zpa/"),
            Example("coffer list --json | jq -r '.[].name'", "names for a script"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let door = try VaultAccess.door(call, for: .reading)
        let prefix = call.optionalOperand(0) ?? ""
        let inventory = try Complaint.from { () throws(VaultError) in
            try door.list(
                prefix: prefix, removed: call.has(removed) ? .only : .hide, at: Clock.now())
        }
        let found = inventory.secrets
        guard inventory.damaged == 0 else { return try complain(inventory, call) }
        if call.has(VerbTable.json) {
            try Console.out(MetadataJSON.array(found))
        } else if Console.isTerminal {
            try Console.out(NameTree.text(found))
        } else {
            var names = ""
            // By their places: a description that is taken out of its array is copied.
            for place in found.indices { names += found[place].name.text + "\n" }
            try Console.out(names)
        }
        guard !found.isEmpty || prefix.isEmpty else {
            throw Complaint(.notFound, "no name begins so")
        }
        return .ok
    }

    /// Shows a person what is intact. A pipe gets nothing: whoever reads it sees no exit code, and
    /// would take the rest for all.
    private static func complain(
        _ inventory: Inventory, _ call: Invocation
    ) throws(Complaint) -> ExitCode {
        if Console.isTerminal, !call.has(VerbTable.json) {
            try Console.out(NameTree.text(inventory.secrets))
            try Console.flush()
        }
        throw Complaint.descriptions(inventory.damaged)
    }
}

/// Names as a tree, as `pass` shows them.
enum NameTree {
    /// A line a segment; what stands behind a name is its issuer and what is unusual about it.
    static func text(_ secrets: [Metadata]) -> String {
        // In the order of segments, which is not that of names: `a-b` stands before `a/b`.
        let entries = secrets.map { ($0.name.text.split(separator: "/")[...], $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        return lines(of: entries, indent: "")
    }

    private typealias Entry = (rest: ArraySlice<Substring>, secret: Metadata)

    private static func lines(of entries: [Entry], indent: String) -> String {
        var text = ""
        var rest = entries[...]
        while let head = rest.first?.rest.first {
            let end = rest.firstIndex { $0.rest.first != head } ?? rest.endIndex
            let group = rest[..<end]
            rest = rest[end...]
            let (branch, below) = rest.isEmpty ? ("└── ", "    ") : ("├── ", "│   ")
            let leaf = group.first { $0.rest.count == 1 }?.secret
            text += indent + branch + head + (leaf.map(remark) ?? "") + "\n"
            let children = group.filter { $0.rest.count > 1 }
                .map { ($0.rest.dropFirst(), $0.secret) }
            if !children.isEmpty { text += lines(of: children, indent: indent + below) }
        }
        return text
    }

    private static func remark(_ secret: Metadata) -> String {
        var words = secret.issuer == .generic ? [] : [secret.issuer.text]
        if secret.status == .disabled { words.append("disabled") }
        if secret.isManagedElsewhere { words.append("managed elsewhere") }
        return words.isEmpty ? "" : "  (\(words.joined(separator: ", ")))"
    }
}
