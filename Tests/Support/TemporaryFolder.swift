// A private folder for one test, gone when the test is.

import Foundation

/// A folder of mode 0700 whose path holds no symbolic link.
public final class TemporaryFolder: Sendable {
    public let path: String

    public struct Failure: Error {}

    public init() throws {
        let name = "/coffer-test-" + String(repeating: "X", count: 6)
        var template = Array((NSTemporaryDirectory() + name).utf8CString)
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
