// What other programs and issuers write, given any bytes.

import SecretMemory
import VaultModel

@testable import Issuers

extension Decoder {
    /// Every call of every profile that the program brings.
    private static let calls: [(profile: IssuerProfile, call: IssuerCall)] =
        BuiltInProfiles.ids.flatMap { id in
            guard let bytes = BuiltInProfiles.bytes(of: id),
                let profile = try? ProfileReader(bytes.span).profile(from: .builtIn)
            else { preconditionFailure("a profile of our own") }
            return profile.calls.map { (profile, $0) }
        }

    private static let statuses = [200, 201, 204, 400, 401, 404, 429, 503]

    /// An issuer's reply; the first byte says to which call, the second with which status. A token
    /// that is taken out of it can stand in a header.
    func reply(_ bytes: [UInt8]) {
        guard bytes.count > 1 else { return }
        let (profile, call) = Self.calls[Int(bytes[0]) % Self.calls.count]
        let body = Array(bytes.dropFirst(2))
        let reply = CallReply(
            status: Self.statuses[Int(bytes[1]) % Self.statuses.count],
            retryAfter: String(decoding: body.prefix(24), as: UTF8.self),
            body: SecretBytes(copying: body.span))
        switch call.read(reply, of: profile) {
        case .done(let result):
            switch result.takeToken() {
            case .some(let token):
                let isPlain = copy(token.bytes).allSatisfy { (0x21...0x7e).contains($0) }
                precondition(isPlain && !token.isEmpty, "a token that is no word")
            case .none: break
            }
        default: break
        }
    }

    /// The export of another store; the first byte says of which.
    func imported(_ bytes: [UInt8]) {
        guard let kind = bytes.first else { return }
        let formats = ImportFormat.allCases
        let format = formats[Int(kind) % formats.count]
        let text = Array(bytes.dropFirst())
        switch format.source {
        case .folder(let dialect):
            _ = try? PassEntry.read(text.span, at: ["folder", "entry"], dialect)
        default: _ = try? format.read(text.span)
        }
    }
}
