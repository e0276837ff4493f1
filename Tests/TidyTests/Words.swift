// Checks of what stands in the source: names that a room must not hold, comparisons, paths.

import Foundation

/// A name that is banned, where, and why.
struct Ban: Sendable {
    /// A regular expression, held against each line without its comment.
    let pattern: String
    let why: String
    /// Beginnings of paths where it is fine.
    var except: [String] = []
}

enum Words {
    /// Banned in every room of the product.
    static let bans = [
        Ban(
            pattern: #"\bimport Foundation"#,
            why: "no Foundation: size, start-up, copies of secrets"),
        Ban(
            pattern: #"(?<!Terminal\.)(?<!func )\breadLine\("#,
            why: "readLine makes a String of what may be a secret",
            except: ["Sources/CommandLineTool/Edge/Terminal.swift"]),
        Ban(pattern: #"\btry!"#, why: "a failure is an error or a broken invariant with words"),
        Ban(pattern: #"\bas!"#, why: "a failure is an error or a broken invariant with words"),
        Ban(pattern: #"\bfatalError\("#, why: "a broken invariant is a precondition failure"),
        Ban(pattern: #"\bProcessInfo\b"#, why: "the environment is read in Places"),
        Ban(
            pattern: #"\bCommandLine\.arguments\b"#, why: "arguments are read once",
            except: ["Sources/CommandLineTool/CofferTool.swift"]),
        Ban(
            pattern: #"\bRegex\b|\bNSRegularExpression\b"#,
            why: "patterns are matched in linear time"),
        Ban(
            pattern: #"\b(Codable|Encodable|Decodable)\b"#,
            why: "encodings are written out, byte for byte"),
        Ban(
            pattern: #"(?<![.\w])(print|debugPrint|dump|NSLog)\("#,
            why: "words leave through Console and OutputSink"),
        Ban(
            pattern: #"\bgetenv\("#, why: "the environment is read in Places",
            except: ["Sources/CommandLineTool/Edge/Places.swift"]),
        Ban(
            pattern: #"\b(EVP|HMAC|RAND|CRYPTO)_[A-Za-z]\w*\("#, why: "libcrypto has two doors",
            except: ["Sources/Sealing/OpenSSL.swift", "Sources/Sealing/Curve25519.swift"]),
        Ban(pattern: #"\bmemcmp\("#, why: "secrets are compared in constant time"),
        Ban(
            pattern: #"\bstatic (var|let) \w+(: \w+)? = [a-z]\w*\(\)"#,
            why: "a C structure made at compile time lacks its padding"),
    ]

    /// Words that say that something is not done yet; put together here, so as not to find itself.
    static let unfinished = [
        ["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["HA", "CK"], ["not imple", "mented"],
        ["unimple", "mented"],
    ].map { $0.joined() }

    /// A line without its comment. Two slashes behind a colon are an address.
    static func code(_ line: Substring) -> String {
        let text = String(line)
        guard text.contains("//"),
            let comment = text.range(of: #"(?<!:)//"#, options: .regularExpression)
        else { return text }
        return String(text[..<comment.lowerBound])
    }

    static func banned(_ file: TextFile, _ bans: [Ban] = bans) -> [Finding] {
        let here = bans.filter { ban in !ban.except.contains { file.path.hasPrefix($0) } }
        return file.lines.enumerated().flatMap { index, line in
            let code = code(line)
            return here.filter { code.range(of: $0.pattern, options: .regularExpression) != nil }
                .map { Finding(file, index + 1, $0.why) }
        }
    }

    static func unfinished(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            unfinished.filter { word in
                line.range(of: "\\b\(word)\\b", options: .regularExpression) != nil
            }.map { Finding(file, index + 1, "unfinished: \($0)") }
        }
    }

    /// `==` beside what must be compared in constant time: codes, digests, keys, commitments.
    static func comparisons(_ file: TextFile) -> [Finding] {
        let secret =
            #"(?:\w+\.)*(?:mac|hmac|code|digest|commitment|checksum|passphrase|rootKey|subKey"#
            + #"|secret|secrets|plaintext)(?:\.bytes)?"#
        let pattern = "(?<![\\w.])\(secret)\\s*[!=]=|[!=]=\\s*\(secret)(?![\\w.(?])"
        return file.lines.enumerated().filter { _, line in
            code(line).range(of: pattern, options: .regularExpression) != nil
        }.map { Finding(file, $0.offset + 1, "compared with == : \($0.element)") }
    }

    /// Hosts of package registries, in pieces, so as not to find itself.
    static let registries = [
        ["registry.npmjs", "org"], ["files.pythonhosted", "org"], ["pypi.org/", "simple"],
        ["index.crates", "io"], ["static.crates", "io"], ["proxy.golang", "org"],
        ["deb.debian", "org"], ["registry-1.docker", "io"], ["repo1.maven", "org"],
        ["rubygems", "org"], ["ghcr", "io"], ["goproxy", "io"],
    ].map { $0.joined(separator: $0[0].hasSuffix("/") ? "" : ".") }

    /// Paths of one machine, in pieces.
    static let machinePaths = [
        ["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"], ["/Us", "ers/"], ["/bash_", "jobs"],
        ["/opt/", "swift"],
    ].map { $0.joined() }

    static func places(_ file: TextFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            (registries + machinePaths).filter { line.contains($0) }
                .map { Finding(file, index + 1, "a place outside the project: \($0)") }
        }
    }
}
