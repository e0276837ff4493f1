// What a client of Kubernetes says to a program that it asks for a credential.

/// The variable KUBERNETES_EXEC_INFO: `ExecCredential` of client.authentication.k8s.io.
public struct ExecRequest: Hashable, Sendable {
    /// The form of the answer, such as `client.authentication.k8s.io/v1`.
    public let version: String
    /// Whether the program may ask a person; older clients do not say.
    public let isInteractive: Bool

    private static let group = "client.authentication.k8s.io/"
    private static let versions = ["v1", "v1beta1"].map { group + $0 }

    /// A client that says nothing is answered in the form v1.
    public init(_ text: String?) throws(ClientDefect) {
        guard let text else {
            version = Self.versions[0]
            isInteractive = true
            return
        }
        let bytes = Array(text.utf8)
        let json: JSONDocument
        do throws(JSONParsing) { json = try JSONDocument(bytes.span) } catch {
            throw ClientDefect(error.defect)
        }
        guard let node = json.member("apiVersion", of: JSONDocument.root),
            let asked = json.string(node, in: bytes.span)
        else { throw ClientDefect("it has no \"apiVersion\"") }
        guard Self.versions.contains(asked) else {
            throw ClientDefect("its \"apiVersion\" is neither v1 nor v1beta1")
        }
        version = asked
        let interactive = json.node(at: ["spec", "interactive"])
        isInteractive = interactive.flatMap { json.string($0, in: bytes.span) } != "false"
    }
}
