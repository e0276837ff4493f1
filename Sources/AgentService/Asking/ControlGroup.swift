// The systemd unit or the container of a process, from the names of its control groups.

/// Reads /proc/PID/cgroup (cgroups(7)): a line a hierarchy, `number:controllers:path`. Place by
/// place and without lists: this runs before every use of a secret, in a new process.
enum ControlGroup {
    /// The container, as `docker:` and 64 digits; else the innermost unit, such as `cron.service`;
    /// nil if the names tell neither. Whoever may make groups chooses their names: it is a hint.
    static func unit(_ lines: ArraySlice<UInt8>) -> String? {
        var best: (rank: Int, unit: String)?
        var start = lines.startIndex
        while start < lines.endIndex {
            let end = index(of: "\n", in: lines[start...])
            if let path = Path(lines[start..<end]), path.rank < best?.rank ?? .max,
                let unit = path.container ?? path.unit
            {
                best = (path.rank, unit)
            }
            start = end + 1
        }
        return best?.unit
    }

    /// The first place of a character, else the end.
    fileprivate static func index(of character: Unicode.Scalar, in text: ArraySlice<UInt8>) -> Int {
        var place = text.startIndex
        while place < text.endIndex, text[place] != UInt8(ascii: character) { place += 1 }
        return place
    }
}

/// The path in one line.
private struct Path {
    private typealias Part = ArraySlice<UInt8>

    /// Which hierarchy tells more, from 0: that of version 2, systemd's own, any other.
    let rank: Int
    private var text: Part

    init?(_ line: ArraySlice<UInt8>) {
        let first = ControlGroup.index(of: ":", in: line)
        guard first < line.endIndex else { return nil }
        let second = ControlGroup.index(of: ":", in: line[(first + 1)...])
        guard second + 1 < line.endIndex, line[second + 1] == UInt8(ascii: "/") else { return nil }
        let controllers = line[(first + 1)..<second]
        rank = controllers.isEmpty ? 0 : Self.equals(controllers, "name=systemd") ? 1 : 2
        text = line[(second + 1)...]
        // A group that was removed while the process is in it.
        if Self.ends(text, " (deleted)") { text = text.dropLast(10) }
    }

    /// The innermost unit.
    var unit: String? {
        var rest = text
        while let part = Self.popLast(&rest) {
            guard part.count > 8, Self.ends(part, ".service") || Self.ends(part, ".scope") else {
                continue
            }
            // systemd puts a line before a name that the kernel could take for a file of its own.
            return KernelText.text(part.first == UInt8(ascii: "_") ? part.dropFirst() : part)
        }
        return nil
    }

    /// The innermost container.
    ///
    /// Both drivers: a group a container (`…/docker/ID`, `…/kubepods/burstable/podUID/ID`,
    /// `…/libpod-ID`), or a scope of systemd (`docker-ID.scope`, `cri-containerd-ID.scope`); and
    /// what containerd makes where it takes one for the other (`…slice:cri-containerd:ID`).
    var container: String? {
        // Shorter paths hold no identifier; most are.
        guard text.count > 64 else { return nil }
        var rest = text
        while var part = Self.popLast(&rest) {
            if Self.ends(part, ".scope") { part = part.dropLast(6) }
            guard let id = Self.identifier(part) else { continue }
            guard let engine = Self.engine(part.dropLast(64), in: rest) else { continue }
            return "\(engine):\(id)"
        }
        return nil
    }

    private static func identifier(_ part: Part) -> String? {
        let id = part.suffix(64)
        for byte in id {
            let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            guard isDigit || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f") else {
                return nil
            }
        }
        return id.count == 64 ? String(decoding: id, as: UTF8.self) : nil
    }

    /// The engine as people know it, from what stands before the identifier, else from the folder;
    /// nil if that is none.
    private static func engine(_ prefix: Part, in folder: Part) -> String? {
        var name = prefix
        if let separator = name.popLast() {
            guard separator == UInt8(ascii: "-") || separator == UInt8(ascii: ":") else {
                return nil
            }
            let words = String(decoding: name, as: UTF8.self)
            // Podman's minder of a container is not in it.
            guard words != "libpod-conmon" else { return nil }
            return engines[words.split(separator: ":").last.map(String.init) ?? ""] ?? "container"
        }
        let folders = String(decoding: folder, as: UTF8.self).split(separator: "/")
        if folders.contains(where: { $0.hasPrefix("kubepods") }) { return "kubernetes" }
        return engines[folders.last.map(String.init) ?? ""] ?? "container"
    }

    private static let engines = [
        "docker": "docker", "libpod": "podman", "cri-containerd": "containerd",
        "containerd": "containerd", "default": "containerd", "crio": "cri-o",
    ]

    /// Takes the last part off a path, or nil if it has none.
    private static func popLast(_ path: inout Part) -> Part? {
        guard !path.isEmpty else { return nil }
        var start = path.endIndex
        while start > path.startIndex, path[start - 1] != UInt8(ascii: "/") { start -= 1 }
        let part = path[start...]
        path = path[..<max(path.startIndex, start - 1)]
        return part
    }

    private static func equals(_ text: Part, _ word: StaticString) -> Bool {
        text.count == word.utf8CodeUnitCount && ends(text, word)
    }

    private static func ends(_ text: Part, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard text.count >= count else { return false }
        return word.withUTF8Buffer { word in
            for place in 0..<count {
                guard unsafe text[text.endIndex - count + place] == word[place] else {
                    return false
                }
            }
            return true
        }
    }
}
