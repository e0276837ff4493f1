// The profiles that come with the program, each of them.

import Issuers
import Testing
import VaultModel

@testable import Issuers

private let ids = BuiltInProfiles.ids.map(\.text)

@Suite("the built-in profiles")
struct BuiltInProfileTests {
    @Test("are those that the product names, each once, the generic one last")
    func table() {
        let promised = [
            "zpa", "zscaler-oneapi", "zcc", "aws-iam", "github", "gitlab",
            "google-service-account", "google-oauth-client", "entra", "okta", "auth0", "stripe",
            "slack", "cloudflare", "npm", "pypi", "docker-hub", "openai", "anthropic",
            "oauth2-client", "okta-token", "oauth2-private-key", "zscaler-private-key", "generic",
        ]
        #expect(ids == promised)
        #expect(builtIn.all(userFiles: []).map(\.id.text) == promised)
    }

    @Test("load, under their own id, with a secret that is required", arguments: ids)
    func loads(_ id: String) throws {
        let profile = try profile(id)
        #expect(profile.id.text == id)
        #expect(profile.source == .builtIn)
        #expect(!profile.title.isEmpty)
        #expect(profile.secretFields.contains { $0.requirement == .required })
        #expect(profile.fields.map(\.name).count == Set(profile.fields.map(\.name)).count)
    }

    @Test("have defaults that they themselves allow", arguments: ids)
    func defaults(_ id: String) throws {
        let profile = try profile(id)
        for field in profile.publicFields {
            guard let value = field.defaultValue else { continue }
            #expect(profile.defect(inPublic: value, of: field) == nil, "\(id) \(field.name)")
        }
    }

    @Test("say in words what a value must look like, wherever they have a pattern", arguments: ids)
    func words(_ id: String) throws {
        for field in try profile(id).fields where field.shape != nil {
            #expect(field.shapeWords != nil, "\(id) \(field.name)")
        }
    }

    @Test("put no secret into an address", arguments: ids)
    func addresses(_ id: String) throws {
        let profile = try profile(id)
        let known = KnownNames(
            id: profile.id, source: .builtIn, fields: profile.fields, derived: profile.derived)
        for call in profile.calls {
            #expect(known.secret(in: call.url) == nil)
            #expect(call.query.allSatisfy { known.secret(in: $0.text) == nil })
        }
    }

    @Test("are administered with credentials of which it is known how", arguments: ids)
    func administration(_ id: String) throws {
        let profile = try profile(id)
        for call in profile.calls {
            guard case .credential(let others, let isOwn) = call.administration else { continue }
            if isOwn { #expect(profile.use != nil, "\(call.purpose)") }
            for other in others { #expect(try builtIn.profile(other).use != nil, "\(other)") }
        }
    }

    @Test("say where a session token stands, wherever they give one", arguments: ids)
    func tokens(_ id: String) throws {
        let profile = try profile(id)
        guard let exchange = profile.call(.exchange) else { return }
        #expect(exchange.reply.token != nil)
        #expect(profile.sessionHeader != nil)
    }

    @Test("an id that nobody has is unknown")
    func unknown() {
        #expect(throws: ProfileError.unknown("nobody")) { try profile("nobody") }
    }

    @Test("what is asked for stands in its order, the secret last")
    func order() throws {
        let asked = try profile("zpa").fields.filter { $0.asking == .atAPrompt }
        let names = asked.map(\.name.text)
        #expect(
            names == [
                "key_name", "client_id", "customer_id", "cloud", "microtenant_id", "role",
                "status", "session_validity", "client_secret",
            ])
    }

    @Test("a key file is handed to a job as a file, not as a value")
    func delivery() throws {
        let field = try #require(try profile("google-service-account").secretFields.first)
        #expect(field.delivery == .file)
        #expect(field.environment == ["GOOGLE_APPLICATION_CREDENTIALS"])
    }

    @Test("how many may live at once and what happens to the old one is known where it matters")
    func lifetimes() throws {
        #expect(try profile("aws-iam").lifetime.slots == 2)
        #expect(try profile("okta").lifetime.slots == 2)
        #expect(try profile("google-service-account").lifetime.slots == 10)
        #expect(try profile("auth0").lifetime.rotation == .inPlace)
        #expect(try profile("github").lifetime.rotation == .guided)
        #expect(try profile("npm").lifetime.maximumDays == 90)
    }
}
