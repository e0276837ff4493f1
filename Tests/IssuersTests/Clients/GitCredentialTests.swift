// What git writes to its helper, and what it reads.

import Issuers
import SecretMemory
import Testing

private func read(_ text: String) throws -> (String, String, String, String, [UInt8]) {
    let found = try GitCredential.read(Array(text.utf8).span)
    return (found.scheme, found.host, found.path, found.username, bytes(of: found.password.bytes))
}

private func answer(_ username: String, _ password: String, _ keepsState: Bool = false) -> String? {
    let answer = GitCredential.answer(
        username: username, password: Array(password.utf8).span, keepsState: keepsState)
    switch answer {
    case .some(let answer): return String(decoding: bytes(of: answer.bytes), as: UTF8.self)
    case .none: return nil
    }
}

private let defects = [
    ("protocol=https\nhost=a\nhost=b\n", "3: a key is there twice"),
    ("protocol=https\nZq7\n", "2: this is no `key=value`"), ("=Zq7\n", "1: this is no `key=value`"),
    ("password=Zq7\0\n", "1: a NUL byte"), ("x=\0Zq7", "1: a NUL byte"),
    ("password=Zq7\r\n", "1: a carriage return"),
    ("host=Zq7\r\n", "1: a value is too long or no plain text"),
    ("username=Zq7\u{1b}[m\n", "1: a value is too long or no plain text"),
    ("path=" + String(repeating: "a", count: 4_097), "1: a value is too long or no plain text"),
    (String(repeating: "a=b\n", count: 70_000), "0: it is longer than 256 KiB"),
]

@Suite("git's credential lines")
struct GitCredentialTests {
    @Test("are read up to an empty line; what is not known is passed over")
    func lines() throws {
        let found = try read(
            "capability[]=authtype\ncapability[]=other\nprotocol=https\nwwwauth[]=Basic a=\"b\"\n"
                + "wwwauth[]=x\nhost=h:1\npath=a/b.git\nusername=u=v\npassword= =Zq7= \nnew-key=1\n"
                + "\nhost=evil\n")
        #expect(found == ("https", "h:1", "a/b.git", "u=v", Array(" =Zq7= ".utf8)))
        #expect(try read("") == ("", "", "", "", []))
        #expect(try read("host=h") == ("", "h", "", "", []))
    }

    @Test("that git would not write are refused without a byte of them", arguments: defects)
    func refused(_ text: String, _ words: String) {
        let found = #expect(throws: ClientDefect.self) { try read(text) }
        #expect(found.map { "\($0.line): \($0.words)" } == words)
        #expect(found?.words.contains("Zq7") == false)
    }

    @Test("of an answer hold one user and one password")
    func answers() {
        #expect(answer("u", "p=q") == "username=u\npassword=p=q\n")
        #expect(answer("", "p") == "password=p\n")
        #expect(
            answer("u", "p", true)
                == "capability[]=state\nstate[]=coffer:known\nusername=u\npassword=p\n")
        for password in ["a\nhost=evil", "a\r", "\0", "\n"] {
            #expect(answer("u", password) == nil)
        }
        for user in ["a\npassword=b", "a\r", "\0"] { #expect(answer(user, "p") == nil) }
    }

    @Test("give the state back that was asked for, and no other")
    func state() throws {
        func flags(_ text: String) throws -> (Bool, Bool) {
            let found = try GitCredential.read(Array(text.utf8).span)
            return (found.keepsState, found.isFromHere)
        }
        #expect(try flags("capability[]=authtype\ncapability[]=state\n") == (true, false))
        #expect(try flags("state[]=other:1\nstate[]=coffer:known\n") == (false, true))
        #expect(try flags("state[]=coffer:known2\n") == (false, false))
    }
}
