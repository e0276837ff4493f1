// What an import found, out of locked memory, so that an expectation can hold it.

import Issuers
import SecretMemory
import VaultModel

/// One credential.
struct Imported: Equatable {
    var title: String
    var issuer = "generic"
    var fields: [String: String] = [:]
    var secrets: [String: [UInt8]] = [:]
    var tags: [String] = []

    init(
        _ title: String, issuer: String = "generic", _ fields: [String: String] = [:],
        secret secrets: [String: String], tags: [String] = []
    ) {
        self.title = title
        self.issuer = issuer
        self.fields = fields
        self.secrets = secrets.mapValues { Array($0.utf8) }
        self.tags = tags
    }

    init(_ found: FoundCredential) {
        title = found.title
        issuer = found.issuer.text
        for (name, value) in found.fields { fields[name.text] = value }
        tags = found.tags
        let taken = found.takeSecrets()
        for name in taken.names { secrets[name.text] = bytes(of: taken.value(of: name)) }
    }
}

/// Reads a text; `leftOut` is what stays behind, as `title: why`.
func read(
    _ format: ImportFormat, _ text: String
) throws -> (found: [Imported], leftOut: [String]) {
    let text = Array(text.utf8)
    let batch = try format.read(text.span)
    return (batch.credentials.map(Imported.init), batch.leftOut.map { "\($0.title): \($0.why)" })
}

/// The line and the words of the defect of a text, or nil if it is read.
func defect(_ format: ImportFormat, _ text: String) -> String? {
    do {
        _ = try read(format, text)
        return nil
    } catch let defect as ImportDefect {
        return "\(defect.line): \(defect.words)"
    } catch {
        return "\(error)"
    }
}
