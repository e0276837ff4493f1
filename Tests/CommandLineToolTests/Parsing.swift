// Command lines parsed, in a form that an expectation can hold.

import SecretMemory
import VaultModel

@testable import CommandLineTool

enum Parsed: Equatable {
    case run(String, operands: [String], command: [String]?)
    case help(String?)
    case version
    case refused(Complaint)
}

/// What a command line asks for, its words split at blanks.
func parsed(_ line: String) -> Parsed { parsed(line.split(separator: " ").map(String.init)) }

func parsed(_ words: [String]) -> Parsed {
    do throws(Complaint) {
        switch try VerbTable.parser.parse(words) {
        case .run(let call):
            return .run(call.verb.words, operands: call.operands, command: call.command)
        case .help(let verb): return .help(verb?.words)
        case .version: return .version
        }
    } catch {
        return .refused(error)
    }
}

/// The invocation of a command line that fits the grammar.
func invocation(_ words: [String]) throws -> Invocation {
    switch try VerbTable.parser.parse(words) {
    case .run(let call): return call
    case .help, .version: throw Complaint(.failed, "this asks for no command")
    }
}

func invocation(_ line: String) throws -> Invocation {
    try invocation(line.split(separator: " ").map(String.init))
}

/// The complaint of what must fail.
func complaint<R: ~Copyable>(of body: () throws -> R) -> Complaint? {
    do {
        _ = try body()
        return nil
    } catch let complaint as Complaint {
        return complaint
    } catch {
        return nil
    }
}

extension Complaint {
    /// Everything that a person would see of it.
    var everything: String { ([words] + hints).joined(separator: "\n") }
}

/// Whether `text` holds four bytes in a row of `secret`.
func reveals(_ text: String, _ secret: String) -> Bool {
    let (text, secret) = (Array(text.utf8), Array(secret.utf8))
    guard secret.count >= 4, text.count >= 4 else { return false }
    let runs = Set((0...secret.count - 4).map { Array(secret[$0..<$0 + 4]) })
    return (0...text.count - 4).contains { runs.contains(Array(text[$0..<$0 + 4])) }
}

/// The bytes of locked memory as an array.
func bytes(of secret: borrowing SecretBytes) -> [UInt8] {
    var bytes: [UInt8] = []
    let span = secret.bytes
    for index in span.indices { bytes.append(span[index]) }
    return bytes
}

func secret(_ bytes: [UInt8]) -> SecretBytes { SecretBytes(copying: bytes.span) }
func text(of secret: borrowing SecretBytes) -> String {
    String(decoding: bytes(of: secret), as: UTF8.self)
}
