// Asking for a new passphrase, with advice about its strength.

internal import SecretMemory

/// A new passphrase, typed twice.
enum PassphrasePrompt {
    static func newPassphrase() throws(Complaint) -> SecretBytes {
        while true {
            let typed = try Terminal.readHiddenTwice(prompt: "new passphrase", again: "once more")
            let advice = PassphraseAdvice.about(typed)
            guard let advice else { return typed }
            Console.warn("this passphrase is weak: \(advice)")
            if try Terminal.confirm("use it all the same?", default: .no) { return typed }
        }
    }
}

/// Advice about the strength of a passphrase. Advice only: the key derivation makes each guess
/// cost a large fraction of a second, and it is the person who knows what it protects.
enum PassphraseAdvice {
    /// What is weak about `passphrase`, or nil.
    static func about(_ typed: borrowing SecretBytes) -> String? {
        let passphrase = typed.bytes
        var seen = InlineArray<256, Bool>(repeating: false)
        var distinct = 0
        var steps = 0
        var digits = 0
        for index in passphrase.indices {
            let byte = passphrase[index]
            if !seen[Int(byte)] { distinct += 1 }
            seen[Int(byte)] = true
            if index > 0, abs(Int(byte) - Int(passphrase[index - 1])) <= 1 { steps += 1 }
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { digits += 1 }
        }
        if passphrase.count < 12 {
            return "it is shorter than 12 characters; four words are better"
        }
        if distinct < 6 { return "it has only a few different characters" }
        if steps * 2 > passphrase.count { return "it is mostly a sequence such as 1234 or aaaa" }
        if digits == passphrase.count, passphrase.count < 20 { return "it is digits only" }
        return nil
    }
}
