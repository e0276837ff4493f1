// The profiles that are there: built in, and a person's own.

internal import Glibc
public import VaultModel

/// Finds profiles. Nothing is read before it is asked for. Own profiles come from one folder alone,
/// never from the current directory or the vault, and never take the place of a built-in one.
public struct ProfileCatalog: Sendable {
    private let userDirectory: String?

    private static let largestFile = 262_144

    public init(userDirectory: String?) { self.userDirectory = userDirectory }

    /// The profile of that id.
    public func profile(_ id: IssuerID) throws(ProfileError) -> IssuerProfile {
        if let bytes = BuiltInProfiles.bytes(of: id) { return try Self.builtIn(id, bytes) }
        guard let userDirectory else { throw .unknown(id.text) }
        let path = "\(userDirectory)/\(id).json"
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw .unknown(id.text) }
        return try Self.userProfile(path)
    }

    /// Every profile: the built-in ones, then a person's own that are usable.
    public func all(userFiles: [String]) -> [IssuerProfile] {
        BuiltInProfiles.ids.compactMap { try? profile($0) }
            + userFiles.compactMap { try? Self.userProfile($0) }
    }

    /// What keeps the file from being a profile; empty if nothing does.
    public static func check(file path: String) -> [ProfileDiagnostic] {
        do throws(ProfileError) {
            _ = try userProfile(path)
            return []
        } catch {
            switch error {
            case .unusable(_, let diagnostic): return [diagnostic]
            case .unknown: return [ProfileDiagnostic("there is no such file")]
            }
        }
    }

    private static func builtIn(
        _ id: IssuerID, _ bytes: [UInt8]
    ) throws(ProfileError) -> IssuerProfile {
        do throws(ProfileDiagnostic) {
            return try ProfileReader(bytes.span).profile(from: .builtIn)
        } catch {
            throw .unusable(path: "\(id) (built in)", error)
        }
    }

    private static func userProfile(_ path: String) throws(ProfileError) -> IssuerProfile {
        do throws(ProfileDiagnostic) {
            let bytes = try read(path)
            let profile = try ProfileReader(bytes.span).profile(from: .user(path: path))
            guard BuiltInProfiles.bytes(of: profile.id) == nil else {
                throw ProfileDiagnostic("the id \"\(profile.id)\" is a built-in profile's")
            }
            guard path.split(separator: "/").last ?? "" == "\(profile.id).json" else {
                throw ProfileDiagnostic("the file of this id must be called \(profile.id).json")
            }
            return profile
        } catch {
            throw .unusable(path: path, error)
        }
    }

    /// The bytes of a file that is regular, ours, and that nobody else may write.
    private static func read(_ path: String) throws(ProfileDiagnostic) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ProfileDiagnostic(
                errno == ELOOP ? "it is a symbolic link" : "it cannot be opened")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ProfileDiagnostic("it is not a regular file")
        }
        guard status.st_uid == geteuid() else {
            throw ProfileDiagnostic("it belongs to another user")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw ProfileDiagnostic("others may write it; chmod go-w")
        }
        guard status.st_size <= largestFile else { throw ProfileDiagnostic("it is over 256 KiB") }
        return try read(descriptor)
    }

    private static func read(_ descriptor: Int32) throws(ProfileDiagnostic) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: largestFile + 1)
        var count = 0
        while count < bytes.count {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(
                    descriptor, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw ProfileDiagnostic("it cannot be read") }
            if more == 0 { break }
            count += more
        }
        guard count <= largestFile else { throw ProfileDiagnostic("it is over 256 KiB") }
        return Array(bytes.prefix(count))
    }
}
