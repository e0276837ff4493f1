// `coffer issuer list|show|check`: the profiles of issuers.

internal import Issuers
internal import VaultModel

enum IssuerCommands {
    static let list = Verb(
        words: "issuer list", summary: "list the issuers that are known",
        options: [VerbTable.json],
        examples: [Example("coffer issuer list", "built-in profiles and your own")],
        run: listProfiles)

    static let show = Verb(
        words: "issuer show", summary: "show the profile of an issuer",
        operands: [.required("ISSUER", .issuer)],
        examples: [Example("coffer issuer show zpa", "fields, bounds and variables")],
        run: showProfile)

    static let check = Verb(
        words: "issuer check", summary: "check the file of a profile",
        details: [
            "Own profiles are JSON files in the issuers folder of the configuration; the schema is"
                + " in docs/spec/issuer-profile.md. Without FILE all of them are checked."
        ],
        operands: [.optional("FILE", .file)],
        examples: [Example("coffer issuer check acme.json", "what is wrong, with the line")],
        run: checkProfiles)

    private static func listProfiles(_ call: Invocation) throws(Complaint) -> ExitCode {
        let profiles = ProfileCatalog.standard.all(userFiles: Places.userProfiles)
        if call.has(VerbTable.json) {
            let values = profiles.map { profile in
                JSONText.object([
                    ("id", .string(profile.id.text)), ("title", .string(profile.title)),
                    ("source", .string(profile.source.words)),
                ])
            }
            try Console.out(JSONText.array(values).text + "\n")
        } else {
            try Console.out(Columns.text(profiles.map { ($0.id.text, Escaped.text($0.title)) }))
        }
        return .ok
    }

    private static func showProfile(_ call: Invocation) throws(Complaint) -> ExitCode {
        let profile = try ProfileCatalog.standard.named(call.operand(0))
        var text = "\(profile.id): \(Escaped.text(profile.title))\n"
        if let console = profile.console {
            text += Columns.text([("console", Escaped.text(console))])
        }
        text += Columns.text(
            profile.fields.map { field in
                var words = [field.role == .secret ? "secret" : "public"]
                if field.requirement == .optional { words.append("optional") }
                if !field.environment.isEmpty {
                    words.append(field.environment.joined(separator: " "))
                }
                let bounds = field.boundsText.isEmpty ? "" : " (\(field.boundsText))"
                return (
                    field.name.text,
                    Escaped.text("\(field.title)\(bounds); \(words.joined(separator: ", "))")
                )
            })
        if !profile.purposes.isEmpty {
            let calls = profile.purposes.map(\.rawValue).joined(separator: ", ")
            text += Columns.text([("calls", calls)])
        }
        if !profile.successors.isEmpty {
            let issuers = profile.successors.map(\.issuer.text).joined(separator: ", ")
            text += Columns.text([("in its place", "\(issuers); see `coffer migrate`")])
        }
        try Console.out(text)
        return .ok
    }

    private static func checkProfiles(_ call: Invocation) throws(Complaint) -> ExitCode {
        let files = call.optionalOperand(0).map { [$0] } ?? Places.userProfiles
        var isAnyBad = false
        for file in files {
            let found = ProfileCatalog.check(file: file)
            for diagnostic in found { Console.warn(diagnostic.words(in: file)) }
            if found.isEmpty { try Console.out("\(Escaped.path(file)): fine\n") }
            isAnyBad = isAnyBad || !found.isEmpty
        }
        if files.isEmpty { try Console.out("there are no profiles of your own\n") }
        guard !isAnyBad else { throw Complaint(.failed, "a profile is not usable") }
        return .ok
    }
}
