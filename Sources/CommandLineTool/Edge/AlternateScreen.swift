// A screen beside the terminal's own, for what must not stay: it has no scrollback.

internal import Glibc
internal import Synchronization

/// Whatever ends the process, the terminal's own screen comes back first. ^Z does nothing
/// meanwhile: a shell would show what is on this screen, or lose it.
enum AlternateScreen {
    /// What a signal handler needs: it may take no lock and allocate nothing.
    private static let terminal = Atomic<Int32>(-1)
    private static let deadly = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    private static let coming: StaticString = "\u{1b}[?1049h\u{1b}[H\u{1b}[2J"
    /// A terminal without such a screen is wiped at least.
    private static let going: StaticString = "\u{1b}[H\u{1b}[2J\u{1b}[?1049l"

    static func enter(_ descriptor: Int32) {
        guard Places.variable("TERM") != "dumb" else { return }
        terminal.store(descriptor, ordering: .sequentiallyConsistent)
        for number in deadly {
            _ = signal(number) { number in
                AlternateScreen.put(AlternateScreen.going)
                _ = signal(number, SIG_DFL)
                raise(number)
            }
        }
        _ = signal(SIGTSTP, SIG_IGN)
        put(coming)
    }

    static func leave() {
        put(going)
        terminal.store(-1, ordering: .sequentiallyConsistent)
        for number in deadly + [SIGTSTP] { _ = signal(number, SIG_DFL) }
    }

    private static func put(_ words: StaticString) {
        let descriptor = terminal.load(ordering: .sequentiallyConsistent)
        guard descriptor >= 0 else { return }
        _ = unsafe write(descriptor, words.utf8Start, words.utf8CodeUnitCount)
    }
}
