// How a description changes, and the bounds it keeps. Pure: no clock, no file.

extension Metadata {
    /// Takes over what a new capture says, and its version. What the draft leaves empty stays.
    public mutating func take(_ draft: SecretDraft, _ version: VersionSummary, at time: Timestamp) {
        issuer = draft.issuer
        status = draft.status
        fields.merge(draft.fields) { _, new in new }
        if !draft.label.isEmpty { label = draft.label }
        if !draft.tags.isEmpty { tags = Self.sorted(tags + draft.tags) }
        expires = draft.expires
        maximumAge = draft.maximumAge ?? maximumAge
        isManagedElsewhere = draft.isManagedElsewhere
        versions.append(version)
        modified = time
    }

    /// Makes room for a new current version: current becomes previous, previous becomes retired.
    /// Returns the version numbers by the state they now have.
    public mutating func supersede() -> [(state: VersionState, numbers: [UInt32])] {
        var moved: [(state: VersionState, numbers: [UInt32])] = [(.retired, []), (.previous, [])]
        for index in versions.indices {
            switch versions[index].state {
            case .previous:
                versions[index].state = .retired
                moved[0].numbers.append(versions[index].number)
            case .current:
                versions[index].state = .previous
                moved[1].numbers.append(versions[index].number)
            case .pending, .retired, .destroyed: continue
            }
        }
        return moved
    }

    /// Applies one change; bounds are checked and a change that breaks them is not made.
    public mutating func apply(_ change: DescriptionChange) throws(VaultError) {
        switch change {
        case .label(let text): label = text
        case .set(let field, let value):
            guard !versions.contains(where: { $0.fields.contains(field) }) else {
                throw .fieldIsSecret(name, field)
            }
            fields[field] = value
        case .unset(let field):
            guard fields.removeValue(forKey: field) != nil else {
                throw .fieldMissing(name, field)
            }
        case .tag(let tag): tags = Self.sorted(tags + [tag])
        case .untag(let tag): tags.removeAll { $0 == tag }
        case .expires(let time): expires = time
        case .maximumAge(let seconds): maximumAge = seconds
        case .managedElsewhere(let isManaged): isManagedElsewhere = isManaged
        case .status(let status): self.status = status
        }
        try checkBounds()
    }

    /// Fails with `.metadataTooLong` if it is beyond its bounds, as one that was taken over from
    /// several drafts can be: it could be sealed, and never read again.
    public func checkBounds() throws(VaultError) {
        try Bounds.check(label: label, fields: fields, tags: tags)
    }

    /// Sorted by their bytes, each once.
    private static func sorted(_ tags: [String]) -> [String] {
        Set(tags).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension SecretDraft {
    /// Fails with `.metadataTooLong` if a text is beyond the bounds that `Metadata` states.
    public func checkBounds() throws(VaultError) {
        try Bounds.check(label: label, fields: fields, tags: tags)
    }
}

private enum Bounds {
    static func check(
        label: String, fields: [FieldName: String], tags: [String]
    ) throws(VaultError) {
        guard label.utf8.count <= Metadata.longestLabel,
            fields.count <= Metadata.mostEntries, tags.count <= Metadata.mostEntries,
            fields.values.allSatisfy({ $0.utf8.count <= Metadata.longestField }),
            tags.allSatisfy({ (1...Metadata.longestTag).contains($0.utf8.count) })
        else { throw .metadataTooLong }
    }
}
