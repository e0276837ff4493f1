// What a program asks that lets another one ask for a password: GIT_ASKPASS, SSH_ASKPASS and
// SUDO_ASKPASS hand a prompt over and read a line.

/// A prompt, as far as it is understood. It may come from far away: git puts an address into it,
/// and a server of SSH writes its own.
public enum AskpassPrompt: Hashable, Sendable {
    /// For a user, at an address if that is one.
    case username(ServiceAddress?)
    /// For the password of a user, at an address.
    case password(ServiceAddress, username: String?)
    /// For yes or no, which no secret answers.
    case question
    case other

    public init(_ prompt: String) {
        if let place = Self.quoted(prompt, behind: "Username for ") {
            self = .username(ServiceAddress(place))
        } else if let place = Self.quoted(prompt, behind: "Password for "),
            let address = ServiceAddress(place)
        {
            self = .password(address, username: Self.username(in: place))
        } else if ["(yes/no", "'yes' or 'no'", "'yes', 'no'"].contains(where: prompt.holds) {
            self = .question
        } else {
            self = .other
        }
    }

    /// What stands between the quotes that end a prompt of git's.
    private static func quoted(_ prompt: String, behind words: String) -> String? {
        guard prompt.hasPrefix(words + "'") else { return nil }
        var rest = prompt.dropFirst(words.count + 1)
        while rest.last == " " || rest.last == ":" { rest.removeLast() }
        guard rest.last == "'" else { return nil }
        return String(rest.dropLast())
    }

    /// The user in `https://USER@host`, as git escapes it.
    private static func username(in place: String) -> String? {
        let parts = place.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 2, let at = parts[2].lastIndex(of: "@") else { return nil }
        return unescaped(parts[2][..<at])
    }

    /// Percent-encoding resolved; nil if it is none.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate func holds(_ words: String) -> Bool {
        indices.contains { self[$0...].hasPrefix(words) }
    }
}
