// What names a key at its issuer, where calls go, and what they need.

import Testing
import VaultModel

@testable import Issuers

@Suite("keys at an issuer")
struct KeyNamingTests {
    @Test(
        "are named by the field that the calls about one of them use",
        arguments: [
            ("zpa", "key_id"), ("zscaler-oneapi", "secret_id"), ("aws-iam", "access_key_id"),
            ("okta", "secret_id"), ("entra", "key_id"),
            ("google-service-account", "private_key_id"),
            ("cloudflare", "token_id"), ("docker-hub", "token_id"), ("anthropic", "key_id"),
            ("openai", "service_account_id"),
        ])
    func named(_ id: String, _ name: String) throws {
        #expect(try profile(id).keyField == field(name))
    }

    @Test("have no name where none is listed", arguments: ["auth0", "github", "gitlab", "generic"])
    func unnamed(_ id: String) throws { #expect(try profile(id).keyField == nil) }

    @Test("are named by what the call that makes one brings, where they are listed")
    func brought() throws {
        for id in BuiltInProfiles.ids.map(\.text) {
            let profile = try profile(id)
            guard let name = profile.keyField, let create = profile.call(.create),
                profile.lifetime.rotation == .dual
            else { continue }
            let documents = profile.jsonShapes.contains { $0.places[name] != nil }
            #expect(
                create.reply.fields[name] != nil || create.reply.document != nil && documents,
                "\(id): a new key without its \(name)")
        }
    }

    @Test("are given an end where the issuer takes one")
    func ends() throws {
        #expect(try profile("gitlab").call(.create)?.takesExpiry == true)
        #expect(try profile("aws-iam").call(.create)?.takesExpiry == false)
    }

    @Test("are asked for at hosts that fields decide, or none")
    func hosts() throws {
        func names(_ id: String, _ purpose: IssuerCall.Purpose) throws -> Set<String> {
            let profile = try profile(id)
            let call = try #require(profile.call(purpose))
            return Set(call.hostFields(of: profile).map(\.text))
        }
        #expect(try names("okta", .create) == ["org_url"])
        #expect(try names("auth0", .create) == ["domain"])
        #expect(try names("zpa", .revoke) == ["cloud"])
        #expect(try names("gitlab", .create) == ["url"])
        #expect(try names("aws-iam", .create).isEmpty)
        #expect(try names("cloudflare", .create).isEmpty)
    }

    @Test("are asked for with the fields that the call needs")
    func needs() throws {
        let zpa = try profile("zpa")
        let create = try #require(zpa.call(.create))
        #expect(create.missing(in: [:], of: zpa) == field("role"))
        #expect(create.missing(in: [field("role"): "1"], of: zpa) == nil)
    }

    @Test("are not deleted without what names them")
    func unnamedDeletion() throws {
        let zpa = try profile("zpa")
        let revoke = try #require(zpa.call(.revoke))
        #expect(revoke.missing(in: [:], of: zpa) == field("key_id"))
        #expect(revoke.missing(in: [field("key_id"): ""], of: zpa) == field("key_id"))
        #expect(revoke.missing(in: [field("key_id"): "7"], of: zpa) == nil)
    }

    @Test("end no later than the issuer can say: at the beginning of a day where it takes days")
    func days() throws {
        let noon = Timestamp(milliseconds: 20_000 * 86_400_000 + 43_200_000)
        let gitlab = try #require(try profile("gitlab").call(.create))
        #expect(gitlab.roundedExpiry(noon) == Timestamp(milliseconds: 20_000 * 86_400_000))
        let zpa = try #require(try profile("zpa").call(.create))
        #expect(zpa.roundedExpiry(noon) == noon)
    }

    @Test("are at hosts that the texts of a chosen host name, too")
    func derivedHosts() throws {
        let call = try acme(
            #""url": "https://{{d}}/x""#,
            rest: #", "derived": [{"name": "d", "from": "user", "texts": {"a": "{{site}}.x"}}]"#)
        let verify = try #require(call.call(.verify))
        #expect(verify.hostFields(of: call) == [field("user"), field("site")])
    }

    @Test("settle and soak for the usual time unless the profile says another")
    func waits() throws {
        #expect(try profile("zpa").lifetime.settling == 60)
        #expect(try profile("zpa").lifetime.soak == 3_600)
        let quick = try acme(
            #""url": "https://x""#,
            rest: #", "lifetime": {"settling_seconds": 0, "soak_seconds": 7}"#)
        #expect(quick.lifetime.settling == 0)
        #expect(quick.lifetime.soak == 7)
    }
}
