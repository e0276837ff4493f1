// The cores of the machine at work on many rows at once.

internal import Glibc
internal import VaultModel

/// Threads, one a core, for work on many things of which none depends on another.
enum Cores {
    /// How many there are; more than eight would wait for whoever reads the rows.
    static let count = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), 8)
    /// A thread is not worth beginning for fewer inputs than this.
    private static let fewest = 64

    /// What `body` makes of each input, in their order. Every thread has one of `hands`, which no
    /// other touches meanwhile.
    static func map<Hand, Input, Output>(
        _ inputs: [Input], with hands: [Hand], _ body: (Hand, Input) -> Output
    ) -> [Output] {
        let (count, size) = split(inputs.count, among: hands.count)
        var parts = [[Output]](repeating: [], count: count)
        unsafe parts.withUnsafeMutableBufferPointer { parts in
            run(count) { number in
                let share = inputs[min(number * size, inputs.count)...].prefix(size)
                unsafe parts[number] = share.map { body(hands[number], $0) }
            }
        }
        return count == 1 ? parts[0] : Array(parts.joined())
    }

    /// How many threads so many inputs are worth, and how many inputs each gets.
    private static func split(_ inputs: Int, among hands: Int) -> (count: Int, size: Int) {
        precondition(hands > 0, "vault core: no hands for the work")
        let count = min(hands, max(1, inputs / fewest))
        return (count, (inputs + count - 1) / count)
    }

    /// Calls `body` with every number below `count`, each on a thread of its own, and waits.
    private static func run(_ count: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            let jobs = (1..<count).map { number in Job { body(number) } }
            body(0)
            for job in jobs { job.wait() }
        }
    }

    /// Work on a thread of its own, or here if none is to be had.
    @safe
    private final class Job {
        private let body: () -> Void
        private var thread: pthread_t?

        init(_ body: @escaping () -> Void) {
            self.body = body
            begin()
        }

        /// The thread takes no signals: they are for the one that waits for them.
        private func begin() {
            var (all, before) = (sigset_t(), sigset_t())
            unsafe sigfillset(&all)
            unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
            var made = pthread_t()
            let status = unsafe pthread_create(
                &made, nil,
                { job in
                    if let job = unsafe job {
                        unsafe Unmanaged<Job>.fromOpaque(job).takeUnretainedValue().body()
                    }
                    return nil
                }, Unmanaged.passUnretained(self).toOpaque())
            unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
            if status == 0 { thread = made } else { body() }
        }

        func wait() {
            guard let begun = thread else { return }
            pthread_join(begun, nil)
            thread = nil
        }
    }
}

extension Cores {
    /// The same as `map`, but begun and not waited for: the thread that begins it reads on.
    final class Work<Output> {
        private final class Share {
            var outputs: [Output] = []
        }

        private let shares: [Share]
        private var jobs: [Job] = []

        init<Hand, Input>(
            _ inputs: [Input], with hands: [Hand], _ body: @escaping (Hand, Input) -> Output
        ) {
            let (count, size) = Cores.split(inputs.count, among: hands.count)
            shares = (0..<count).map { _ in Share() }
            let works = shares.enumerated().map { number, share in
                {
                    share.outputs = inputs[min(number * size, inputs.count)...].prefix(size)
                        .map { body(hands[number], $0) }
                }
            }
            if count == 1 { works[0]() } else { jobs = works.map { Job($0) } }
        }

        deinit { wait() }

        /// What was made of each input, in their order.
        func finish() -> [Output] {
            wait()
            return shares.count == 1 ? shares[0].outputs : Array(shares.map(\.outputs).joined())
        }

        private func wait() {
            for job in jobs { job.wait() }
            jobs = []
        }
    }
}

/// Rows of a table in portions: while `work` is done on one, the next is read. `use` is given each
/// portion with what was made of its rows.
///
/// `each` gives every row to the closure it is called with. A portion ends after 2,048 rows, or
/// when its rows together are over 4 MiB of `size`.
func inPortions<Row, Hand, Output>(
    _ each: @escaping ((Row) throws(VaultError) -> Void) throws(VaultError) -> Void,
    size: (Row) -> Int, with hands: [Hand], work: @escaping (Hand, Row) -> Output,
    use: ([Row], [Output]) throws(VaultError) -> Void
) throws(VaultError) {
    var (portion, bytes): ([Row], Int) = ([], 0)
    var begun: (rows: [Row], work: Cores.Work<Output>)?
    func goOn() throws(VaultError) {
        // The hands are free again before they get the next portion.
        let outputs = begun?.work.finish() ?? []
        let rows = begun?.rows ?? []
        begun = portion.isEmpty ? nil : (portion, Cores.Work(portion, with: hands, work))
        (portion, bytes) = ([], 0)
        if !rows.isEmpty { try use(rows, outputs) }
    }
    try each { (row: Row) throws(VaultError) in
        portion.append(row)
        bytes += size(row)
        if portion.count == 2_048 || bytes > 4 << 20 { try goOn() }
    }
    try goOn()
    try goOn()
}
