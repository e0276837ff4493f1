// What the program is called by: clients that find their credential program by its name say with it
// which verb they mean.

enum CalledAs {
    /// The names that `make install` links to the program.
    static let git = "git-credential-coffer"
    static let docker = "docker-credential-coffer"
    static let askpass = "coffer-askpass"

    /// The words of the command line, `all[0]` being the name that the program was started by.
    static func words(_ all: [String]) -> [String] {
        let rest = Array(all.dropFirst())
        switch all.first.map(lastPart) {
        case git: return ["helper", "git"] + rest
        case docker: return ["helper", "docker"] + rest
        // The prompt is another program's text: it is no option, whatever it begins with.
        case askpass: return ["helper", "askpass"] + rest.map { $0.hasPrefix("-") ? " \($0)" : $0 }
        default: return rest
        }
    }

    private static func lastPart(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }
}
