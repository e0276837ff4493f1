// What a capture took in, and what is left to do and to say once it is stored.

internal import Issuers
internal import SecretMemory
internal import VaultModel

struct Captured: ~Copyable {
    var draft: SecretDraft
    let secrets: SecretFields
    let ending: Ending
    /// What is to be said about it; it speaks of a secret that is stored.
    var remarks: [String] = []
    /// What the issuing command said to people.
    var messages = Messages()

    /// What is left to do after the receipt.
    enum Ending {
        case done
        case clear(ClipboardContent)
        case complain(Complaint)
        /// The issuing command's own exit code.
        case passOn(Int32)

        /// Whether it ends us with words or a code that are not about the issuer.
        var isForeign: Bool {
            switch self {
            case .done, .clear: false
            case .complain, .passOn: true
            }
        }
    }

    /// Says what was kept back until the secret was safe.
    borrowing func speak() {
        messages.show(hiding: secrets)
        for remark in remarks { Console.warn(remark) }
    }
}
