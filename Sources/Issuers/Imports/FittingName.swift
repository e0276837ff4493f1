// Names of other stores in the grammar of ours.

public import VaultModel

/// The nearest name that the grammar allows.
public enum FittingName {
    /// The parts of a name joined by `/`: characters that no name has become `-`, parts that are no
    /// part become `_`; cut to `longest` bytes.
    public static func secret(_ path: [String], longest: Int = SecretName.longest) -> String {
        var parts: [String] = []
        for part in path.flatMap({ $0.split(separator: "/") }) {
            let fitting = Self.part(part)
            if !fitting.isEmpty { parts.append(fitting) }
        }
        var name = String(parts.joined(separator: "/").utf8.prefix(longest)) ?? ""
        while name.hasSuffix("/") { name.removeLast() }
        return SecretName(name) == nil ? unnamed : name
    }

    private static let unnamed = "unnamed"

    private static func part(_ part: Substring) -> String {
        var kept = ""
        var hasGap = false
        for scalar in part.unicodeScalars {
            if isKept(scalar) {
                if hasGap, !kept.isEmpty { kept.append("-") }
                kept.unicodeScalars.append(scalar)
                hasGap = false
            } else {
                hasGap = true
            }
        }
        let trimmed = String(kept.drop { $0 == "-" })
        return trimmed == "." || trimmed == ".." ? "_" : trimmed
    }

    private static func isKept(_ scalar: Unicode.Scalar) -> Bool {
        isLetterOrDigit(scalar) || "._@:+-".unicodeScalars.contains(scalar)
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9": true
        default: false
        }
    }

    /// `Client Id` and `clientId` become `client_id`.
    static func field(_ text: String, number: Int = 1) -> FieldName {
        var kept = ""
        var last: Unicode.Scalar = "_"
        for scalar in text.unicodeScalars.prefix(256) {
            let isUpper = ("A"..."Z").contains(scalar)
            let isBoundary = isUpper && (("a"..."z").contains(last) || ("0"..."9").contains(last))
            if isBoundary || !isLetterOrDigit(scalar), !kept.hasSuffix("_") { kept.append("_") }
            if isLetterOrDigit(scalar) {
                kept.append(Character(scalar.properties.lowercaseMapping))
            }
            last = scalar
        }
        kept = String(kept.drop { $0 == "_" })
        if kept.first.map({ !("a"..."z").contains($0) }) ?? true { kept = "field_" + kept }
        let suffix = number == 1 ? "" : "_\(number)"
        kept = String(kept.prefix(64 - suffix.count))
        while kept.hasSuffix("_") { kept.removeLast() }
        return FieldName(kept + suffix) ?? .secret
    }
}
