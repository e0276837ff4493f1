// A private folder for one test, gone when the test is.

import Foundation

/// A folder of mode 0700 whose path holds no symbolic link.
public final class TemporaryFolder: Sendable {
    public let path: String

    public struct Failure: Error {}

    /// In memory, where there is such a place, for what writes many thousand times and is not about
    /// the disk.
    public init(inMemory: Bool = false) throws {
        let name = "/coffer-test-" + String(repeating: "X", count: 6)
        let memory = "/dev/shm"
        let parent =
            inMemory && access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
        var template = Array((parent + name).utf8CString)
        guard mkdtemp(&template) != nil, let resolved = realpath(template, nil) else {
            throw Failure()
        }
        path = String(cString: resolved)
        free(resolved)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of `name` in the folder.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names in the folder, sorted.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
