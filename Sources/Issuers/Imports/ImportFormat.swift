// The stores whose exports an import reads.

/// A format by the word that names it on the command line.
public enum ImportFormat: String, CaseIterable, Sendable {
    case pass, gopass
    case keepassXML = "keepass-xml"
    case keepassCSV = "keepass-csv"
    case bitwarden
    case onePasswordCSV = "1password-csv"
    case onePasswordArchive = "1pux"
    case dotenv
    case awsCredentials = "aws-credentials"
    case awsCSV = "aws-csv"
    case google = "google-key"
    case zscalerYAML = "zscaler-yaml"
    case zscalerJSON = "zscaler-json"
    case netrc, npmrc, pypirc
    case docker

    /// What its source is.
    public enum Source: Hashable, Sendable {
        /// A file, or standard input.
        case text
        /// An archive, of which one member is read.
        case archive(member: String)
        /// A folder of encrypted entries.
        case folder(PassEntry.Dialect)
    }

    public var source: Source {
        switch self {
        case .pass: .folder(.pass)
        case .gopass: .folder(.gopass)
        case .onePasswordArchive: .archive(member: "export.data")
        default: .text
        }
    }

    /// Reads the text of a source that is no folder: all of it, or the first defect.
    public func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        switch self {
        case .pass, .gopass: preconditionFailure("issuers: a folder is read entry by entry")
        case .keepassXML: try KeePassXML.read(text)
        case .keepassCSV: try PasswordTable.readKeePass(text)
        case .bitwarden: try BitwardenExport.read(text)
        case .onePasswordCSV: try PasswordTable.readOnePassword(text)
        case .onePasswordArchive: try OnePasswordExport.read(text)
        case .dotenv: try DotenvFile.read(text)
        case .awsCredentials: try SettingSections.readAWS(text)
        case .awsCSV: try PasswordTable.readAWS(text)
        case .google: try GoogleKeyFile.read(text)
        case .zscalerYAML: try ZscalerYAML.read(text)
        case .zscalerJSON: try ZscalerKeyFile.read(text)
        case .netrc: try NetrcFile.read(text)
        case .npmrc: try NPMConfig.read(text)
        case .pypirc: try SettingSections.readPyPI(text)
        case .docker: try DockerConfig.read(text)
        }
    }
}
