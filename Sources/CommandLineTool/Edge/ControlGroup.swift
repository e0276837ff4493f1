// The systemd unit or the container of a process, from the names of its control groups.

/// Reads /proc/PID/cgroup (cgroups(7)): a line a hierarchy, `number:controllers:path`.
enum ControlGroup {
    /// The container, as `docker:` and 64 digits; else the innermost unit, such as `cron.service`;
    /// nil if the names tell neither. Whoever may make groups chooses their names: it is a hint.
    static func unit(_ lines: ArraySlice<UInt8>) -> String? {
        let paths = lines.split(separator: UInt8(ascii: "\n")).compactMap(path)
        for hierarchy in [Hierarchy.unified, .systemd, .other] {
            for path in paths where path.hierarchy == hierarchy {
                if let found = container(path.parts) ?? innermostUnit(path.parts) {
                    return KernelText.text(found[...])
                }
            }
        }
        return nil
    }

    /// Which hierarchy tells more: that of version 2, systemd's own, any other of version 1.
    private enum Hierarchy {
        case unified, systemd, other
    }

    private typealias Part = ArraySlice<UInt8>

    private static func path(_ line: Part) -> (hierarchy: Hierarchy, parts: [Part])? {
        let fields = line.split(
            separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[2].first == UInt8(ascii: "/") else { return nil }
        var path = fields[2]
        // A group that was removed while the process is in it.
        if ends(path, with: " (deleted)") { path = path.dropLast(10) }
        let hierarchy: Hierarchy =
            fields[0].elementsEqual("0".utf8) && fields[1].isEmpty
            ? .unified : fields[1].elementsEqual("name=systemd".utf8) ? .systemd : .other
        return (hierarchy, path.split(separator: UInt8(ascii: "/")))
    }

    private static func innermostUnit(_ parts: [Part]) -> [UInt8]? {
        let unit = parts.last {
            ($0.count > 8) && (ends($0, with: ".service") || ends($0, with: ".scope"))
        }
        // systemd puts a line before a name that the kernel could take for one of its own files.
        return unit.map { Array($0.first == UInt8(ascii: "_") ? $0.dropFirst() : $0) }
    }

    /// The innermost container.
    ///
    /// Both drivers: a group a container (`…/docker/ID`, `…/kubepods/burstable/podUID/ID`,
    /// `…/libpod-ID`), or a scope of systemd (`docker-ID.scope`, `cri-containerd-ID.scope`); and
    /// what containerd makes where it takes one for the other (`…slice:cri-containerd:ID`).
    private static func container(_ parts: [Part]) -> [UInt8]? {
        for index in parts.indices.reversed() {
            var part = parts[index]
            if ends(part, with: ".scope") { part = part.dropLast(6) }
            let id = part.suffix(64)
            guard id.count == 64, id.allSatisfy(isHexadecimal) else { continue }
            var engine = part.dropLast(64)
            if engine.isEmpty {
                // The folder says whose it is, unless it is a pod's.
                engine = index > 0 ? parts[index - 1] : []
                if parts[..<index].contains(where: { $0.starts(with: "kubepods".utf8) }) {
                    engine = Part("kubernetes".utf8)
                }
            } else {
                guard let separator = engine.popLast(), "-:".utf8.contains(separator) else {
                    continue
                }
                engine = engine.split(separator: UInt8(ascii: ":")).last ?? []
            }
            // Podman's minder of a container is not in it.
            if engine.elementsEqual("libpod-conmon".utf8) { continue }
            return Array(name(engine).utf8) + [UInt8(ascii: ":")] + id
        }
        return nil
    }

    /// The engine as people know it.
    private static func name(_ engine: Part) -> String {
        switch String(decoding: engine, as: UTF8.self) {
        case "docker": "docker"
        case "libpod", "libpod_parent", "machine.slice": "podman"
        case "cri-containerd", "containerd", "nerdctl", "default": "containerd"
        case "crio": "cri-o"
        case "kubernetes": "kubernetes"
        default: "container"
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func ends(_ part: Part, with end: String) -> Bool {
        part.suffix(end.utf8.count).elementsEqual(end.utf8)
    }
}
