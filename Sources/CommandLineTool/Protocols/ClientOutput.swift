// The answer to a program: bytes to standard output, which must not be a person's terminal.

internal import SecretMemory

enum ClientOutput {
    /// Refuses, before a vault is opened, to answer on a terminal: nobody but a program asks so.
    static func refuseTerminal() throws(Complaint) {
        guard !OutputSink.standardOutput.isTerminal else {
            throw Complaint(
                .refused, "a value is not printed on a terminal unasked",
                hint: "a program calls this and reads it; `coffer get` is for people")
        }
    }

    static func write(_ answer: borrowing SecretBytes) throws(Complaint) {
        try OutputSink.standardOutput.write(answer.bytes)
    }
}
