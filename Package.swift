// swift-tools-version: 6.2
// The house: which room may look into which. An arrow that is not listed here does not compile.

import PackageDescription

let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    // Regular expressions, which nothing here uses, would be linked, and relocated at each start.
    .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
]

/// For the rooms below the command line, and for what reads all of the source: the sweep of a
/// vault's bytes opens it some 20,000 times, and unoptimised it took most of the time of all the
/// tests. All checks stay, with their words.
let optimised: [SwiftSetting] = [
    .unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))
]

func room(
    _ name: String, mayUse: [Target.Dependency] = [], path: String? = nil,
    resources: [Resource] = [], settings: [SwiftSetting] = []
) -> Target {
    .target(
        name: name, dependencies: mayUse, path: path, resources: resources,
        swiftSettings: rules + settings)
}

func tests(
    _ name: String, of rooms: [Target.Dependency], settings: [SwiftSetting] = []
) -> Target {
    .testTarget(
        name: name, dependencies: rooms + ["TestSupport"],
        swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)] + settings)
}

func library(_ name: String, debian: String) -> Target {
    .systemLibrary(name: name, providers: [.apt([debian])])
}

/// One file an issuer, embedded in the program.
let profiles = [
    "zpa", "zscaler-oneapi", "zcc", "aws-iam", "github",
    "gitlab", "google-service-account", "google-oauth-client", "entra", "okta",
    "auth0", "stripe", "slack", "cloudflare", "npm",
    "pypi", "docker-hub", "openai", "anthropic", "oauth2-client",
    "okta-token", "oauth2-private-key", "zscaler-private-key", "generic",
].map { Resource.embedInCode("Profiles/\($0).json") }

let package = Package(
    name: "coffer",
    products: [.executable(name: "coffer", targets: ["coffer"])],
    targets: [
        library("COpenSSL", debian: "libssl-dev"),
        library("CSQLite", debian: "libsqlite3-dev"),
        library("CArgon2", debian: "libargon2-dev"),
        library("CUnicode", debian: "libutf8proc-dev"),
        .target(name: "CLinux", exclude: ["put-off.ld"]),

        room("VaultModel", settings: optimised),
        room("Rotation", mayUse: ["VaultModel"], settings: optimised),
        room("SecretMemory", mayUse: ["CLinux", "VaultModel"], settings: optimised),
        room(
            "Migrations", path: "migrations",
            resources: [
                .embedInCode("m0001_initial.sql"), .embedInCode("m0002_inbox.sql"),
                .embedInCode("m0003_policy.sql"),
            ]),
        room(
            "Sealing",
            mayUse: ["CArgon2", "CLinux", "COpenSSL", "CUnicode", "SecretMemory", "VaultModel"],
            settings: optimised),
        room(
            "Storage", mayUse: ["CSQLite", "CLinux", "Migrations", "VaultModel"],
            settings: optimised),
        room(
            "Issuers", mayUse: ["SecretMemory", "VaultModel"], resources: profiles,
            settings: optimised),
        room(
            "VaultCore", mayUse: ["Sealing", "Storage", "SecretMemory", "VaultModel"],
            settings: optimised),
        room("AgentProtocol", mayUse: ["CLinux", "SecretMemory", "VaultModel"]),
        room(
            "AgentService",
            mayUse: [
                "AgentProtocol", "CLinux", "Sealing", "SecretMemory", "VaultCore", "VaultModel",
            ]),
        room(
            "CommandLineTool",
            mayUse: [
                "AgentProtocol", "AgentService", "CLinux", "Issuers", "Rotation", "SecretMemory",
                "VaultModel",
            ]),
        .executableTarget(
            name: "coffer", dependencies: ["CommandLineTool"], swiftSettings: rules),

        .target(name: "CSupport", path: "Tests/CSupport"),
        .target(
            name: "TestSupport", dependencies: ["CSQLite", "CSupport"], path: "Tests/Support",
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]),
        tests("VaultModelTests", of: ["VaultModel"]),
        tests("RotationTests", of: ["Rotation", "VaultModel"]),
        tests("SecretMemoryTests", of: ["SecretMemory", "VaultModel"]),
        tests(
            "SealingTests",
            of: ["Sealing", "SecretMemory", "VaultModel", "COpenSSL", "CArgon2"]),
        tests("StorageTests", of: ["Storage", "Migrations", "VaultModel", "CSQLite"]),
        tests("IssuersTests", of: ["Issuers", "SecretMemory", "VaultModel"]),
        tests(
            "VaultCoreTests",
            of: [
                "VaultCore", "Rotation", "Sealing", "Storage", "SecretMemory", "VaultModel",
                "CSQLite",
            ]),
        tests("AgentProtocolTests", of: ["AgentProtocol", "SecretMemory", "VaultModel"]),
        tests("AgentServiceTests", of: ["AgentService", "SecretMemory", "VaultModel"]),
        tests(
            "CommandLineToolTests",
            of: [
                "CommandLineTool", "AgentProtocol", "AgentService", "Issuers", "SecretMemory",
                "VaultModel",
            ]),
        tests("ScriptTests", of: [.target(name: "coffer")]),
        tests("TidyTests", of: [], settings: optimised),
    ]
)

// Built by `make fuzz` alone: it is linked with libFuzzer, which has a `main` of its own.
if Context.environment["COFFER_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: ["AgentProtocol", "Issuers", "Sealing", "SecretMemory", "VaultModel"],
            path: "Tests/Fuzz", exclude: ["corpus", "seed.py"],
            swiftSettings: [
                .swiftLanguageMode(.v6), .treatAllWarnings(as: .error),
                .unsafeFlags(["-parse-as-library"]),
            ],
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]))
}
