// Where profiles of one's own come from, and which files are not trusted.

import Foundation
import Testing
import VaultModel

@testable import Issuers

/// A folder of its own, gone afterwards.
private final class Folder {
    let path = NSTemporaryDirectory() + "coffer-issuers-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, mode)
        return file
    }
}

private func acme(_ id: String = "acme", title: String = "Acme") -> String {
    """
    {"schema": 1, "id": "\(id)", "title": "\(title)",
     "fields": [{"name": "token", "title": "Token", "role": "secret"}]}
    """
}

private func words(_ file: String) -> [String] { ProfileCatalog.check(file: file).map(\.words) }

@Suite("a profile of one's own")
struct ProfileFileTests {
    @Test("is found in its folder by its id, and comes behind the built-in ones")
    func found() throws {
        let folder = try Folder()
        let file = try folder.write("acme.json", acme())
        let catalog = ProfileCatalog(userDirectory: folder.path)
        let profile = try catalog.profile(try #require(IssuerID("acme")))
        #expect(profile.title == "Acme")
        #expect(profile.source == .user(path: file))
        #expect(catalog.all(userFiles: [file]).last?.id.text == "acme")
        #expect(words(file) == [])
    }

    @Test("is looked for nowhere else: not in the current folder, not without one")
    func nowhereElse() throws {
        let acme = try #require(IssuerID("acme"))
        #expect(throws: ProfileError.unknown("acme")) {
            try ProfileCatalog(userDirectory: nil).profile(acme)
        }
        let folder = try Folder()
        #expect(throws: ProfileError.unknown("acme")) {
            try ProfileCatalog(userDirectory: folder.path).profile(acme)
        }
    }

    @Test("never takes the place of a built-in one")
    func builtInWins() throws {
        let folder = try Folder()
        let file = try folder.write("zpa.json", acme("zpa", title: "planted"))
        let catalog = ProfileCatalog(userDirectory: folder.path)
        let zpa = try catalog.profile(try #require(IssuerID("zpa")))
        #expect(zpa.source == .builtIn)
        #expect(words(file) == ["the id \"zpa\" is a built-in profile's"])
        #expect(catalog.all(userFiles: [file]).filter { $0.title == "planted" }.isEmpty)
    }

    @Test("is called after its id")
    func names() throws {
        let folder = try Folder()
        let kept = try folder.write("other.json", acme())
        #expect(words(kept) == ["the file of this id must be called acme.json"])
    }

    @Test("that others may write is refused", arguments: [0o620, 0o602, 0o622, 0o666, 0o660])
    func writable(_ mode: mode_t) throws {
        let folder = try Folder()
        let file = try folder.write("acme.json", acme(), mode: mode)
        #expect(words(file) == ["others may write it; chmod go-w"])
        let catalog = ProfileCatalog(userDirectory: folder.path)
        let acme = try #require(IssuerID("acme"))
        let diagnostic = ProfileDiagnostic("others may write it; chmod go-w")
        #expect(throws: ProfileError.unusable(path: file, diagnostic)) {
            try catalog.profile(acme)
        }
    }

    @Test("that others may read is fine", arguments: [0o600, 0o644, 0o400, 0o444])
    func readable(_ mode: mode_t) throws {
        let folder = try Folder()
        #expect(words(try folder.write("acme.json", acme(), mode: mode)) == [])
    }

    @Test("that is a link, a folder or a pipe is refused, and nothing hangs")
    func kinds() throws {
        let folder = try Folder()
        let target = try folder.write("target", acme())
        let link = "\(folder.path)/acme.json"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        #expect(words(link) == ["it is a symbolic link"])
        let directory = "\(folder.path)/folder.json"
        #expect(mkdir(directory, 0o700) == 0)
        #expect(words(directory) == ["it is not a regular file"])
        let pipe = "\(folder.path)/pipe.json"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(words(pipe) == ["it is not a regular file"])
        #expect(words("\(folder.path)/none.json") == ["it cannot be opened"])
    }

    @Test("of another user is refused", .enabled(if: geteuid() == 0, "needs to run as root"))
    func foreign() throws {
        let folder = try Folder()
        let file = try folder.write("acme.json", acme())
        #expect(chown(file, 65_534, 65_534) == 0)
        #expect(words(file) == ["it belongs to another user"])
    }

    @Test("of more than 256 KiB is refused")
    func size() throws {
        let folder = try Folder()
        let room = 262_144 - acme().utf8.count
        let largest = acme() + String(repeating: " ", count: room)
        #expect(words(try folder.write("acme.json", largest)) == [])
        #expect(words(try folder.write("acme.json", largest + " ")) == ["it is over 256 KiB"])
    }
}
