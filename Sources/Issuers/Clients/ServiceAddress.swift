// Where a credential is used: how a host is spoken to, which one, and where on it.

/// An address such as `https://example.com:8443/team`, or `example.com` alone.
public struct ServiceAddress: Hashable, Sendable {
    /// In lower case; nil if it is not said.
    public let scheme: String?
    /// In lower case, with its port unless that is the scheme's own.
    public let host: String
    /// The parts between slashes.
    public let path: [String]

    /// Reads an address as people and exports write it. Nil if there is no host in it, or anything
    /// that no address has.
    public init?(_ text: String) {
        var rest = text[...]
        var scheme: String?
        if let mark = text.range(of: "://") {
            scheme = String(text[..<mark.lower])
            rest = text[mark.upper...]
        }
        rest = rest.prefix { $0 != "?" && $0 != "#" }
        let authority = rest.prefix { $0 != "/" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let path = rest.dropFirst(authority.count)
        self.init(scheme: scheme, host: String(host), path: String(path))
    }

    public init?(scheme: String?, host: String, path: String = "") {
        let known = scheme?.lowercased()
        if let known {
            guard !known.isEmpty, known.utf8.allSatisfy(Self.isOfScheme) else { return nil }
        }
        let end = known == "http" ? ":80" : ":443"
        let isWeb = known == nil || known == "https" || known == "http"
        let name = host.lowercased()
        self.scheme = known
        self.host = isWeb && name.hasSuffix(end) ? String(name.dropLast(end.count)) : name
        self.path = path.split(separator: "/").map(String.init)
        guard !self.host.isEmpty, self.host.utf8.count <= 1_024,
            self.host.utf8.allSatisfy(Self.isOfHost)
        else { return nil }
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "+-.".utf8.contains(byte)
    }

    /// Names in other scripts too: what is compared is the same bytes.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "._:-[]%".utf8.contains(byte) || byte >= 0x80
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x30...0x39).contains(byte)
    }

    /// How many parts of a path agree if what is kept for this address may be used at `place`; nil
    /// if it may not. Hosts and ports must be the same. What is kept for a host alone is used over
    /// TLS only: over plain HTTP it would be seen by whoever listens.
    public func fit(_ place: ServiceAddress) -> Int? {
        guard host == place.host, (scheme ?? "https") == (place.scheme ?? "https") else {
            return nil
        }
        // Clients that do not tell the path want what there is for the host.
        guard !path.isEmpty, !place.path.isEmpty else { return 0 }
        return place.path.starts(with: path) ? path.count : nil
    }

    /// Whether both are the same place, and TLS where nothing is said.
    public func isSame(as other: ServiceAddress) -> Bool {
        host == other.host && path == other.path
            && (scheme ?? "https") == (other.scheme ?? "https")
    }
}

extension String {
    /// Where `mark` begins first, and what is behind it.
    fileprivate func range(of mark: String) -> (lower: Index, upper: Index)? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(mark) { return (start, index(start, offsetBy: mark.count)) }
            start = index(after: start)
        }
        return nil
    }
}
