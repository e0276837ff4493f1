// What a process said before a broken invariant ended it.

import Testing

extension ExitTest.Result {
    /// Whether `words`, those of a precondition, are at the end of a line on standard error.
    func isEnd(_ words: String) -> Bool {
        String(decoding: standardErrorContent, as: UTF8.self).contains(": \(words)\n")
    }
}
