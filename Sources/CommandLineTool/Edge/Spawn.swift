// The start of a program beside us: posix_spawn(3).

internal import CLinux
internal import Glibc

@safe
enum Spawn {
    /// Starts a program with what our parent gave us: limits, mask, dispositions.
    static func start(
        _ path: String, _ words: [String], _ actions: inout posix_spawn_file_actions_t,
        environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(Complaint) -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        let arguments = ArgumentVector(words)
        var child: pid_t = 0
        let code = Inheritance.handOn(&attributes) { attributes in
            unsafe posix_spawn(
                &child, path, &actions, &attributes, arguments.pointers, environment)
        }
        guard code == 0 else {
            throw Complaint(
                .failed, "\(Escaped.path(words[0])) cannot be run: \(SystemError.words(code))")
        }
        return child
    }
}

/// argv in C's shape; words of a command line, no secrets.
@safe
final class ArgumentVector {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ words: [String]) {
        count = words.count
        unsafe pointers = .allocate(capacity: words.count + 1)
        for (index, word) in words.enumerated() {
            unsafe (pointers + index).initialize(to: strdup(word))
        }
        unsafe (pointers + words.count).initialize(to: nil)
    }

    /// The variables that our parent gave us, and `own` (`NAME=value`) in the place of its.
    init(inheriting own: [String]) {
        var entries: [UnsafeMutablePointer<CChar>?] = unsafe []
        if var entry = unsafe coffer_environment() {
            while let text = unsafe entry.pointee {
                if unsafe !Self.isSet(text, by: own) { unsafe entries.append(strdup(text)) }
                unsafe entry += 1
            }
        }
        for text in own { unsafe entries.append(strdup(text)) }
        count = unsafe entries.count
        unsafe pointers = .allocate(capacity: count + 1)
        unsafe pointers.initialize(from: entries, count: count)
        unsafe (pointers + count).initialize(to: nil)
    }

    private static func isSet(_ entry: UnsafeMutablePointer<CChar>, by own: [String]) -> Bool {
        own.contains { text in
            let name = text.utf8.prefix { $0 != UInt8(ascii: "=") }
            return unsafe strncmp(entry, text, name.count + 1) == 0
        }
    }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
