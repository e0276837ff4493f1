// What the kernel says of the memory at an address.

import Foundation

/// One mapping of this process, read from /proc/self/smaps.
struct Mapping {
    let range: Range<UInt>
    /// Such as `rw-p`.
    let permissions: String
    /// The two-letter flags of `VmFlags`, such as `lo` for locked.
    let flags: Set<String>

    var isGuard: Bool { permissions.hasPrefix("---") }

    /// The mapping that holds `address`, or nil.
    static func holding(_ address: UInt) throws -> Mapping? {
        try all().first { $0.range.contains(address) }
    }

    private static func all() throws -> [Mapping] {
        // The kernel gives it in pieces: whatever reads it once sees the first mappings only.
        let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/smaps"))
        let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        var mappings: [Mapping] = []
        var head: (Range<UInt>, String)?
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "VmFlags:", let (range, permissions) = head {
                let flags = Set(words.dropFirst().map(String.init))
                mappings.append(Mapping(range: range, permissions: permissions, flags: flags))
            } else if let ends = words.first?.split(separator: "-"), ends.count == 2,
                let start = UInt(ends[0], radix: 16), let end = UInt(ends[1], radix: 16)
            {
                head = (start..<end, String(words[1]))
            }
        }
        return mappings
    }
}
