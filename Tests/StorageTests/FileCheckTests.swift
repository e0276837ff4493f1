// What lies under the vault's path, looked at before it is touched.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import Storage

private let isRoot = geteuid() == 0
private let nobody: uid_t = 65_534
/// Character device 1:5, /dev/zero.
private let endlessZeros: dev_t = 0x105

private func canMakeDevices() -> Bool {
    guard let folder = try? TemporaryFolder() else { return false }
    return mknod(folder.file("zero"), S_IFCHR | 0o600, endlessZeros) == 0
}

@Suite("the file and its folder")
struct FileCheckTests {
    private func open(_ path: String) throws { _ = try Store.open(at: path, .readOnly) }

    @Test(
        "a mode with any bit for others is refused with the mode it should have (F85)",
        arguments: [0o644, 0o660, 0o604, 0o601, 0o666, 0o610, 0o777] as [mode_t])
    func modes(_ mode: mode_t) throws {
        let vault = try SampleVault()
        try vault.file.setMode(mode)
        let error = VaultError.unsafeFile(path: vault.path, .openToOthers(shouldBe: 0o600))
        #expect(vault.refusal() == error)
        #expect(vault.refusal(.readWrite) == error)
        #expect(vault.file.mode == mode)
    }

    @Test(
        "a folder with any bit for others is refused (F85)",
        arguments: [0o755, 0o770, 0o720, 0o702, 0o701, 0o1777] as [mode_t])
    func folderModes(_ mode: mode_t) throws {
        let vault = try SampleVault()
        try FileOnDisk(vault.folder.path).setMode(mode)
        let error = VaultError.unsafeFile(
            path: vault.folder.path, .openToOthers(shouldBe: 0o700))
        #expect(vault.refusal() == error)
        #expect(throws: error) {
            try Store.create(at: vault.folder.file("new.db")) { _ throws(VaultError) in }
        }
        #expect(vault.folder.names == ["vault.db"])
    }

    @Test("a log or index that others can read is refused (F85)", arguments: ["-wal", "-shm"])
    func companionModes(_ suffix: String) throws {
        let vault = try SampleVault()
        let companion = FileOnDisk(vault.path + suffix)
        try companion.write([])
        try companion.setMode(0o640)
        #expect(
            vault.refusal()
                == .unsafeFile(path: companion.path, .openToOthers(shouldBe: 0o600)))
    }

    @Test(
        "a file of another user is refused (F85)",
        .enabled(if: isRoot, "only root can give a file away"), arguments: ["", "-wal", "-shm"])
    func foreignFile(_ suffix: String) throws {
        let vault = try SampleVault()
        let file = FileOnDisk(vault.path + suffix)
        if !suffix.isEmpty { try file.write([]) }
        try file.setOwner(nobody)
        #expect(vault.refusal() == .unsafeFile(path: file.path, .foreignOwner))
    }

    @Test(
        "a folder of another user is refused (F85)",
        .enabled(if: isRoot, "only root can give a folder away"))
    func foreignFolder() throws {
        let vault = try SampleVault()
        try FileOnDisk(vault.folder.path).setOwner(nobody)
        #expect(vault.refusal() == .unsafeFile(path: vault.folder.path, .foreignOwner))
    }

    enum Thing: String, CaseIterable {
        case symbolicLink, danglingLink, pipe, folder
    }

    @Test(
        "a link, pipe or folder in the place of the vault is refused (F86)",
        arguments: Thing.allCases, ["", "-wal", "-shm"])
    func things(_ thing: Thing, _ suffix: String) throws {
        let vault = try SampleVault()
        let place = FileOnDisk(vault.path + suffix)
        let target = FileOnDisk(vault.folder.file("target"))
        if suffix.isEmpty { try #require(rename(place.path, target.path) == 0) }
        switch thing {
        case .symbolicLink:
            if !suffix.isEmpty { try target.write(Array("mine".utf8)) }
            try place.makeLink(to: target.path)
        case .danglingLink: try place.makeLink(to: vault.folder.file("nowhere"))
        case .pipe: try place.makePipe()
        case .folder: try place.makeFolder()
        }
        let names = vault.folder.names
        let before = target.exists ? try target.bytes() : []
        let isLink = thing == .symbolicLink || thing == .danglingLink
        let error = VaultError.unsafeFile(path: place.path, isLink ? .symbolicLink : .notRegular)
        #expect(vault.refusal(.readOnly) == error)
        #expect(vault.refusal(.readWrite) == error)
        #expect(vault.folder.names == names)
        #expect(try !target.exists || target.bytes() == before)
    }

    @Test("a file with a second name is refused (F86)", arguments: ["", "-wal", "-shm"])
    func hardLinks(_ suffix: String) throws {
        let vault = try SampleVault()
        let place = FileOnDisk(vault.path + suffix)
        if !suffix.isEmpty { try place.write([]) }
        let other = FileOnDisk(vault.folder.file("other"))
        try other.makeHardLink(to: place.path)
        let before = try other.bytes()
        #expect(vault.refusal(.readWrite) == .unsafeFile(path: place.path, .hardLinked))
        #expect(try other.bytes() == before)
    }

    @Test(
        "a device is refused, not read (F86)",
        .enabled(if: canMakeDevices(), "devices cannot be made here"))
    func device() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vault.db")
        try #require(mknod(path, S_IFCHR | 0o600, endlessZeros) == 0)
        #expect(throws: VaultError.unsafeFile(path: path, .notRegular)) { try open(path) }
    }

    @Test("where there is nothing, nothing is made")
    func missing() throws {
        let folder = try TemporaryFolder()
        for name in ["vault.db", "no/vault.db"] {
            let path = folder.file(name)
            #expect(throws: VaultError.vaultMissing(path: path)) { try open(path) }
        }
        try FileOnDisk(folder.file("file")).write([1])
        #expect(throws: VaultError.unsafeFile(path: folder.file("file"), .notDirectory)) {
            try open(folder.file("file/vault.db"))
        }
        #expect(folder.names == ["file"])
    }

    @Test("a path that names no file is refused", arguments: ["", "/", "/tmp/", ".", "..", "a\0b"])
    func paths(_ path: String) throws {
        #expect(throws: VaultError.unsafeFile(path: path, .notRegular)) { try open(path) }
    }

    @Test("a folder that is reached through a link is checked behind the link")
    func linkedFolder() throws {
        let vault = try SampleVault()
        let link = try TemporaryFolder()
        try FileOnDisk(link.file("way")).makeLink(to: vault.folder.path)
        let path = link.file("way/vault.db")
        #expect(try SampleVault.Content(at: path) == vault.content())
        try FileOnDisk(vault.folder.path).setMode(0o755)
        #expect(
            throws: VaultError.unsafeFile(
                path: vault.folder.path, .openToOthers(shouldBe: 0o700))
        ) { try open(path) }
    }

    @Test("the free space of the vault's file system is known")
    func freeSpace() throws {
        let vault = try SampleVault()
        let file = try VaultFile(existing: vault.path, .readOnly)
        #expect(try #require(file.freeBytes) > 0)
        #expect(file.canonicalPath == vault.path)
        #expect(file.mode == .readWrite)
    }
}
