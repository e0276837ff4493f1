// Reading what takes the place of a profile's credentials.

internal import VaultModel

extension ProfileReader {
    func successors(
        of root: Int, _ fields: [ProfileField], _ id: IssuerID
    ) throws(ProfileDiagnostic) -> [Successor] {
        guard let list = document.member("successors", of: root) else { return [] }
        var successors: [Successor] = []
        for node in try array(list) {
            try check(
                node, keys: ["issuer", "reason", "fields", "environment", "setup", "stops"])
            let place = try need("issuer", of: node)
            guard let issuer = IssuerID(try string(place)) else {
                throw finding(place, "\"issuer\" is 1 to 64 of a-z, 0-9 and -")
            }
            guard issuer != id, !successors.contains(where: { $0.issuer == issuer }) else {
                throw finding(place, "\"issuer\" is another profile, each once")
            }
            successors.append(
                Successor(
                    issuer: issuer, reason: try optionalString("reason", of: node),
                    sources: try sources(of: node, fields),
                    environment: try replacements(of: node),
                    setup: try lines("setup", of: node), stops: try lines("stops", of: node)))
        }
        return successors
    }

    /// Public fields alone: a secret is the issuer's to make anew.
    private func sources(
        of node: Int, _ fields: [ProfileField]
    ) throws(ProfileDiagnostic) -> [FieldName: Successor.Source] {
        var sources: [FieldName: Successor.Source] = [:]
        for member in try members("fields", of: node) {
            guard let name = FieldName(document[member].key) else {
                throw finding(member, "this is no name of a field")
            }
            try check(member, keys: ["from", "texts"])
            let place = try need("from", of: member)
            guard let source = FieldName(try string(place)),
                fields.contains(where: { $0.name == source && $0.role == .publicField })
            else { throw finding(place, "\"from\" names no public field") }
            var texts: [String: String]?
            if document.member("texts", of: member) != nil {
                texts = try self.texts(of: member)
            }
            sources[name] = Successor.Source(field: source, texts: texts)
        }
        return sources
    }

    private func texts(of node: Int) throws(ProfileDiagnostic) -> [String: String] {
        var texts: [String: String] = [:]
        for member in try members("texts", of: node) {
            texts[document[member].key] = try string(member)
        }
        return texts
    }

    private func replacements(of node: Int) throws(ProfileDiagnostic) -> [String: String] {
        var variables: [String: String] = [:]
        for member in try members("environment", of: node) {
            let (old, new) = (document[member].key, try string(member))
            guard EnvironmentName.isUsable(old), EnvironmentName.isUsable(new) else {
                throw finding(member, "this is no variable that a profile may set")
            }
            variables[old] = new
        }
        return variables
    }

    private func lines(_ key: String, of node: Int) throws(ProfileDiagnostic) -> [String] {
        guard let list = document.member(key, of: node) else { return [] }
        var lines: [String] = []
        for line in try array(list) { lines.append(try string(line)) }
        return lines
    }
}
