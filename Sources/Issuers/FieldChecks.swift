// Holding values against a profile: impossible public values are refused, odd secrets are asked
// about.

internal import VaultModel

/// Why a public value is impossible.
public enum FieldDefect: Hashable, Sendable {
    case notAnInteger
    case outOfBounds(ClosedRange<Int64>, unit: String?)
    case notAChoice([String])
    case notAURL
    case notAHost
    case notALabel
    case controlCharacter
    case tooLong

    public var words: String {
        switch self {
        case .notAnInteger: "a whole number is needed"
        case .outOfBounds(let range, let unit):
            "it must be from \(range.lowerBound) to \(range.upperBound)"
                + (unit.map { " \($0)" } ?? "")
        case .notAChoice(let choices): "it must be one of \(choices.joined(separator: ", "))"
        case .notAURL: "it must begin with https://"
        case .notAHost: "it must be the name of a host, such as login.example.com"
        case .notALabel: "it must be letters, digits and - alone"
        case .controlCharacter: "it holds a control character"
        case .tooLong: "it is longer than 16,384 bytes"
        }
    }
}

/// What is odd about a secret; no byte of it is repeated.
public enum ShapeDoubt: Hashable, Sendable {
    case shape(expected: String)
    case checksum
    case spaceAround
    case newlineAtEnd
    case masked

    public var words: String {
        switch self {
        case .shape(let expected): "this does not look like \(expected)"
        case .checksum: "its checksum is wrong: a character is missing or mistyped"
        case .spaceAround: "there is white space around it"
        case .newlineAtEnd: "it ends in a line break"
        case .masked: "this looks like a mask, not like a secret"
        }
    }
}

extension IssuerProfile {
    /// What makes `value` impossible for a public field, or nil.
    public func defect(inPublic value: String, of field: ProfileField) -> FieldDefect? {
        if value.utf8.count > Metadata.longestField { return .tooLong }
        if value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) {
            return .controlCharacter
        }
        switch field.kind {
        case .text: return nil
        case .integer(let range, let unit):
            guard let number = Int64(value), String(number) == value else { return .notAnInteger }
            return range.contains(number) ? nil : .outOfBounds(range, unit: unit)
        case .choice(let choices, let isOpen):
            return isOpen || choices.contains(value) ? nil : .notAChoice(choices)
        case .url: return value.hasPrefix("https://") ? nil : .notAURL
        case .host: return HostName.isHost(value) ? nil : .notAHost
        case .label: return HostName.isLabel(value) ? nil : .notALabel
        }
    }

    /// What is odd about the value of a field.
    public func doubts(about value: Span<UInt8>, of field: ProfileField) -> [ShapeDoubt] {
        if Self.isMask(value) { return [.masked] }
        var doubts: [ShapeDoubt] = []
        let isLineBreakFine = field.shape == nil && Self.hasInnerNewline(value)
        if let last = value.isEmpty ? nil : value[value.count - 1], !isLineBreakFine {
            if last == 0x0a || last == 0x0d {
                doubts.append(.newlineAtEnd)
            } else if last == 0x20 || last == 0x09 || value[0] == 0x20 || value[0] == 0x09 {
                doubts.append(.spaceAround)
            }
        }
        if let shape = field.shape, !shape.matches(value) {
            doubts.append(.shape(expected: field.shapeWords ?? "a secret of \(title)"))
        } else if let checksum = field.checksum, !checksum.holds(for: value) {
            doubts.append(.checksum)
        }
        return doubts
    }

    /// Whether the value has the shape that the issuer gives its secrets; never without a pattern.
    public func isShaped(_ value: Span<UInt8>, as field: ProfileField) -> Bool {
        field.shape?.matches(value) ?? false
    }

    /// Stars, dots or one and the same character: what a console shows instead of a secret.
    private static func isMask(_ value: Span<UInt8>) -> Bool {
        guard value.count >= 3 else { return false }
        for index in value.indices where value[index] != value[0] { return false }
        return true
    }

    private static func hasInnerNewline(_ value: Span<UInt8>) -> Bool {
        for index in 0..<max(0, value.count - 1) where value[index] == 0x0a { return true }
        return false
    }
}
