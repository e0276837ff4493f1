// One option of the command line, as data: parsing, help, reference and completions read it.

/// What a shell may offer for a value.
enum Completion: Hashable, Sendable {
    case nothing
    case file
    case words([String])
    case issuer
}

/// An option such as `--issuer ISSUER` or `--show`.
struct Option: Hashable, Sendable {
    /// With its dashes.
    let name: String
    /// The placeholder of its value, or nil if it takes none.
    let value: String?
    let isRepeatable: Bool
    let summary: String
    let completion: Completion
    /// Another name for it, a dash and a letter.
    var short: String?

    /// An option that is there or not.
    static func flag(_ name: String, _ summary: String) -> Option {
        Option(name: name, value: nil, isRepeatable: false, summary: summary, completion: .nothing)
    }

    /// An option with a value, given at most once.
    static func one(
        _ name: String, _ value: String, _ summary: String, _ completion: Completion = .nothing,
        short: String? = nil
    ) -> Option {
        Option(
            name: name, value: value, isRepeatable: false, summary: summary, completion: completion,
            short: short)
    }

    /// An option with a value that may be given again.
    static func many(
        _ name: String, _ value: String, _ summary: String, _ completion: Completion = .nothing
    ) -> Option {
        Option(
            name: name, value: value, isRepeatable: true, summary: summary, completion: completion)
    }

    /// `--name VALUE`, with its other name in front.
    var usage: String {
        let names = short.map { "\($0), \(name)" } ?? name
        return value.map { "\(names) \($0)" } ?? names
    }
}
