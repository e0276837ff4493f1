// Exports with bytes at random, always the same ones: no reader traps, no defect tells a value.

import Issuers
import SecretMemory
import TestSupport
import Testing

/// A value that must be in no defect's words.
private let secret = "Zq7K9vB2wN5"

private let seeds: [(ImportFormat, String)] = [
    (
        .keepassXML,
        "<KeePassFile><Root><Group><Name>g</Name><Entry><String><Key>Password</Key>"
            + "<Value a=\"b\">&amp;\(secret)&#10;</Value></String><Tags/></Entry></Group></Root>"
            + "</KeePassFile>"
    ), (.keepassCSV, "\"Account\",\"Password\"\n\"a\",\"\\\"\(secret)\\\\\"\n"),
    (.keepassCSV, "\"Group\",\"Title\",\"Password\"\n\"R/a\",\"t\",\"\"\"\(secret)\"\n"),
    (.onePasswordCSV, "Title,Password,Tags\na,\(secret),x;y\n"),
    (.awsCSV, "Access key ID,Secret access key\nAKIA,\(secret)\n"),
    (
        .bitwarden,
        "{\"folders\":[{\"id\":\"1\",\"name\":\"f\"}],"
            + "\"items\":[{\"name\":\"a\",\"folderId\":\"1\","
            + "\"login\":{\"password\":\"\(secret)\",\"uris\":[{\"uri\":\"u\"}]}}]}"
    ),
    (
        .onePasswordArchive,
        "{\"accounts\":[{\"vaults\":[{\"items\":[{\"details\":"
            + "{\"sections\":[{\"fields\":[{\"value\":"
            + "{\"concealed\":\"\(secret)\"}}]}]}}]}]}]}"
    ), (.docker, "{\"auths\":{\"h\":{\"auth\":\"dTpacTdLOXZCMndONQ==\"}}}"),
    (.zscalerJSON, "{\"zpa_client_secret\":\"\(secret)\"}"),
    (.google, "{\"type\":\"service_account\",\"private_key\":\"\(secret)\"}"),
    (.dotenv, "A=\(secret)\nexport B=\"x\\n\(secret)\" # c\nC='\(secret)'\n"),
    (.awsCredentials, "[a]\naws_secret_access_key = \(secret)\n# c\n[b]\nx = y\n"),
    (.pypirc, "[distutils]\nindex-servers =\n  a\n[a]\npassword: \(secret)\n"),
    (.npmrc, "//h/:_authToken=\(secret)\n_auth=dTpacTdLOXZCMndONQ==\nx=y\n"),
    (.netrc, "machine h login u password \(secret)\ndefault password \"\(secret)\"\n"),
    (.zscalerYAML, "zscaler:\n  client:\n    clientSecret: '\(secret)'\n    x: \"\(secret)\"\n"),
]

private let telling = Array("{}[]<>/&;#=:\"'\\,\n\r\t -!|x0".utf8) + [0xff, 0xc3, 0x80, 0]

@Suite("mutated exports")
struct ImportMutationTests {
    private func mutant(
        of text: [UInt8], _ chance: inout SeededGenerator
    ) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &chance) {
            let place = Int.random(in: 0...text.count, using: &chance)
            let byte = telling[Int.random(in: 0..<telling.count, using: &chance)]
            switch Int.random(in: 0..<5, using: &chance) {
            case 0: text.insert(byte, at: place)
            case 1 where place < text.count: text.remove(at: place)
            case 2 where place < text.count: text[place] = byte
            case 3 where place < text.count:
                text[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
            default: text.removeLast(text.count - place)
            }
        }
        return text
    }

    @Test("never trap, tell no value, and are often read", arguments: seeds.indices)
    func mutated(_ index: Int) throws {
        var chance = SeededGenerator(seed: UInt64(index))
        let (format, text) = seeds[index]
        let whole = try read(format, text).found
        #expect(!whole.isEmpty)
        var (parsed, refused) = (0, 0)
        for _ in 0..<4_000 {
            let mutant = mutant(of: Array(text.utf8), &chance)
            do {
                let batch = try format.read(mutant.span)
                #expect(batch.credentials.allSatisfy { !$0.secretNames.isEmpty })
                parsed += 1
            } catch {
                #expect(!error.words.contains("Zq7") && error.line >= 0)
                refused += 1
            }
        }
        #expect(parsed > 100)
        #expect(refused > 100)
    }
}
