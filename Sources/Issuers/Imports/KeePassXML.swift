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
                while try reader.child() {
                    if reader.isNamed("Group") {
                        try reading.group(&reader, in: nil)
                    } else {
                        try reader.skip()
                    }
                }
            } else {
                try reader.skip()
            }
        }
        try reader.end()
        return reading.batch
    }

    @_lifetime(reader: copy reader)
    private mutating func meta(_ reader: inout XMLReader) throws(ImportDefect) {
        while try reader.child() {
            if reader.isNamed("RecycleBinUUID") {
                bin = try Self.word(&reader)
            } else {
                try reader.skip()
            }
        }
    }

    /// A group; the outermost one, which is named like the database, gives no part of a name.
    @_lifetime(reader: copy reader)
    private mutating func group(
        _ reader: inout XMLReader, in parent: [String]?
    ) throws(ImportDefect) {
        var path = parent ?? []
        while try reader.child() {
            if reader.isNamed("UUID") {
                let identifier = try Self.word(&reader)
                if let bin, identifier == bin, parent != nil { return try leaveBin(&reader) }
            } else if reader.isNamed("Name") {
                let name = try Self.word(&reader)
                if let parent { path = parent + [name] }
            } else if reader.isNamed("Notes") {
                let notes = try reader.leaf()
                if !notes.isEmpty {
                    batch.leaveOut(path.joined(separator: "/"), "the notes of the group")
                }
            } else if reader.isNamed("Entry") {
                try entry(&reader, in: path)
            } else if reader.isNamed("Group") {
                try group(&reader, in: path)
            } else {
                try reader.skip()
            }
        }
    }

    /// What was thrown away is no credential any more.
    @_lifetime(reader: copy reader)
    private mutating func leaveBin(_ reader: inout XMLReader) throws(ImportDefect) {
        var isFilled = false
        while try reader.child() {
            isFilled = isFilled || reader.isNamed("Entry") || reader.isNamed("Group")
            try reader.skip()
        }
        if isFilled { batch.leaveOut("recycle bin", "it was thrown away") }
    }

    @_lifetime(reader: copy reader)
    private mutating func entry(
        _ reader: inout XMLReader, in path: [String]
    ) throws(ImportDefect) {
        let found = FoundCredential(path)
        var (title, tags) = ("", "")
        var (hasHistory, hasFiles) = (false, false)
        while try reader.child() {
            if reader.isNamed("String") {
                if let name = try Self.string(&reader, into: found) { title = name }
            } else if reader.isNamed("Tags") {
                tags = try Self.word(&reader)
            } else if reader.isNamed("Times") {
                found.expires = try Self.expiry(&reader)
            } else {
                hasFiles = hasFiles || reader.isNamed("Binary")
                if reader.isNamed("History") {
                    hasHistory = try Self.holdsEntries(&reader) || hasHistory
                } else {
                    try reader.skip()
                }
            }
        }
        found.path.append(title.isEmpty ? "untitled" : title)
        for tag in tags.split(whereSeparator: { $0 == ";" || $0 == "," }) {
            if !found.add(tag: String(tag)) { batch.leaveOut(found.title, "a tag is too long") }
        }
        if hasHistory { batch.leaveOut(found.title, "its older versions") }
        if hasFiles { batch.leaveOut(found.title, "its attached files") }
        try batch.take(found)
    }

    /// Reads one `String`; returns its value if it is the title.
    @_lifetime(reader: copy reader)
    private static func string(
        _ reader: inout XMLReader, into found: FoundCredential
    ) throws(ImportDefect) -> String? {
        var key = ""
        var value = SecretBytes()
        var isProtected = false
        while try reader.child() {
            if reader.isNamed("Key") {
                key = try word(&reader)
            } else if reader.isNamed("Value") {
                guard !reader.has("Protected", "True") else {
                    throw reader.defect("a value is still encrypted: export the database as XML")
                }
                isProtected = reader.has("ProtectInMemory", "True")
                value = try reader.leaf()
            } else {
                try reader.skip()
            }
        }
        switch key {
        case "Title": return String(validUTF8: value.bytes)
        case "Password": try found.add(secret: "secret", value.bytes)
        case "UserName": try found.add("username", value.bytes)
        case "URL": try found.add("url", value.bytes)
        case "Notes": try found.add(secret: "notes", value.bytes)
        default:
            if isProtected {
                try found.add(secret: key, value.bytes)
            } else {
                try found.add(key, value.bytes)
            }
        }
        return nil
    }

    /// When an entry expires; nil if it does not. A time that cannot be read is a defect: it must
    /// not be lost.
    @_lifetime(reader: copy reader)
    private static func expiry(_ reader: inout XMLReader) throws(ImportDefect) -> Timestamp? {
        var (expires, time) = ("", "")
        while try reader.child() {
            if reader.isNamed("Expires") {
                expires = try word(&reader)
            } else if reader.isNamed("ExpiryTime") {
                time = try word(&reader)
            } else {
                try reader.skip()
            }
        }
        guard expires == "True" else { return nil }
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

    /// A text that is no secret.
    @_lifetime(reader: copy reader)
    private static func word(_ reader: inout XMLReader) throws(ImportDefect) -> String {
        let value = try reader.leaf()
        guard value.count <= 4_096 else { throw reader.defect("a name is too long") }
        return String(validUTF8: value.bytes) ?? ""
    }
}
