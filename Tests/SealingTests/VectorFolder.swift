// Where the vectors lie.

import Foundation
import Testing

/// Our own vectors, which every clone has, and the public ones, which lie beside the package.
enum VectorFolder {
    private static let package = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let own = package.appending(path: "Tests/Vectors")
    static let published = package.deletingLastPathComponent().appending(path: "shared/vectors")

    static let isPublishedThere = FileManager.default.fileExists(atPath: published.path)
    static let absence: Comment = "the public vectors are not there: ../shared/vectors"

    /// A JSON file as `Content`.
    static func json<Content: Decodable>(_ file: URL, as type: Content.Type) throws -> Content {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(contentsOf: file))
    }
}
