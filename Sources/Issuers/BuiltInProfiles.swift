// The profiles in the folder `Profiles`, embedded in the program.

internal import VaultModel

enum BuiltInProfiles {
    private static let table: [(id: String, bytes: @Sendable () -> [UInt8])] = [
        ("zpa", { PackageResources.zpa_json }),
        ("zscaler-oneapi", { PackageResources.zscaler_oneapi_json }),
        ("zcc", { PackageResources.zcc_json }),
        ("aws-iam", { PackageResources.aws_iam_json }),
        ("github", { PackageResources.github_json }),
        ("gitlab", { PackageResources.gitlab_json }),
        ("google-service-account", { PackageResources.google_service_account_json }),
        ("google-oauth-client", { PackageResources.google_oauth_client_json }),
        ("entra", { PackageResources.entra_json }),
        ("okta", { PackageResources.okta_json }),
        ("auth0", { PackageResources.auth0_json }),
        ("stripe", { PackageResources.stripe_json }),
        ("slack", { PackageResources.slack_json }),
        ("cloudflare", { PackageResources.cloudflare_json }),
        ("npm", { PackageResources.npm_json }),
        ("pypi", { PackageResources.pypi_json }),
        ("docker-hub", { PackageResources.docker_hub_json }),
        ("openai", { PackageResources.openai_json }),
        ("anthropic", { PackageResources.anthropic_json }),
        ("oauth2-client", { PackageResources.oauth2_client_json }),
        ("okta-token", { PackageResources.okta_token_json }),
        ("oauth2-private-key", { PackageResources.oauth2_private_key_json }),
        ("zscaler-private-key", { PackageResources.zscaler_private_key_json }),
        ("generic", { PackageResources.generic_json }),
    ]

    /// In the order of the table; `generic` is the last.
    static var ids: [IssuerID] { table.compactMap { IssuerID($0.id) } }

    /// The text of a profile, or nil.
    static func bytes(of id: IssuerID) -> [UInt8]? {
        table.first { $0.id == id.text }?.bytes()
    }
}
