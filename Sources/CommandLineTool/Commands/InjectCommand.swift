// `coffer inject`: a template with values in the places of its references.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import SecretMemory
internal import VaultModel

enum InjectCommand {
    static let input = Option.one("--in", "TEMPLATE|-", "the template", .file, short: "-i")
    static let output = Option.one(
        "--out", "FILE", "a new file (0600), instead of standard output", .file, short: "-o")
    static let replace = Option.flag("--replace", "take the place of FILE if it is there")

    static let verb = Verb(
        words: "inject", summary: "put secrets into a template",
        details: [
            "Each {{ coffer://NAME#FIELD }} of the template is replaced by the value, with"
                + " @VERSION by that of a version. A value is put in as it is, or through one"
                + " filter, as in {{ coffer://NAME#FIELD | json }}: shell makes it one word in"
                + " single quotes, json a JSON string with its quotes, yaml a double-quoted YAML"
                + " scalar, url percent-encodes all but letters, digits and -._~, base64 is with"
                + " padding and without line breaks.",
            "There is no logic, and a value is not looked at for references. Two braces themselves"
                + " are written {{ \"{{\" }}.",
            "Every value is there before a byte is written, and FILE is there whole or not at all."
                + " A terminal gets the text only with --show.",
        ],
        options: [input, output, replace, GetCommand.show, VerbTable.allowDisabled]
            + JobDoor.options,
        examples: [
            Example("coffer inject -i app.toml.tpl -o app.toml", "a file that only you can read"),
            Example("coffer inject -i job.yaml | kubectl apply -f -", "nothing on disk"),
        ],
        run: run)

    /// Longest result, in bytes: 64 MiB.
    private static let longest = 64 * 1_024 * 1_024

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let sink = OutputSink.standardOutput
        let file = try target(call)
        if file == nil, sink.isTerminal, !call.has(GetCommand.show) {
            throw Complaint(
                .refused, "values are not printed on a terminal unasked",
                hint: "add --show, name a file with -o, or send it on")
        }
        let template = try Template(try read(call))
        let text = try fill(template, call)
        if let file {
            try file.write(text)
        } else if sink.isTerminal {
            try sink.write(Escaped.forTerminal(text.bytes).bytes)
        } else {
            try sink.write(text.bytes)
        }
        return .ok
    }

    /// The file of `-o`, which can be written.
    private static func target(_ call: Invocation) throws(Complaint) -> WholeFile? {
        guard let path = call.value(of: output) else {
            guard !call.has(replace) else {
                throw Complaint(.usage, "`--replace` needs the file of `--out`")
            }
            return nil
        }
        return try WholeFile(at: path, call.has(replace) ? .replace : .refuse)
    }

    private static func read(_ call: Invocation) throws(Complaint) -> SecretBytes {
        guard let path = call.value(of: input) else {
            throw Complaint(
                .usage, "a template is missing", hint: "name it with -i, or `-i -` and pipe it in")
        }
        let what = "the template"
        let tooLong = Complaint(.usage, "\(what) is longer than 16 MiB")
        if path == "-" {
            guard isatty(0) == 0 else {
                throw Complaint(
                    .usage, "standard input is a terminal",
                    hint: "name a file with -i, or pipe it in")
            }
            return try Intake.all(of: 0, longest: Template.longest, what: what, tooLong: tooLong)
        }
        let descriptor = try Intake.open(
            try call.documentPath(path, of: "`--in`"), .notRequired, what: what)
        defer { close(descriptor) }
        return try Intake.all(
            of: descriptor, longest: Template.longest, what: what, tooLong: tooLong)
    }

    /// The text with every value in its place.
    private static func fill(
        _ template: borrowing Template, _ call: Invocation
    ) throws(Complaint) -> SecretBytes {
        let secrets = try open(template.placeholders, call)
        var text = SecretBytes(capacity: 4_096)
        for piece in template.pieces {
            switch piece {
            case .text(let range): text.append(template.text(range))
            case .value(let placeholder):
                try put(placeholder, from: secrets, into: &text)
            }
            guard text.count <= longest else {
                throw Complaint(.usage, "the filled template is longer than 64 MiB")
            }
        }
        return text
    }

    /// A secret at one of its versions.
    private struct Key: Hashable {
        let name: SecretName
        let version: VersionSelector

        init(_ reference: Reference) { (name, version) = (reference.name, reference.version) }
    }

    private final class Opened {
        let secret: OpenedSecret
        init(_ secret: consuming OpenedSecret) { self.secret = secret }
    }

    /// Every secret, each once; without any reference no vault is needed.
    private static func open(
        _ placeholders: [Template.Placeholder], _ call: Invocation
    ) throws(Complaint) -> [Key: Opened] {
        guard !placeholders.isEmpty else { return [:] }
        return try VaultAccess.values(call) { door throws(Complaint) in
            try open(placeholders, call, from: door)
        }
    }

    private static func open(
        _ placeholders: [Template.Placeholder], _ call: Invocation, from door: any ValueDoor
    ) throws(Complaint) -> [Key: Opened] {
        let disabled = call.has(VerbTable.allowDisabled) ? DisabledUse.allow : .refuse
        var opened: [Key: Opened] = [:]
        for placeholder in placeholders {
            let key = Key(placeholder.reference)
            guard opened[key] == nil else { continue }
            do throws(VaultError) {
                opened[key] = Opened(
                    try door.fetch(key.name, key.version, disabled: disabled, at: Clock.now()))
            } catch {
                throw Complaint(Complaint(error), at: placeholder.place)
            }
        }
        return opened
    }

    private static func put(
        _ placeholder: Template.Placeholder, from secrets: [Key: Opened],
        into text: inout SecretBytes
    ) throws(Complaint) {
        guard let opened = secrets[Key(placeholder.reference)] else {
            preconditionFailure("command line: a reference that was not opened")
        }
        let value: SecretBytes
        do throws(Complaint) {
            value = try opened.secret.value(of: placeholder.reference.field)
        } catch { throw Complaint(error, at: placeholder.place) }
        guard let filter = placeholder.filter else { return text.append(value.bytes) }
        do throws(Unfit) { try filter.apply(value.bytes, into: &text) } catch {
            throw Complaint(
                Complaint(
                    .usage, "\(filter.rawValue) cannot hold the value, which holds \(error.words)",
                    hint: "base64 holds every value"), at: placeholder.place)
        }
    }
}

extension Complaint {
    /// The same about one place of a template. What is not found may be no name: it is not
    /// repeated.
    fileprivate init(_ complaint: Complaint, at place: Template.Place) {
        let isNameUnknown = complaint.words.hasPrefix("there is no secret ")
        let words = isNameUnknown ? "there is no such secret" : complaint.words
        self.init(
            complaint.code, "the template, \(place.words): \(words)", hints: complaint.hints)
    }
}
