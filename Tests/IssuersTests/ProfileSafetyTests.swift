// Profiles that would do harm: patterns, variables, placeholders, and bytes that are no text.

import Testing
import VaultModel

@testable import Issuers

private func defect(_ text: [UInt8]) -> ProfileDiagnostic? {
    do throws(ProfileDiagnostic) {
        _ = try ProfileReader(text.span).profile(from: .user(path: "x.json"))
        return nil
    } catch {
        return error
    }
}

/// The words of the finding in a profile whose secret field and rest the test gives.
private func words(secret: String = "", rest: String = "") -> String? {
    let text = """
        {"schema": 1, "id": "acme", "title": "x", "fields": [
        {"name": "user", "title": "U", "role": "public"},
        {"name": "token", "title": "T", "role": "secret"\(secret)}]\(rest)}
        """
    return defect(Array(text.utf8))?.words
}

@Suite("a profile can do no harm")
struct ProfileSafetyTests {
    @Test("a catastrophic pattern is refused")
    func patterns() {
        #expect(words(secret: #", "pattern": "(a+)+b""#) == Shape.Defect.repeatInRepeat(4).words)
        #expect(words(secret: #", "pattern": "[a-z]{4096}""#) == "the pattern is too large")
        #expect(words(secret: #", "pattern": "é""#) == "the pattern is not plain ASCII")
        #expect(
            words(secret: #", "pattern": "a.*""#)
                == "the pattern cannot be read at its character 2")
        #expect(words(secret: #", "pattern": "(a|a)*b""#) == nil)
    }

    @Test(
        "a variable that says which code runs, or where files are, is refused",
        arguments: [
            "PATH", "HOME", "IFS", "ENV", "BASH_ENV", "SHELL", "TMPDIR", "PWD", "LD_PRELOAD",
            "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "SWIFT_ROOT", "COFFER_VAULT",
            "XDG_CONFIG_HOME", "OPENSSL_CONF", "GCONV_PATH", "MALLOC_CHECK_", "NODE_OPTIONS",
            "PYTHONPATH", "PYTHONSTARTUP", "PERL5LIB", "RUBYOPT", "GIT_SSH_COMMAND", "EDITOR",
            "PAGER",
        ])
    func codeVariables(_ name: String) {
        #expect(!EnvironmentName.isUsable(name))
        let found = words(secret: ", \"environment\": [\"\(name)\"]")
        #expect(found == "this is no variable that a profile may set")
    }

    @Test("a name that is no variable's is refused")
    func variableNames() {
        for name in ["", "a", "aB", "1A", "A-B", "A B", "A=B", "A\u{0}", "Ä", "A\n"] {
            #expect(!EnvironmentName.isUsable(name), "\(name)")
        }
        #expect(!EnvironmentName.isUsable(String(repeating: "A", count: 129)))
        for name in ["A", "_", "_A1", "ZPA_CLIENT_SECRET", String(repeating: "A", count: 128)] {
            #expect(EnvironmentName.isUsable(name), "\(name)")
        }
    }

    @Test("two fields cannot set one variable")
    func sharedVariable() {
        let text = """
            {"schema": 1, "id": "acme", "title": "x", "fields": [
            {"name": "a", "title": "A", "role": "secret", "environment": ["X"]},
            {"name": "b", "title": "B", "role": "secret", "environment": ["Y", "X"]}]}
            """
        let found = ProfileDiagnostic(line: 3, column: 1, "the variable X is set by two fields")
        #expect(defect(Array(text.utf8)) == found)
    }

    @Test("a secret stands in a header or body, never in an address, a query or an argument")
    func placeholders() {
        func call(_ members: String) -> String? {
            words(rest: ", \"calls\": {\"verify\": {\(members)}}")
        }
        let refused = "the secret field \"token\" must not stand in an address"
        #expect(call(#""url": "https://x/{{token}}""#) == refused)
        #expect(call(#""url": "https://{{user}}.x/{{token}}""#) == refused)
        #expect(call(#""url": "https://x", "query": {"q": "a{{token}}b"}"#) == refused)
        #expect(call(#""url": "https://x", "headers": {"h": "Bearer {{token}}"}"#) == nil)
        #expect(
            call(#""url": "https://x/{{user}}", "method": "POST", "form": {"b": "{{token}}"}"#)
                == nil)
        #expect(call(#""url": "https://x/{{nobody}}""#) == "a placeholder names no field")
        #expect(call(#""url": "https://x/{{env.HOME}}""#) == "a placeholder names no field")
        #expect(call(#""url": "https://x/{{ user }}""#) == "a placeholder names no field")
        #expect(call(#""url": "https://x/{{}}""#) == "a placeholder names no field")
        #expect(call(#""url": "https://x/{{user""#) == "a placeholder has no end")
        #expect(call(#""url": "https://x/{{user}""#) == "a placeholder has no end")
    }

    @Test("a document's place leads to a field of the profile, and to a secret one")
    func places() {
        #expect(words(rest: #", "json": [{"other": "a"}]"#) == "there is no field of this name")
        #expect(words(rest: #", "json": [{"user": "a"}]"#) == "no secret field has a place here")
        #expect(words(rest: #", "csv": [{"user": "a"}]"#) == "no secret field has a place here")
        #expect(words(rest: #", "json": [{"token": "a.b.0"}], "csv": [{"token": "A"}]"#) == nil)
    }

    @Test("bytes that are no text are refused with their place")
    func bytes() {
        func place(_ bytes: [UInt8]) -> [Int] {
            let found = defect(Array("{\n\"id\": \"".utf8) + bytes + Array("\"}".utf8))
            return found.map { [$0.line, $0.column] } ?? []
        }
        #expect(place([0xff]) == [2, 8])
        #expect(place([0x61, 0xc3, 0x28]) == [2, 9])
        #expect(place([0xed, 0xa0, 0x80]) == [2, 8])
        #expect(place([0x00]) == [2, 8])
        #expect(defect([0xff])?.words == "an unexpected character")
        #expect(defect([0x22, 0xff, 0x22])?.words == "it is not valid UTF-8")
        let marked = defect([0xef, 0xbb, 0xbf] + Array("{}".utf8))
        #expect(marked == ProfileDiagnostic(line: 1, column: 1, "an unexpected character"))
        let cut = defect(Array("{\n\n\"id\"".utf8))
        #expect(cut == ProfileDiagnostic(line: 3, column: 5, "the text ends too early"))
        #expect(defect([])?.words == "the text ends too early")
    }

    @Test("depth is bounded")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        let found = defect(Array(deep.utf8))
        #expect(found == ProfileDiagnostic(line: 1, column: 65, "it is nested too deeply"))
    }
}
