// A client's own file after an import: without its secrets, and otherwise as it was.

import Issuers
import SecretMemory
import TestSupport
import Testing

/// What an import finds in a text and what becomes of the text.
private func rewrite(
    _ format: ImportFormat, _ text: [UInt8]
) throws(ImportDefect) -> (found: [FoundCredential], text: [UInt8]) {
    guard let file = ClientFile(format) else { return ([], []) }
    let found = try format.read(text.span).credentials
    let rewritten = try file.rewrite(text.span, without: found) { "coffer helper aws \($0.title)" }
    return (found, bytes(of: rewritten.bytes))
}

private func rewritten(_ format: ImportFormat, _ text: String) throws -> String {
    String(decoding: try rewrite(format, Array(text.utf8)).text, as: UTF8.self)
}

private func refusal(_ format: ImportFormat, _ text: String) -> String? {
    do throws(ImportDefect) { _ = try rewrite(format, Array(text.utf8)) } catch {
        return "\(error.line): \(error.words)"
    }
    return nil
}

private let awsFiles = [
    (
        "[a]\r\naws_access_key_id = A\r\naws_secret_access_key = Zq7\r\nregion = r\r\n",
        "[a]\r\ncredential_process = coffer helper aws a\r\nregion = r\r\n"
    ),
    ("[a]\naws_secret_access_key=Zq7", "[a]\ncredential_process = coffer helper aws a"),
    (
        "\u{feff}[a]\naws_secret_access_key=Zq7\n",
        "\u{feff}[a]\n"
            + "credential_process = coffer helper aws a\n"
    ),
    (
        "[a]\naws_access_key_id=A\n[b]\nregion=y\naws_secret_access_key=Zq7\n",
        "[a]\naws_access_key_id=A\n[b]\nregion=y\ncredential_process = coffer helper aws b\n"
    ),
]

private let dockerFiles = [
    (
        "{\"auths\":{\"r\":{\"auth\":\"dTpacTc=\"}}}",
        "{\"auths\":{\"r\":{}},\n\t\"credHelpers\": {\n\t\t\"r\": \"coffer\"\n\t}}"
    ),
    (
        "{\"credHelpers\":{\"x\":\"y\"},"
            + "\"auths\":{\"r\":{\"email\":\"e\",\"auth\":\"dTpacTc=\"},\"s\":{}}}",
        "{\"credHelpers\":{\n\t\t\"r\": \"coffer\",\"x\":\"y\"},"
            + "\"auths\":{\"r\":{\"email\":\"e\"},\"s\":{}}}"
    ),
    (
        "{\"auths\":{\"r\":{\"auth\":\"dTpacTc=\" , \"a\":{} ,\"password\":\"Zq7\"}},"
            + "\"credHelpers\":{\"r\":\"coffer\"}}",
        "{\"auths\":{\"r\":{\"a\":{}}},\"credHelpers\":{\"r\":\"coffer\"}}"
    ),
    (
        "{\"auths\":{\"\\\"r\\\\\":{\"auth\":\"dTpacTc=\"}},\"credHelpers\":{}}",
        "{\"auths\":{\"\\\"r\\\\\":{}},\"credHelpers\":{\n\t\t\"\\\"r\\\\\": \"coffer\"}}"
    ),
]

private let netrcFiles = [
    ("machine a password Zq7\n", ""),
    (
        "# x\nmachine a\n  login u\n  password Zq7\n\nmachine b login v\n",
        "# x\n\nmachine b login v\n"
    ),
    ("machine a # c\n  password Zq7\r\nmachine b\n", "# c\nmachine b\n"),
    ("machine b login u machine a password \"Z q7\"", "machine b login u "),
    ("machine a password Zq7 machine b login u\n", "machine b login u\n"),
]

private let refusals: [(ImportFormat, String, String)] = [
    (
        .awsCredentials, "[a]\naws_secret_access_key=Zq7\ncredential_process=x\n",
        "3: the profile has keys and a credential_process"
    ),
    (
        .docker, "{\"auths\":{\"r\":{\"auth\":\"dTpacTc=\"}},\"credHelpers\":{\"r\":\"pass\"}}",
        "1: another helper is named for a registry that has a key"
    ),
    (
        .docker, "{\"auths\":{\"r\":{\"auth\":\"dTpacTc=\"}},\"credHelpers\":[]}",
        "1: an object is needed"
    ),
    (
        .awsCredentials, "[a]\naws_secret_access_key=Zq7\nmy_token=Zq7\n",
        "0: it holds a secret that its client would not ask for"
    ),
    (
        .docker, "{\"auths\":{\"r\":{\"auth\":\"dTpacTc=\",\"my_token\":\"Zq7\"}}}",
        "0: it holds a secret that its client would not ask for"
    ),
    (
        .netrc, "machine a password Zq7\nmacdef x\ny\n",
        "2: a macro belongs to the machine before it"
    ),
    (
        .netrc, "\ndefault password Zq7\n",
        "2: a password for every host is for none that git asks for"
    ),
]

@Suite("clients' own files")
struct ClientFileTests {
    @Test("of AWS name the program for each profile that had a key", arguments: awsFiles)
    func aws(_ before: String, _ after: String) throws {
        #expect(try rewritten(.awsCredentials, before) == after)
    }

    @Test("of docker name the helper for each registry that had a key", arguments: dockerFiles)
    func docker(_ before: String, _ after: String) throws {
        #expect(try rewritten(.docker, before) == after)
    }

    @Test(".netrc loses the machines that had a password", arguments: netrcFiles)
    func netrc(_ before: String, _ after: String) throws {
        #expect(try rewritten(.netrc, before) == after)
    }

    @Test("that would not mean the same are left", arguments: refusals)
    func refused(_ format: ImportFormat, _ text: String, _ words: String) {
        #expect(refusal(format, text) == words)
    }

    @Test("of all others are none")
    func others() {
        let able = ImportFormat.allCases.filter { ClientFile($0) != nil }
        #expect(able == [.awsCredentials, .netrc, .docker])
    }

    @Test("with bytes at random lose every secret that was found, or are refused")
    func mutated() throws {
        var chance = SeededGenerator(seed: 25)
        let telling = Array("{}[]:\",\\\n\r\t #=am".utf8) + [0, 0xff]
        let seeds =
            awsFiles.map { (ImportFormat.awsCredentials, $0.0) }
            + dockerFiles.map { (ImportFormat.docker, $0.0) }
            + netrcFiles.map { (ImportFormat.netrc, $0.0) }
        var count = 0
        for (format, seed) in seeds {
            for _ in 0..<600 {
                var text = Array(seed.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &chance) {
                    let place = Int.random(in: 0...text.count, using: &chance)
                    let byte = telling[Int.random(in: 0..<telling.count, using: &chance)]
                    if place < text.count, Bool.random(using: &chance) { text.remove(at: place) }
                    text.insert(byte, at: place)
                }
                guard let (found, after) = try? rewrite(format, text), !found.isEmpty else {
                    continue
                }
                count += 1
                // What is left is a file of the format that holds none of them.
                let left = try format.read(after.span).credentials
                #expect(left.isEmpty, "\(String(decoding: text, as: UTF8.self))")
            }
        }
        #expect(count > 500)
    }
}
