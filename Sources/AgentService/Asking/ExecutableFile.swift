// The file that a process runs, and what has become of it since it was started.

internal import VaultModel

/// Reads the link /proc/PID/exe. The kernel adds " (deleted)" to the path of a file that was
/// removed; a path may also truly end so, which a look at the file tells.
struct ExecutableFile: Hashable, Sendable {
    /// What lies at a path, held against the file that runs.
    enum AtPath: Hashable, Sendable {
        case same, other, nothing
        /// We may not look.
        case hidden
    }

    let path: String
    let state: ActingProcess.Executable

    static let unknown = ExecutableFile(path: "", state: .unknown)

    private init(path: String, state: ActingProcess.Executable) {
        self.path = path
        self.state = state
    }

    /// Judges a link. `look` is asked about one path, or two.
    init(link: ArraySlice<UInt8>, look: (ArraySlice<UInt8>) -> AtPath) {
        let found = look(link)
        guard found != .same, link.suffix(Self.mark.count).elementsEqual(Self.mark) else {
            self.init(path: KernelText.text(link), state: Self.state(found))
            return
        }
        let path = link.dropLast(Self.mark.count)
        let state: ActingProcess.Executable =
            switch look(path) {
            case .same: .present
            case .other: .replaced
            case .nothing, .hidden: .deleted
            }
        self.init(path: KernelText.text(path), state: state)
    }

    private static let mark = Array(" (deleted)".utf8)

    /// Of a file that the kernel did not call deleted. Where nothing is at its path, it lies in a
    /// part of the file system that only the process sees.
    private static func state(_ found: AtPath) -> ActingProcess.Executable {
        switch found {
        case .same: .present
        case .other: .replaced
        case .nothing, .hidden: .unknown
        }
    }
}
