// What git says to a credential helper: lines `key=value`, ended by an empty one or by the end
// (git-credential(1), "INPUT/OUTPUT FORMAT").

public import SecretMemory
internal import VaultModel

/// A credential as git describes it; what is not said is empty.
public struct GitCredential: ~Copyable {
    /// Most bytes of a request: answers of a web server may be among them.
    public static let longest = 256 * 1_024

    public private(set) var scheme = ""
    public private(set) var host = ""
    public private(set) var path = ""
    public private(set) var username = ""
    public private(set) var password = SecretBytes()
    /// Whether git gives back what a helper wants to remember of a credential.
    public private(set) var keepsState = false
    /// Whether git says that this credential came from here.
    public private(set) var isFromHere = false

    /// What is remembered of a credential that came from here.
    public static let state = "coffer:known"

    private enum Key: String, CaseIterable {
        case scheme = "protocol"
        case host, path, username, password
        case capability = "capability[]"
        case state = "state[]"

        /// Whether it may stand more than once.
        var isList: Bool { self == .capability || self == .state }
    }

    /// Strict about what it uses: a line without `=`, a NUL, a carriage return or a second host is
    /// no request of git's but of someone who got at its lines (CVE-2020-5260, CVE-2024-52006).
    /// Keys that it does not know are passed over, as git asks.
    public static func read(_ text: Span<UInt8>) throws(ClientDefect) -> GitCredential {
        guard text.count <= longest else { throw ClientDefect("it is longer than 256 KiB") }
        var credential = GitCredential()
        var seen: Set<Key> = []
        var (start, number) = (0, 0)
        while start < text.count {
            var end = start
            while end < text.count, text[end] != 0x0a { end += 1 }
            guard end > start else { break }
            number += 1
            try credential.take(text.extracting(start..<end), number, &seen)
            start = end + 1
        }
        return credential
    }

    private mutating func take(
        _ line: Span<UInt8>, _ number: Int, _ seen: inout Set<Key>
    ) throws(ClientDefect) {
        guard !line.indices.contains(where: { line[$0] == 0 }) else {
            throw ClientDefect("a NUL byte", line: number)
        }
        guard let equals = line.indices.first(where: { line[$0] == UInt8(ascii: "=") }),
            equals > 0
        else { throw ClientDefect("this is no `key=value`", line: number) }
        guard let key = Self.key(line.extracting(0..<equals)) else { return }
        let value = line.extracting(equals + 1..<line.count)
        guard key.isList || seen.insert(key).inserted else {
            throw ClientDefect("a key is there twice", line: number)
        }
        if key == .password {
            guard !value.indices.contains(where: { value[$0] == 0x0d }) else {
                throw ClientDefect("a carriage return", line: number)
            }
            password = SecretBytes(copying: value)
            return
        }
        guard let text = ClientText.read(value) else {
            throw ClientDefect("a value is too long or no plain text", line: number)
        }
        switch key {
        case .scheme: scheme = text
        case .host: host = text
        case .path: path = text
        case .username: username = text
        case .password: break
        case .capability: keepsState = keepsState || text == "state"
        case .state: isFromHere = isFromHere || text == Self.state
        }
    }

    /// Without a text of the key: what stands in its place may be anything.
    private static func key(_ bytes: Span<UInt8>) -> Key? {
        for key in Key.allCases where bytes.count == key.rawValue.utf8.count {
            let isSame = key.rawValue.utf8.enumerated().allSatisfy {
                bytes[$0.offset] == $0.element
            }
            if isSame { return key }
        }
        return nil
    }

    /// The answer to a request: a user and a password in lines. Nil if either has a byte that no
    /// line can carry.
    public static func answer(
        username: String, password: Span<UInt8>, keepsState: Bool
    ) -> SecretBytes? {
        guard ClientText.read(Array(username.utf8).span) != nil, isLine(password) else {
            return nil
        }
        var head = keepsState ? "capability[]=state\nstate[]=\(state)\n" : ""
        if !username.isEmpty { head += "username=\(username)\n" }
        var answer = SecretBytes(capacity: 256)
        for byte in (head + "password=").utf8 { answer.append(byte) }
        answer.append(password)
        answer.append(0x0a)
        return answer
    }

    /// Whether a value fits a line: it holds no line end and no NUL.
    public static func isLine(_ value: Span<UInt8>) -> Bool {
        !value.indices.contains { value[$0] == 0 || value[$0] == 0x0a || value[$0] == 0x0d }
    }
}
