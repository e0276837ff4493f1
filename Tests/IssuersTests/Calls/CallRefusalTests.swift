// Calls that a profile may not describe.

import Testing
import VaultModel

@testable import Issuers

/// The words of what is wrong with a profile of one call, or nil.
private func words(_ members: String, rest: String = "") -> String? {
    do {
        _ = try acme(members, rest: rest)
        return nil
    } catch {
        return (error as? ProfileDiagnostic)?.words
    }
}

private let host =
    "a host is made of fields of the kind \"label\", or is a field of the kind \"host\""
private let plain = "a character that an address cannot hold, or a query of its own"

@Suite("a call is refused")
struct CallRefusalTests {
    @Test("for a host that a field could choose freely")
    func hosts() {
        #expect(words(#""url": "https://{{user}}/""#) == host)
        #expect(words(#""url": "https://x.{{user}}""#) == host)
        #expect(words(#""url": "https://x.{{home}}/""#) == host)
        #expect(words(#""url": "https://{{@label}}.x/""#) == host)
        #expect(words(#""url": "https://me@x/""#) == "\"url\" has a user")
        #expect(words(#""url": "https:///x""#) == "\"url\" has no host")
        #expect(words(#""url": "https://{{home}}/x""#) == nil)
        #expect(words(#""url": "https://{{site}}.x/{{user}}""#) == nil)
        #expect(words(#""url": "{{base}}/x""#) == nil)
        #expect(words(#""url": "{{user}}/x""#) == "\"url\" must begin with https://")
        #expect(words(#""url": "{{home}}/x""#) == "\"url\" must begin with https://")
    }

    @Test("for an address with more in it than one")
    func addresses() {
        for odd in ["?q=1", "#f", " ", "\\\\", "[1]", "{a,b}", "ü", "\\n", "\\\"", "|", "^", "<"] {
            #expect(words("\"url\": \"https://x/\(odd)\"") == plain, "\(odd)")
        }
    }

    @Test("for a secret, or an assertion, in an address")
    func secrets() {
        let derived = #", "derived": [{"name": "d", "from": "user", "texts": {"a": "{{token}}"}}]"#
        let refused = "the secret field \"token\" must not stand in an address"
        #expect(words(#""url": "https://x/{{d}}""#, rest: derived) == refused)
        #expect(words(#""url": "https://x", "query": {"q": "{{d}}"}"#, rest: derived) == refused)
        #expect(words(#""url": "https://x", "headers": {"q": "{{d}}"}"#, rest: derived) == nil)
        #expect(
            words(#""url": "https://x/{{@assertion}}""#)
                == "the secret field \"@assertion\" must not stand in an address")
    }

    @Test(
        "for a header that decides where a message goes or ends, or is none",
        arguments: [
            "Host", "content-length", "Transfer-Encoding", "connection", "proxy-authorization",
            "", "a b", "a:", "a\\n", "ü", "@file",
        ])
    func headers(_ name: String) {
        #expect(
            words("\"url\": \"https://x\", \"headers\": {\"\(name)\": \"v\"}")
                == "this is no header that a call may set")
    }

    @Test("for a control character in a header")
    func controls() {
        #expect(
            words(#""url": "https://x", "headers": {"a": "b\r\nc: d"}"#)
                == "a header holds no control character")
    }

    @Test("for another issuer's credentials, in a profile of one's own")
    func others() {
        #expect(
            words(#""url": "https://x", "with": ["openai"]"#)
                == "the credentials of a built-in profile are for its own issuer alone")
        #expect(words(#""url": "https://x", "with": ["other"]"#) == nil)
        #expect(words(#""url": "https://x", "with": []"#) == "\"with\" names `self` or profiles")
        #expect(
            words(#""url": "https://x", "with": ["No"]"#) == "\"with\" names `self` or profiles")
    }

    @Test("for a body that is two, or that a GET has")
    func bodies() {
        #expect(words(#""url": "https://x", "form": {}"#) == "a GET has no body")
        #expect(
            words(#""url": "https://x", "method": "PUT", "form": {}, "json": {}"#)
                == "\"form\" and \"json\" exclude each other")
    }

    @Test("for places of fields that are none, and statuses that nobody sends")
    func replies() {
        func reply(_ members: String) -> String? {
            words("\"url\": \"https://x\", \"reply\": {\(members)}")
        }
        #expect(reply(#""fields": {"nobody": "a"}"#) == "there is no field of this name")
        #expect(
            reply(#""keys": {"at": "", "fields": {"token": "a"}}"#)
                == "\"fields\" names the public fields that tell credentials apart")
        #expect(reply(#""usual_life": 0"#) == "\"usual_life\" is from 1 to 999,999,999 seconds")
        #expect(
            words(#""url": "https://x", "statuses": {"done": [99]}"#)
                == "a status from 200 to 599 is needed")
    }

    @Test("for a derived text that takes a name, or comes from a secret")
    func derived() {
        func derived(_ members: String) -> String? {
            words(#""url": "https://x""#, rest: ", \"derived\": [{\(members), \"texts\": {}}]")
        }
        #expect(derived(#""name": "user", "from": "site""#) == "\"name\" is no new name of a field")
        #expect(derived(#""name": "d", "from": "token""#) == "\"from\" names no public field")
        #expect(derived(#""name": "d", "from": "site""#) == nil)
        let circle = #", "derived": [{"name": "d", "from": "site", "texts": {"a": "{{d}}"}}]"#
        #expect(words(#""url": "https://x""#, rest: circle) == "a placeholder names no field")
    }
}
