// One process at a time rotates a secret: two could make two keys, or go by what is over.

internal import Glibc
internal import VaultModel

/// Held as long as it lives. Processes that share no memory folder are told by the journal alone,
/// and hold both keys.
struct RotationLock: ~Copyable {
    private let descriptor: Int32

    /// That of a secret of the vault at `path`.
    init(_ name: SecretName, at path: String) throws(Complaint) {
        guard let runtime = try? Places.runtime() else {
            descriptor = -1
            return
        }
        let folder = "\(runtime)/rotations"
        _ = unsafe mkdir(folder, 0o700)
        descriptor = unsafe open(
            "\(folder)/\(Self.key("\(Self.real(path))\n\(name)"))",
            O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
            0o600)
        guard descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Complaint(
                .busy, "another process is rotating \"\(name)\"",
                hint: "try again when it has ended")
        }
    }

    private static func real(_ path: String) -> String {
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// FNV-1a of a text, in hexadecimal: names of secrets stand in no folder.
    private static func key(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
