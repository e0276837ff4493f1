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
        let isAny = try VaultAccess.reading(call) { door throws(Complaint) in
            call.has(VerbTable.json) ? try describe(call, door) : try name(call, door)
        }
        guard isAny || prefix(call).isEmpty else {
            throw Complaint(.notFound, "no name begins so")
        }
        return .ok
    }

    private static func prefix(_ call: Invocation) -> String { call.optionalOperand(0) ?? "" }
    private static func which(_ call: Invocation) -> RemovedListing {
        call.has(removed) ? .only : .hide
    }

    /// Prints whole descriptions; returns whether there are any.
    private static func describe(
        _ call: Invocation, _ door: any Door
    ) throws(Complaint) -> Bool {
        let found = try Complaint.from { () throws(VaultError) in
            try door.list(prefix: prefix(call), removed: which(call), at: Clock.now())
        }
        guard found.damaged == 0 else { throw Complaint.descriptions(found.damaged) }
        try Console.out(MetadataJSON.array(found.secrets))
        return !found.secrets.isEmpty
    }

    /// Prints names. A person is shown what is intact; a pipe gets nothing if not all is: whoever
    /// reads it sees no exit code, and would take the rest for all.
    private static func name(_ call: Invocation, _ door: any Door) throws(Complaint) -> Bool {
        let found = try Complaint.from { () throws(VaultError) in
            try door.names(prefix: prefix(call), removed: which(call), at: Clock.now())
        }
        if Console.isTerminal {
            try Console.out(NameTree.text(found.names))
            try Console.flush()
        }
        guard found.damaged == 0 else { throw Complaint.descriptions(found.damaged) }
        if !Console.isTerminal {
            var names = ""
            for listed in found.names { names += listed.name.text + "\n" }
            try Console.out(names)
        }
        return !found.names.isEmpty
    }
}

/// Names as a tree, as `pass` shows them.
enum NameTree {
    /// A line a segment; what stands behind a name is its issuer and what is unusual about it.
    static func text(_ secrets: [ListedName]) -> String {
        // In the order of segments, which is not that of names: `a-b` stands before `a/b`.
        let entries = secrets.map { ($0.name.text.split(separator: "/")[...], $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        return lines(of: entries, indent: "")
    }

    private typealias Entry = (rest: ArraySlice<Substring>, secret: ListedName)

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

    private static func remark(_ secret: ListedName) -> String {
        var words = secret.issuer == .generic ? [] : [secret.issuer.text]
        if secret.isDisabled { words.append("disabled") }
        if secret.isManagedElsewhere { words.append("managed elsewhere") }
        return words.isEmpty ? "" : "  (\(words.joined(separator: ", ")))"
    }
}
