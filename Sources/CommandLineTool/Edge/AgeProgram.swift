// The program age(1): what is written to it comes out encrypted.

internal import CLinux
internal import Glibc

/// age while it runs; it tells people itself what it has to say.
@safe
struct AgeProgram: ~Copyable {
    private let input: BoundInput
    private var child: Child

    /// Where it is; says so if it is not.
    static func find() throws(Complaint) -> String {
        do throws(Programs.Missing) { return try Programs.find("age") } catch {
            throw Complaint(
                .failed, "the program age, which encrypts an export, is not there",
                hint: "install it: it is in the package `age`")
        }
    }

    /// Starts it with these words; it writes to `output`. It is killed if we are, and should it be
    /// quicker than that, its input ends with an error: else it would take our end for the end of
    /// what is to be encrypted, and say nothing.
    init(_ path: String, _ words: [String], output: Int32) throws(Complaint) {
        let input = try BoundInput()
        let arguments = ArgumentVector(["age", "--encrypt"] + words)
        let started = unsafe coffer_start_bound(
            path, arguments.pointers, coffer_environment(), [input.readEnd, output, 2], 0)
        guard started > 0 else {
            throw Complaint(
                .failed, "\(Escaped.path(path)) cannot be run: \(SystemError.words(errno))")
        }
        child = Child(started)
        // Else writing would wait for ever for one that has ended.
        input.closeReadEnd()
        self.input = input
    }

    func write(_ bytes: Span<UInt8>) throws(Complaint) {
        do throws(Complaint) {
            try OutputSink(descriptor: input.writeEnd).write(bytes)
        } catch { throw Self.failure }
    }

    /// Tells it that this is all, and waits until all of it is written.
    mutating func finish() throws(Complaint) {
        input.end()
        guard WaitStatus.exitCode(child.wait()) == 0 else { throw Self.failure }
    }

    /// Ends it before its work is done: what it wrote is of no use.
    mutating func giveUp() {
        child.send(SIGKILL)
        _ = child.wait()
    }

    private static let failure = Complaint(
        .failed, "age failed; nothing was exported", hint: "its own words say why")
}
