// A line of a list: what is said of a secret where only names are wanted.

/// A name, and what is unusual about its secret.
public struct ListedName: Hashable, Sendable {
    public let name: SecretName
    public let issuer: IssuerID
    public let isDisabled: Bool
    public let isManagedElsewhere: Bool

    public init(
        name: SecretName, issuer: IssuerID, isDisabled: Bool = false,
        isManagedElsewhere: Bool = false
    ) {
        self.name = name
        self.issuer = issuer
        self.isDisabled = isDisabled
        self.isManagedElsewhere = isManagedElsewhere
    }

    public init(_ secret: Metadata) {
        self.init(
            name: secret.name, issuer: secret.issuer, isDisabled: secret.status == .disabled,
            isManagedElsewhere: secret.isManagedElsewhere)
    }

    /// The flags of the packed form.
    private static let (disabled, managed) = (UInt8(1), UInt8(2))

    /// `u8 length ‖ name ‖ u8 length ‖ issuer ‖ u8 flags`: what an agent keeps and sends.
    public func pack(into add: (Span<UInt8>) -> Void) {
        let flags =
            (isDisabled ? Self.disabled : 0) | (isManagedElsewhere ? Self.managed : 0)
        for var text in [name.text, issuer.text] {
            text.withUTF8 { utf8 in
                add(CollectionOfOne(UInt8(utf8.count)).span)
                unsafe add(utf8.span)
            }
        }
        add(CollectionOfOne(flags).span)
    }

    /// The names in packed bytes; nil unless they are exactly that.
    public static func unpack(_ bytes: Span<UInt8>) -> [ListedName]? {
        var reader = CanonicalReader(bytes)
        var found: [ListedName] = []
        while !reader.isAtEnd {
            guard let name = reader.shortText().flatMap(SecretName.init),
                let issuer = reader.shortText().flatMap(IssuerID.init),
                let flags = reader.number(UInt8.self), flags <= disabled | managed
            else { return nil }
            found.append(
                ListedName(
                    name: name, issuer: issuer, isDisabled: flags & disabled != 0,
                    isManagedElsewhere: flags & managed != 0))
        }
        return found
    }
}

/// Names in their order, and how many descriptions did not open.
public struct NameList: Hashable, Sendable {
    public var names: [ListedName]
    public var damaged: Int

    public init(names: [ListedName], damaged: Int) {
        self.names = names
        self.damaged = damaged
    }
}

extension CanonicalReader {
    /// `u8 length ‖ text`
    @_lifetime(self: copy self)
    fileprivate mutating func shortText() -> String? {
        guard let length = number(UInt8.self) else { return nil }
        return bytes(Int(length)).flatMap { String(validUTF8: $0.span) }
    }
}
