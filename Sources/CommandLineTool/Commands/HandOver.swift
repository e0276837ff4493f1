// `coffer import --replace-with-helper`: what is written into a client's own file, so that it asks
// coffer, and what a person is told about it.

internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// The client's side of an import.
struct HandOver {
    private let file: ClientFile
    private let call: Invocation
    /// This program, as others find it.
    private let program: String

    /// Fails where the format's clients ask no program, or could not find this one.
    init(_ format: ImportFormat, _ call: Invocation) throws(Complaint) {
        guard let file = ClientFile(format) else {
            throw Complaint(
                .usage, "what reads a \(format.rawValue) source asks no other program for secrets",
                hint: "import it without --replace-with-helper, and start its client with"
                    + " `coffer run`")
        }
        self.file = file
        self.call = call
        program = try Self.program()
        guard file == .docker else { return }
        do throws(Programs.Missing) { _ = try Programs.find(CalledAs.docker) } catch {
            throw Complaint(
                .refused, "docker would not find \(CalledAs.docker) in $PATH",
                hint: "ln -s \(program) DIRECTORY/\(CalledAs.docker), with a directory of $PATH")
        }
    }

    /// The source as it will be. `names` are those under which its secrets will be stored.
    func rewritten(
        _ text: Span<UInt8>, _ plan: ImportPlan, from path: String
    ) throws(Complaint) -> SecretBytes {
        let options = try self.options()
        do throws(ImportDefect) {
            return try file.rewrite(text, without: plan.items.map(\.found)) { found in
                let item = plan.items.first { $0.found === found }
                return "\(program)\(options) helper aws \(item?.name.text ?? "")"
            }
        } catch {
            throw Complaint(error, in: path)
        }
    }

    /// What the command line said of the vault and its key, for the command that a client runs.
    private func options() throws(Complaint) -> String {
        var options = ""
        var vault = call.value(of: VerbTable.vault)
        if vault == nil { vault = Places.variable("COFFER_VAULT") }
        let files = [
            (VerbTable.vault, vault), (VerbTable.keyFile, call.value(of: VerbTable.keyFile)),
            (VerbTable.passphraseFile, call.value(of: VerbTable.passphraseFile)),
        ]
        for case (let option, let path?) in files {
            options += " \(option.name) \(try Self.plain(try Places.absolutePath(path)))"
        }
        return options
    }

    private static func program() throws(Complaint) -> String {
        guard let found = unsafe realpath("/proc/self/exe", nil) else {
            throw Complaint(.refused, "the file of this program is gone: clients would not find it")
        }
        defer { unsafe free(found) }
        return try plain(unsafe String(cString: found))
    }

    /// A path that means itself to every client: some split the line at blanks, some run a shell.
    private static func plain(_ path: String) throws(Complaint) -> String {
        let isPlain = path.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
                || "/._-+@:,".utf8.contains($0)
        }
        guard isPlain else {
            throw Complaint(
                .refused, "clients would not read the path \(Escaped.path(path)) as it is",
                hint: "use one of letters, digits and /._-+@:,")
        }
        return path
    }

    /// What is left to do, and what replacing does not reach.
    func remark(on path: String) {
        Console.note("\(Escaped.path(path)) was replaced: its secrets are in the vault alone")
        Console.note(
            "that does not reach copies, backups, snapshots, git history, swap, or blocks of the"
                + " old file that the disk still holds: rotate what matters")
        switch file {
        case .aws: Console.note("AWS's clients run `coffer helper aws` for each profile now")
        case .docker:
            Console.note("docker runs \(CalledAs.docker) for these registries now")
            guard call.has(VerbTable.vault) || call.has(VerbTable.keyFile) else { return }
            Console.warn(
                "docker gives no options to it: set COFFER_VAULT and COFFER_KEY_FILE where this"
                    + " command line named others than the standard ones")
        case .netrc:
            Console.note(
                "to have git ask coffer: git config --global credential.helper"
                    + " '\(program)\((try? options()) ?? "") helper git'")
            Console.note("curl and others that read the file do not find these hosts any more")
        }
    }
}
