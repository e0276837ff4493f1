// What is planned before the first call, and what is refused.

import Rotation
import Testing
import VaultModel

@Suite("A plan")
struct PlannerTests {
    private static let name = SecretName("aws/ci")!

    private static func secret(_ change: (inout Metadata) -> Void = { _ in }) -> Metadata {
        var secret = Metadata(name: name, created: Sample.begun)
        secret.versions = [
            VersionSummary(
                number: 1, state: .previous, created: Sample.begun, fields: [.secret]),
            VersionSummary(number: 2, state: .current, created: Sample.begun, fields: [.secret]),
        ]
        change(&secret)
        return secret
    }

    private static func held(_ id: String, _ state: VersionState, isActive: Bool = true)
        -> KeyAtIssuer
    {
        KeyAtIssuer(
            id: Sample.key(id), isActive: isActive,
            holder: .version(state == .current ? 2 : 1, state))
    }

    private static func foreign(_ id: String) -> KeyAtIssuer {
        KeyAtIssuer(id: Sample.key(id), isActive: true, holder: .nobody)
    }

    private static func planner(
        _ keys: [KeyAtIssuer]? = [held("b", .current)], _ mode: RotationMode = .dual,
        _ change: (inout Planner) -> Void = { _ in }
    ) -> Planner {
        var planner = Planner(
            mode: mode, abilities: Sample.able, administrator: .itself, grace: 600, keys: keys,
            currentID: Sample.key("b"))
        change(&planner)
        return planner
    }

    private static func refusal(
        _ planner: Planner, _ secret: Metadata = secret()
    ) -> PlanRefusal? {
        do throws(PlanRefusal) {
            _ = try planner.plan(for: secret)
            return nil
        } catch { return error }
    }

    private static let rest: [PlannedStep] = [
        .create(.call, .itself), .store, .verify, .promote, .grace(seconds: 600), .deactivate,
        .soak(seconds: 3_600), .revoke(.call), .retire,
    ]

    @Test("names each step in its order")
    func steps() throws {
        #expect(try Self.planner().plan(for: Self.secret()) == [.list] + Self.rest)
        let exchange = Self.planner(nil, .inPlace)
        #expect(
            try exchange.plan(for: Self.secret())
                == [.create(.call, .itself), .store, .verify, .promote, .retire])
        let guided = Self.planner(nil, .guided) {
            $0.abilities = Abilities(create: .person, revoke: .person, list: false, verify: false)
            $0.administrator = .notNeeded
        }
        #expect(
            try guided.plan(for: Self.secret())
                == [
                    .create(.person, .notNeeded), .store, .useUnverified, .promote,
                    .grace(seconds: 600), .revoke(.person), .retire,
                ])
        for step in try guided.plan(for: Self.secret()) + Self.rest { #expect(!step.words.isEmpty) }
    }

    @Test("takes the place of an older key only after that was switched off for a while")
    func olderKeys() throws {
        let active = Self.planner([Self.held("b", .current), Self.held("a", .previous)])
        #expect(
            try active.plan(for: Self.secret())
                == [
                    .list, .deactivateOlder(Sample.key("a")), .waitForOlder(seconds: 3_600),
                    .revokeOlder(Sample.key("a")),
                ] + Self.rest)
        let inactive = Self.planner([
            Self.held("b", .current), Self.held("a", .retired, isActive: false),
        ])
        #expect(
            try inactive.plan(for: Self.secret())
                == [.list, .revokeOlder(Sample.key("a"))] + Self.rest)
        // What is switched off goes first.
        var three = Self.planner([
            Self.held("b", .current), Self.held("a", .previous),
            Self.held("c", .retired, isActive: false),
        ])
        three.abilities.slots = 3
        #expect(
            try three.plan(for: Self.secret())
                == [.list, .revokeOlder(Sample.key("c"))] + Self.rest)
    }

    @Test("never takes the place of a key that the vault does not hold, or holds as its newest")
    func foreignKeys() {
        let ids = [Sample.key("b"), Sample.key("x")]
        let foreign = Self.planner([Self.held("b", .current), Self.foreign("x")])
        #expect(Self.refusal(foreign) == .full(ids))
        let pending = Self.planner([
            Self.held("b", .current),
            KeyAtIssuer(id: Sample.key("x"), isActive: false, holder: .version(3, .pending)),
        ])
        #expect(Self.refusal(pending) == .full(ids))
        // An active one that cannot be switched off first is not deleted either.
        let older = Self.planner([Self.held("b", .current), Self.held("x", .previous)]) {
            $0.abilities.deactivate = false
        }
        #expect(Self.refusal(older) == .full(ids))
        let byHand = Self.planner([
            Self.held("b", .current), Self.held("x", .retired, isActive: false),
        ]) { $0.abilities.revoke = .person }
        #expect(Self.refusal(byHand) == .full(ids))
        let single = Self.planner { $0.abilities.slots = 1 }
        #expect(Self.refusal(single) == .oneSlot)
        #expect(Self.refusal(Self.planner([])) == .currentUnknown(Sample.key("b")))
    }

    @Test("is refused where nothing could be done, in words")
    func refusals() {
        let running = Self.secret { $0.rotation = Sample.journal(.promoted) }
        #expect(Self.refusal(Self.planner(), running) == .running(.promoted))
        let over = Self.secret { $0.rotation = Sample.journal(.abandoned) }
        #expect(Self.refusal(Self.planner(), over) == nil)
        let empty = Self.secret { $0.versions[1].state = .pending }
        #expect(Self.refusal(Self.planner(), empty) == .noCurrentVersion)
        let elsewhere = Self.secret { $0.isManagedElsewhere = true }
        #expect(Self.refusal(Self.planner(), elsewhere) == .managedElsewhere)
        let okta = IssuerID("okta")!
        let missing = Self.planner { $0.administrator = .missing(okta) }
        #expect(Self.refusal(missing) == .administratorMissing(okta))
        // A person at the console needs none.
        let guided = Self.planner(nil, .guided) {
            $0.administrator = .missing(okta)
            $0.abilities.create = .person
        }
        #expect(Self.refusal(guided) == nil)
        #expect(Self.refusal(Self.planner(nil, .guided)) == .modeUnfit(.guided))
        let byHand = Self.planner { $0.abilities.create = .person }
        #expect(Self.refusal(byHand) == .modeUnfit(.dual))
        for refusal: PlanRefusal in [
            .running(.creating), .noCurrentVersion, .managedElsewhere, .administratorMissing(okta),
            .modeUnfit(.dual), .oneSlot, .full([Sample.key("a")]), .currentUnknown(Sample.key("a")),
        ] {
            #expect(!refusal.words.isEmpty && refusal.words.first?.isUppercase == false)
        }
    }
}
