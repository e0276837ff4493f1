// The XML that KeePass and KeePassXC export: groups of entries, entries of strings.

internal import SecretMemory
internal import VaultModel

struct KeePassXML {
    private var batch = ImportBatch()
    /// The group whose entries were thrown away, in base64, or nil.
    private var bin: String?

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var reader = try XMLReader(text)
        guard reader.isNamed("KeePassFile") else {
            throw ImportDefect("its root is no KeePassFile", line: 1)
        }
        var reading = KeePassXML()
        while try reader.child() {
            if reader.isNamed("Meta") {
                try reading.meta(&reader)
            } else if reader.isNamed("Root") {
                try reading.root(&reader)
            } else if try reader.skip() {
                reading.batch.leaveOutPart(of: database)
            }
        }
        try reader.end()
        if reader.hasComments { reading.batch.leaveOutComments() }
        return reading.batch
    }

    /// What stands outside of all groups is said under this title.
    private static let database = "the database"

    @_lifetime(reader: copy reader)
    private mutating func root(_ reader: inout XMLReader) throws(ImportDefect) {
        while try reader.child() {
            if reader.isNamed("Group") {
                try group(&reader, in: nil)
            } else if reader.isNamed("DeletedObjects") {
                try reader.skip()
            } else if try reader.skip() {
                batch.leaveOutPart(of: Self.database)
            }
        }
    }

    @_lifetime(reader: copy reader)
    private mutating func meta(_ reader: inout XMLReader) throws(ImportDefect) {
        while try reader.child() {
            if reader.isNamed("RecycleBinUUID") {
                bin = try Self.word(&reader)
            } else if reader.isNamed("CustomData") {
                if try Self.holdsData(&reader) { batch.leaveOutPart(of: Self.database) }
            } else if reader.isNamed("Binaries") {
                if try reader.skip() { batch.leaveOut(Self.database, "its attached files") }
            } else if reader.isNamed(oneOf: Self.harmlessOfMeta) {
                try reader.skip()
            } else if try reader.skip() {
                batch.leaveOutPart(of: Self.database)
            }
        }
    }

    /// A group; the outermost one, which is named like the database, gives no part of a name.
    @_lifetime(reader: copy reader)
    private mutating func group(
        _ reader: inout XMLReader, in parent: [String]?
    ) throws(ImportDefect) {
        var path = parent ?? []
        var (hasNotes, hasOther) = (false, false)
        while try reader.child() {
            if reader.isNamed("UUID") {
                let identifier = try Self.word(&reader)
                if let bin, identifier == bin, parent != nil { return try leaveBin(&reader) }
            } else if reader.isNamed("Name") {
                let name = try Self.word(&reader)
                if let parent { path = parent + [name] }
            } else if reader.isNamed("Notes") {
                hasNotes = try !reader.leaf().isEmpty || hasNotes
            } else if reader.isNamed("Entry") {
                try entry(&reader, in: path)
            } else if reader.isNamed("Group") {
                try group(&reader, in: path)
            } else if reader.isNamed("CustomData") {
                hasOther = try Self.holdsData(&reader) || hasOther
            } else if reader.isNamed(oneOf: Self.harmlessOfGroup) {
                try reader.skip()
            } else {
                hasOther = try reader.skip() || hasOther
            }
        }
        let title = path.isEmpty ? Self.database : path.joined(separator: "/")
        if hasNotes { batch.leaveOut(title, "the notes of the group") }
        if hasOther { batch.leaveOutPart(of: title) }
    }

    /// What was thrown away is no credential any more.
    @_lifetime(reader: copy reader)
    private mutating func leaveBin(_ reader: inout XMLReader) throws(ImportDefect) {
        var isFilled = false
        while try reader.child() {
            let isHarmless = reader.isNamed("Name") || reader.isNamed(oneOf: Self.harmlessOfGroup)
            let hasText = try reader.skip()
            isFilled = isFilled || hasText && !isHarmless
        }
        if isFilled { batch.leaveOut("recycle bin", "it was thrown away") }
    }

    @_lifetime(reader: copy reader)
    private mutating func entry(
        _ reader: inout XMLReader, in path: [String]
    ) throws(ImportDefect) {
        let found = FoundCredential(path)
        var parts = EntryParts()
        while try reader.child() {
            if reader.isNamed("String") {
                try Self.string(&reader, into: found, &parts)
            } else if reader.isNamed("Tags") {
                parts.tags = try Self.word(&reader)
            } else if reader.isNamed("Times") {
                found.expires = try Self.expiry(&reader)
            } else if reader.isNamed("Binary") {
                parts.hasFiles = true
                try reader.skip()
            } else if reader.isNamed("History") {
                parts.hasHistory = try Self.holdsEntries(&reader) || parts.hasHistory
            } else if reader.isNamed("AutoType") {
                parts.hasSequences = try Self.holdsSequences(&reader) || parts.hasSequences
            } else if reader.isNamed("CustomData") {
                parts.hasOther = try Self.holdsData(&reader) || parts.hasOther
            } else if reader.isNamed(oneOf: Self.harmlessOfEntry) {
                try reader.skip()
            } else {
                parts.hasOther = try reader.skip() || parts.hasOther
            }
        }
        found.path.append(parts.title.flatMap { $0.isEmpty ? nil : $0 } ?? "untitled")
        leaveOut(parts, of: found)
        try batch.take(found)
    }

    /// Takes the tags, and says what is not taken.
    private mutating func leaveOut(_ parts: EntryParts, of found: FoundCredential) {
        for tag in parts.tags.split(whereSeparator: { $0 == ";" || $0 == "," }) {
            if !found.add(tag: String(tag)) { batch.leaveOut(found.title, "a tag is too long") }
        }
        if parts.hasHistory { batch.leaveOut(found.title, "its older versions") }
        if parts.hasFiles { batch.leaveOut(found.title, "its attached files") }
        if parts.hasSequences { batch.leaveOut(found.title, "its auto-type sequences") }
        if parts.hasOther { batch.leaveOutPart(of: found.title) }
    }
}

/// What was seen of an entry besides its fields.
private struct EntryParts {
    var title: String?
    var tags = ""
    var (hasHistory, hasFiles, hasSequences, hasOther) = (false, false, false, false)
}

// Within an entry.
extension KeePassXML {
    @_lifetime(reader: copy reader)
    private static func string(
        _ reader: inout XMLReader, into found: FoundCredential, _ parts: inout EntryParts
    ) throws(ImportDefect) {
        var key: String?
        var value = SecretBytes()
        var (hasValue, isProtected) = (false, false)
        while try reader.child() {
            if reader.isNamed("Key") {
                guard key == nil else { throw reader.defect("a field has two names") }
                key = try word(&reader)
            } else if reader.isNamed("Value") {
                guard !hasValue else { throw reader.defect("a field has two values") }
                hasValue = true
                guard !reader.isSet("Protected") else {
                    throw reader.defect("a value is still encrypted: export the database as XML")
                }
                isProtected = reader.isSet("ProtectInMemory")
                if reader.hasAttribute(outside: ["Protected", "ProtectInMemory"]) {
                    parts.hasOther = true
                }
                value = try reader.leaf()
            } else {
                parts.hasOther = try reader.skip() || parts.hasOther
            }
        }
        switch key ?? "" {
        case "Title":
            guard parts.title == nil else { throw reader.defect("an entry has two titles") }
            parts.title = String(validUTF8: value.bytes)
        case "Password": try found.add(secret: "secret", value.bytes)
        case "UserName": try found.add("username", value.bytes)
        case "URL": try found.add("url", value.bytes)
        case "Notes": try found.add(secret: "notes", value.bytes)
        case let name where isProtected: try found.add(secret: name, value.bytes)
        case let name: try found.add(name, value.bytes)
        }
    }

    /// When an entry expires; nil if it does not. A time that cannot be read is a defect: it must
    /// not be lost.
    @_lifetime(reader: copy reader)
    private static func expiry(_ reader: inout XMLReader) throws(ImportDefect) -> Timestamp? {
        var expires = SecretBytes()
        var time = ""
        while try reader.child() {
            if reader.isNamed("Expires") {
                expires = try reader.leaf()
            } else if reader.isNamed("ExpiryTime") {
                time = try word(&reader)
            } else {
                try reader.skip()
            }
        }
        guard XMLFlag.isYes(expires.bytes) else {
            guard XMLFlag.isNo(expires.bytes) else {
                throw reader.defect("whether an entry expires cannot be read")
            }
            return nil
        }
        guard let timestamp = Timestamp(iso8601: time) else {
            throw reader.defect("the time at which an entry expires cannot be read")
        }
        return timestamp
    }

    @_lifetime(reader: copy reader)
    private static func holdsEntries(_ reader: inout XMLReader) throws(ImportDefect) -> Bool {
        var isFilled = false
        while try reader.child() {
            isFilled = true
            try reader.skip()
        }
        return isFilled
    }

    /// Whether there are keystrokes of one's own, in which a secret may stand.
    @_lifetime(reader: copy reader)
    private static func holdsSequences(_ reader: inout XMLReader) throws(ImportDefect) -> Bool {
        var isFilled = false
        while try reader.child() {
            let isHarmless = reader.isNamed(oneOf: ["Enabled", "DataTransferObfuscation"])
            let hasText = try reader.skip()
            isFilled = isFilled || hasText && !isHarmless
        }
        return isFilled
    }

    /// Whether plugins left anything but what KeePassXC notes of times and of its settings.
    @_lifetime(reader: copy reader)
    private static func holdsData(_ reader: inout XMLReader) throws(ImportDefect) -> Bool {
        var isFilled = false
        while try reader.child() {
            var (key, hasText) = ("", false)
            guard reader.isNamed("Item") else {
                isFilled = try reader.skip() || isFilled
                continue
            }
            while try reader.child() {
                if reader.isNamed("Key") {
                    key = try word(&reader)
                } else if reader.isNamed("LastModificationTime") {
                    try reader.skip()
                } else {
                    hasText = try reader.skip() || hasText
                }
            }
            isFilled = isFilled || hasText && !harmlessData.contains(key)
        }
        return isFilled
    }

    /// A text that is no secret.
    @_lifetime(reader: copy reader)
    private static func word(_ reader: inout XMLReader) throws(ImportDefect) -> String {
        let value = try reader.leaf()
        guard value.count <= 4_096 else { throw reader.defect("a name is too long") }
        return String(validUTF8: value.bytes) ?? ""
    }
}

// Elements in which no secret stands.
extension KeePassXML {
    private static let harmlessOfMeta: [StaticString] = [
        "Generator", "HeaderHash", "SettingsChanged", "DatabaseName", "DatabaseNameChanged",
        "DatabaseDescriptionChanged", "DefaultUserName", "DefaultUserNameChanged",
        "MaintenanceHistoryDays", "Color", "MasterKeyChanged", "MasterKeyChangeRec",
        "MasterKeyChangeForce", "MasterKeyChangeForceOnce", "MemoryProtection", "CustomIcons",
        "RecycleBinEnabled", "RecycleBinChanged", "EntryTemplatesGroup",
        "EntryTemplatesGroupChanged", "HistoryMaxItems", "HistoryMaxSize", "LastSelectedGroup",
        "LastTopVisibleGroup",
    ]
    private static let harmlessOfGroup: [StaticString] = [
        "IconID", "CustomIconUUID", "Times", "IsExpanded", "EnableAutoType", "EnableSearching",
        "LastTopVisibleEntry", "PreviousParentGroup",
    ]
    private static let harmlessOfEntry: [StaticString] = [
        "UUID", "IconID", "CustomIconUUID", "ForegroundColor", "BackgroundColor", "QualityCheck",
        "PreviousParentGroup",
    ]
    private static let harmlessData: Set<String> = [
        "_LAST_MODIFIED", "_CREATED", "KPXC_DECRYPTION_TIME_PREFERENCE", "KPXC_RANDOM_SLUG",
    ]
}
