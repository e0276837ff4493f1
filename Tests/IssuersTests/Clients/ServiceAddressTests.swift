// Addresses of services, and what may be used where.

import Issuers
import Testing

private func address(_ text: String) -> ServiceAddress? { ServiceAddress(text) }

private let fits: [(kept: String, asked: String, parts: Int?)] = [
    ("https://h.example", "https://h.example", 0), ("h.example", "https://h.example", 0),
    ("HTTPS://H.example:443/", "https://h.EXAMPLE", 0), ("http://h:80", "http://h", 0),
    ("https://u@h.example/login", "https://h.example", 0),
    ("https://h/a", "https://h/a/b.git", 1), ("https://h/a/b.git", "https://h/a/b.git", 2),
    ("https://h/a", "https://h/ab", nil), ("https://h/a/b", "https://h/a", nil),
    // Over plain HTTP only what says so, and never the other way round.
    ("h.example", "http://h.example", nil), ("https://h", "http://h", nil),
    ("http://h", "https://h", nil), ("http://127.0.0.1:8080", "http://127.0.0.1:8080", 0),
    // No other host, port or scheme, however alike.
    ("https://h.example", "https://evil-h.example", nil),
    ("https://h.example", "https://h.example.evil", nil),
    ("https://example", "https://h.example", nil), ("https://h.example", "https://example", nil),
    ("https://h", "https://h:8443", nil), ("https://h:80", "https://h", nil),
    ("https://h", "smtp://h", nil), ("smtp://h:587", "smtp://h:587", 0),
    ("https://h@evil", "https://h", nil), ("https://h", "https://h@evil", nil),
]

private let nonsense = [
    "", "/", "https://", "https:///path", "://h", "h h", "https://h\nx", "https://h\0", "ht tp://h",
    "https://h\"", "https://u@", "a'b",
]

@Suite("addresses of services")
struct ServiceAddressTests {
    @Test("say whether what is kept for one may be used at another", arguments: fits)
    func fit(_ kept: String, _ asked: String, _ parts: Int?) throws {
        let kept = try #require(address(kept))
        let asked = try #require(address(asked))
        #expect(kept.fit(asked) == parts)
    }

    @Test("are none without a host", arguments: nonsense)
    func none(_ text: String) { #expect(address(text) == nil) }

    @Test("are the same place or not")
    func same() throws {
        let hub = try #require(address("https://index.docker.io/v1/"))
        #expect(hub.isSame(as: try #require(address("index.docker.io/v1"))))
        #expect(!hub.isSame(as: try #require(address("https://index.docker.io/v1/access-token"))))
        #expect(!hub.isSame(as: try #require(address("http://index.docker.io/v1/"))))
    }

    @Test("in prompts are git's; a question is none")
    func prompts() {
        #expect(AskpassPrompt("Username for 'https://h': ") == .username(address("https://h")))
        #expect(
            AskpassPrompt("Password for 'https://a%40b@h:1': ")
                == address("https://h:1").map { .password($0, username: "a@b") })
        #expect(
            AskpassPrompt("Password for 'https://h': ")
                == address("https://h").map { .password($0, username: nil) })
        #expect(AskpassPrompt("Username for 'https://': ") == .username(nil))
        #expect(AskpassPrompt("really (yes/no)? ") == .question)
        #expect(AskpassPrompt("Please type 'yes', 'no' or the fingerprint: ") == .question)
        for prompt in ["", "Password: ", "u@h's password: ", "Enter passphrase for key 'k': "] {
            #expect(AskpassPrompt(prompt) == .other)
        }
    }

    @Test("of Kubernetes's clients ask for a form that is known")
    func exec() throws {
        func version(_ text: String?) throws -> String { try ExecRequest(text).version }
        #expect(try version(nil) == "client.authentication.k8s.io/v1")
        let beta = "client.authentication.k8s.io/v1beta1"
        #expect(try version("{\"apiVersion\":\"\(beta)\",\"spec\":{}}") == beta)
        let off = try ExecRequest("{\"apiVersion\":\"\(beta)\",\"spec\":{\"interactive\":false}}")
        #expect(!off.isInteractive)
        #expect(try ExecRequest("{\"apiVersion\":\"\(beta)\"}").isInteractive)
        for text in ["", "{}", "[]", "{\"apiVersion\":1}", "{\"apiVersion\":\"v1\"}"] {
            #expect(throws: ClientDefect.self) { try ExecRequest(text) }
        }
    }
}
