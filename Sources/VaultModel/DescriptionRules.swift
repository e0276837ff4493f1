// How a description changes, and the bounds it keeps. Pure: no clock, no file.

extension Metadata {
    /// Takes over what a new capture says, and its version. What the draft leaves empty stays.
    ///
    /// The bounds hold for old and new together: beyond them nothing is changed, for what breaks
    /// them could be stored but not read again.
    public mutating func take(
        _ draft: SecretDraft, _ version: VersionSummary, at time: Timestamp
    ) throws(VaultError) {
        var taken = self
        taken.issuer = draft.issuer
        taken.status = draft.status ?? status
        if !draft.label.isEmpty { taken.label = draft.label }
        if !draft.tags.isEmpty { taken.tags = Self.sorted(tags + draft.tags) }
        taken.expires = draft.expires
        taken.maximumAge = draft.maximumAge ?? maximumAge
        taken.isManagedElsewhere = draft.isManagedElsewhere
        taken.requiresReason = draft.requiresReason ?? requiresReason
        taken.requiresGrant = draft.requiresGrant || requiresGrant
        taken.versions.append(version)
        var merged = fields.merging(draft.fields) { _, new in new }
        // An empty text in the place of another one says that the new version has no such field.
        for (name, text) in draft.fields where text.isEmpty && fields[name] != nil {
            merged[name] = nil
        }
        taken.give(merged, to: version.number)
        taken.modified = time
        try Bounds.check(taken)
        self = taken
    }

    /// Adds a version that is not in use yet, with public fields of its own: what is given here is
    /// in the place of what the secret has. An empty text says that it has no such field.
    public mutating func wait(
        with ownFields: [FieldName: String], _ version: VersionSummary, at time: Timestamp
    ) throws(VaultError) {
        var waiting = self
        var version = version
        for (name, text) in ownFields where fields[name] != text {
            guard !text.isEmpty || fields[name] != nil else { continue }
            version.ownFields[name] = text.isEmpty ? .absent : .text(text)
        }
        waiting.versions.append(version)
        waiting.modified = time
        try Bounds.check(waiting)
        self = waiting
    }

    /// Makes the public fields of a version those of the secret. Each other version keeps what it
    /// had.
    public mutating func adoptFields(of number: UInt32) {
        guard let version = version(.number(number)) else { return }
        give(fields(of: version), to: number)
    }

    /// Gives the secret the public fields of one version; the others keep theirs.
    private mutating func give(_ new: [FieldName: String], to number: UInt32) {
        let changed = Set(fields.keys).union(new.keys).filter { fields[$0] != new[$0] }
        for place in versions.indices where versions[place].state != .destroyed {
            for name in changed where versions[place].ownFields[name] == nil {
                versions[place].ownFields[name] = fields[name].map(OwnField.text) ?? .absent
            }
            if versions[place].number == number { versions[place].ownFields = [:] }
        }
        fields = new
    }

    /// Adds a version that is not in use yet. What is said of the secret stays: `.nameTaken` if
    /// `draft` says something else, for then one of both would be lost. A rule that is stricter
    /// than the secret's is something else too: dropped, it would not hold for the new value; taken
    /// over, whoever can deposit could keep jobs from the value in use. A laxer one is not taken
    /// over either, and holds nothing up.
    public mutating func wait(
        for draft: SecretDraft, _ version: VersionSummary, at time: Timestamp
    ) throws(VaultError) {
        let isKnown = draft.fields.allSatisfy { fields[$0.key] == $0.value }
        guard isKnown, draft.issuer == issuer || draft.issuer == .generic,
            draft.label.isEmpty || draft.label == label,
            draft.expires == nil || draft.expires == expires,
            Set(draft.tags).isSubset(of: tags), !isStricter(draft)
        else { throw .nameTaken(name) }
        versions.append(version)
        modified = time
    }

    /// Whether the rules of `draft` forbid or demand what those of this secret do not.
    private func isStricter(_ draft: SecretDraft) -> Bool {
        let isSooner = draft.maximumAge.map { $0 < maximumAge ?? .max } ?? false
        return isSooner || draft.requiresReason == true && !requiresReason
            || draft.requiresGrant && !requiresGrant
            || draft.isManagedElsewhere && !isManagedElsewhere
            || draft.status == .disabled && status == .enabled
    }

    /// Drops the value of a version. It stays in the list while it is the last, so that its number
    /// is not given again.
    public mutating func destroy(_ number: UInt32) {
        lose([number])
        let last = versions.last?.number
        versions.removeAll { $0.state == .destroyed && $0.number != last }
    }

    /// Marks versions whose values are gone.
    public mutating func lose(_ numbers: Set<UInt32>) {
        for index in versions.indices where numbers.contains(versions[index].number) {
            versions[index].state = .destroyed
            versions[index].ownFields = [:]
        }
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
        var changed = self
        switch change {
        case .label(let text): changed.label = text
        case .set(let field, let value):
            try refuseSecret(field)
            changed.fields[field] = value
        case .setOfCurrent(let field, let value):
            try refuseSecret(field)
            guard let current = version(.current) else { throw .versionMissing(name, .current) }
            changed.give(fields.merging([field: value]) { $1 }, to: current.number)
        case .unset(let field):
            guard changed.fields.removeValue(forKey: field) != nil else {
                throw .fieldMissing(name, field)
            }
        case .tag(let tag): changed.tags = Self.sorted(tags + [tag])
        case .untag(let tag): changed.tags.removeAll { $0 == tag }
        case .expires(let time): changed.expires = time
        case .maximumAge(let seconds): changed.maximumAge = seconds
        case .managedElsewhere(let isManaged): changed.isManagedElsewhere = isManaged
        case .requiresReason(let isRequired): changed.requiresReason = isRequired
        case .requiresGrant(let isRequired): changed.requiresGrant = isRequired
        case .status(let status): changed.status = status
        }
        try Bounds.check(changed)
        self = changed
    }

    private func refuseSecret(_ field: FieldName) throws(VaultError) {
        guard !versions.contains(where: { $0.fields.contains(field) }) else {
            throw .fieldIsSecret(name, field)
        }
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
    static func check(_ metadata: Metadata) throws(VaultError) {
        try check(label: metadata.label, fields: metadata.fields, tags: metadata.tags)
        guard OwnFieldCoding.areWithinBounds(metadata.versions) else { throw .metadataTooLong }
    }

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
