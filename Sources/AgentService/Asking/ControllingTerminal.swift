// The name of a terminal, from the number of its device.

enum ControllingTerminal {
    /// Such as `/dev/pts/3`; `major:minor` for a device whose name takes a look at /dev, nil for
    /// none. `number` is the kernel's (`new_encode_dev`): eight bits of the minor number, twelve of
    /// the major, twelve more of the minor.
    static func name(_ number: Int32) -> String? {
        let bits = UInt32(bitPattern: number)
        guard bits != 0 else { return nil }
        let major = bits >> 8 & 0xfff
        let minor = bits & 0xff | bits >> 12 & 0xfff00
        return switch (major, minor) {
        case (136...143, _): "/dev/pts/\((major - 136) * 256 + minor)"
        case (4, 0..<64): "/dev/tty\(minor)"
        case (4, 64..<256): "/dev/ttyS\(minor - 64)"
        case (5, 1): "/dev/console"
        default: "\(major):\(minor)"
        }
    }
}
