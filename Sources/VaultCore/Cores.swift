// The cores of the machine at work on many rows at once.

internal import Glibc
internal import VaultModel

/// Threads, one a core, for work on many things of which none depends on another.
enum Cores {
    /// How many there are; more than eight would wait for whoever reads the rows.
    static let count = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), 8)
    /// A thread is not worth beginning for fewer inputs than this.
    private static let fewest = 64

    /// What `body` makes of each input, in their order.
    static func map<Input, Output>(_ inputs: [Input], _ body: (Input) -> Output) -> [Output] {
        map(inputs, with: Array(0..<count)) { body($1) }
    }

    /// What `body` makes of each input, in their order. Every thread has one of `hands`, which no
    /// other touches meanwhile.
    static func map<Hand, Input, Output>(
        _ inputs: [Input], with hands: [Hand], _ body: (Hand, Input) -> Output
    ) -> [Output] {
        precondition(!hands.isEmpty, "vault core: no hands for the work")
        let count = min(hands.count, max(1, inputs.count / fewest))
        let size = (inputs.count + count - 1) / count
        var parts = [[Output]](repeating: [], count: count)
        unsafe parts.withUnsafeMutableBufferPointer { parts in
            run(count) { number in
                let share = inputs[min(number * size, inputs.count)...].prefix(size)
                unsafe parts[number] = share.map { body(hands[number], $0) }
            }
        }
        return count == 1 ? parts[0] : Array(parts.joined())
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

/// Rows of a table in portions: as many as are worth sharing, and no more than memory is there for.
///
/// `each` gives every row to the closure it is called with. A portion ends after 2,048 rows, or
/// when its rows together are over 4 MiB of `size`.
func inPortions<Row>(
    _ each: @escaping ((Row) throws(VaultError) -> Void) throws(VaultError) -> Void,
    size: (Row) -> Int, _ body: ([Row]) throws(VaultError) -> Void
) throws(VaultError) {
    var portion: [Row] = []
    var bytes = 0
    try each { (row: Row) throws(VaultError) in
        portion.append(row)
        bytes += size(row)
        guard portion.count == 2_048 || bytes > 4 << 20 else { return }
        try body(portion)
        portion.removeAll(keepingCapacity: true)
        bytes = 0
    }
    if !portion.isEmpty { try body(portion) }
}
