// The colours of the page, by daylight and in the dark. A test computes how they stand out.

/// Colours by what they are for; the raw value is the name of the custom property.
enum PageColour: String, CaseIterable, Sendable {
    /// What everything lies on.
    case paper
    /// What is set off from it.
    case panel
    /// Hair lines, which say nothing.
    case line
    case ink
    /// Words that matter less.
    case soft
    case link
    case good
    case high
    case medium
    case low
    /// A bar as far as time has passed, and what is left of it.
    case bar
    case rest
    /// From few uses to many.
    case heat1
    case heat2
    case heat3
    case heat4

    /// Colours of words: these stand out by 4.5 to 1 (WCAG 2.2, 1.4.3).
    static let ofWords: [PageColour] = [.ink, .soft, .link, .good, .high, .medium, .low]
    /// Colours of shapes that say something: these stand out by 3 to 1 (WCAG 2.2, 1.4.11). What is
    /// left of a bar has the outline of the bar.
    static let ofShapes: [PageColour] = [.bar, .heat1, .heat2, .heat3, .heat4]
}

enum Palette {
    /// `0xRRGGBB`.
    static let light: [PageColour: UInt32] = [
        .paper: 0xfd_fc_f9, .panel: 0xf5_f3_ed, .line: 0xdd_da_d1, .ink: 0x1f_25_2b,
        .soft: 0x59_61_69, .link: 0x1b_5a_78, .good: 0x1f_68_3b, .high: 0xa6_1f_1f,
        .medium: 0x86_52_00, .low: 0x4c_5b_6b, .bar: 0x3d_7a_96, .rest: 0xc3_d8_e0,
        .heat1: 0x68_91_a3, .heat2: 0x45_80_9b, .heat3: 0x24_64_82, .heat4: 0x0d_42_5a,
    ]
    static let dark: [PageColour: UInt32] = [
        .paper: 0x16_19_1d, .panel: 0x1f_23_28, .line: 0x35_3b_42, .ink: 0xe6_e4_df,
        .soft: 0xa3_aa_b1, .link: 0x86_c1_de, .good: 0x7c_c9_95, .high: 0xf2_8b_82,
        .medium: 0xe3_b1_62, .low: 0xa9_b8_c8, .bar: 0x5f_a5_c4, .rest: 0x2b_45_52,
        .heat1: 0x4e_73_85, .heat2: 0x66_98_b0, .heat3: 0x86_bd_d6, .heat4: 0xb8_e2_f4,
    ]

    /// Custom properties, one a colour.
    static func rules(_ colours: [PageColour: UInt32]) -> String {
        PageColour.allCases.map { colour in
            "--\(colour.rawValue):#\(Escaped.hexadecimal(colours[colour] ?? 0, 6))"
        }.joined(separator: ";")
    }
}
