// Questions as frames: each comes back as it went, and nothing else is taken for one.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import AgentProtocol

private let ci = SecretName("zpa/ci")!

private func bytes(_ frame: borrowing SecretBytes) -> [UInt8] {
    (0..<frame.count).map { frame.bytes[$0] }
}

/// Reads a whole frame; what was read, as words.
func read(_ frame: [UInt8]) throws(VaultError) -> String {
    let request = try Request.read(frame.span.extracting(Frame.headCount...))
    switch consume request {
    case .hello(let greeting): return "hello \(greeting)"
    case .status: return "status"
    case .lock(let ends): return "lock \(ends)"
    case .unlock(let offer, let choice, let times):
        switch offer {
        case .passphrase(let text): return "passphrase \(text.count) \(choice) \(times)"
        case .rawKey(let text): return "key \(text.count) \(choice) \(times)"
        }
    case .fetch(let name, let version, let disabled): return "fetch \(name) \(version) \(disabled)"
    case .fetchUnlogged(let name, let version, let disabled):
        return "unlogged \(name) \(version) \(disabled)"
    case .describe(let name): return "describe \(name)"
    case .list(let prefix, let removed): return "list \(prefix) \(removed)"
    case .names(let prefix, let removed): return "names \(prefix) \(removed)"
    case .preflight(let name, let conflict): return "preflight \(name) \(conflict)"
    case .store(let draft, let secrets, let conflict):
        return "store \(draft) \(secrets.names) \(conflict)"
    case .edit(let name, let changes): return "edit \(name) \(changes)"
    case .rename(let name, let newName): return "rename \(name) \(newName)"
    case .remove(let name): return "remove \(name)"
    case .restore(let name): return "restore \(name)"
    case .purge(let name): return "purge \(name)"
    case .audit(let question): return "audit \(question)"
    case .inbox(let question): return "inbox \(question)"
    case .grant(.permit(let name, let scope)): return "permit \(name) \(scope)"
    case .grant(let question): return "\(question)"
    case .rotation(let question): return "rotation \(question)"
    case .storeRotated(let value, let secrets): return "rotated \(value) \(secrets.names)"
    }
}

func frame(
    _ topic: Topic, _ fill: (inout FrameWriter) -> Void = { _ in }
) -> [UInt8] {
    var writer = FrameWriter(topic)
    fill(&writer)
    return bytes(writer.finish())
}

private let changes: [DescriptionChange] = [
    .label("é"), .set(.secret, "x"), .setOfCurrent(.secret, "y"), .unset(.secret), .tag("a"),
    .untag("b"),
    .expires(Timestamp(milliseconds: 5)), .expires(nil), .maximumAge(7), .maximumAge(nil),
    .managedElsewhere(true), .requiresReason(false),
    .requiresGrant(true), .requiresGrant(false), .status(.disabled), .status(.enabled),
]

private func draft() -> SecretDraft {
    var draft = SecretDraft(name: ci, issuer: IssuerID("zpa")!)
    draft.status = .disabled
    draft.label = "a label"
    draft.fields = [FieldName("client_id")!: "1", FieldName("cloud")!: "beta"]
    draft.tags = ["b", "a"]
    draft.expires = Timestamp(milliseconds: 9)
    draft.maximumAge = 86_400
    draft.isManagedElsewhere = true
    draft.requiresReason = false
    draft.requiresGrant = true
    return draft
}

private let questions: [(frame: [UInt8], words: String)] = {
    let (some, none): ([UInt8], [UInt8]) = ([1, 2, 3], [])
    var secrets = SecretFields()
    _ = secrets.add(.secret, some.span)
    _ = secrets.add(FieldName("other")!, none.span)
    let greeting = Greeting(
        vault: FileIdentity(device: 1, inode: .max),
        saying: Saying(reason: "why", job: nil, workingDirectory: "/w"))
    let typed: [UInt8] = [1, 2, 3, 4]
    let key = SecretBytes(copying: typed.span)
    var store = FrameWriter(.store)
    store.add(draft())
    store.add(true)
    store.add(secrets)
    var unlock = FrameWriter(.unlock)
    unlock.add(unlock: key, isRaw: true, .accept, LockTimes(idle: 3, most: nil))
    return [
        (frame(.hello) { $0.add(greeting) }, "hello \(greeting)"),
        (frame(.status), "status"), (frame(.lock) { $0.add(true) }, "lock true"),
        (bytes(unlock.finish()), "key 4 accept \(LockTimes(idle: 3, most: nil))"),
        (
            frame(.fetch) {
                $0.add(ci.text)
                $0.add(VersionSelector.number(3))
                $0.add(true)
            }, "fetch zpa/ci 3 allow"
        ),
        (
            frame(.permit) {
                $0.add(ci.text)
                $0.add(UInt8(2))
                $0.add(UInt64(9))
            }, "permit zpa/ci program(until: 1970-01-01T00:00:00Z)"
        ),
        (
            frame(.permit) {
                $0.add(ci.text)
                $0.add(UInt8(0))
            }, "permit zpa/ci once"
        ),
        (frame(.sessionGrants), "list"), (frame(.forgetGrants), "forget"),
        (
            frame(.list) {
                $0.add("zpa/")
                $0.add(true)
            }, "list zpa/ only"
        ),
        (
            frame(.names) {
                $0.add("")
                $0.add(false)
            }, "names  hide"
        ),
        (
            frame(.edit) {
                $0.add(ci.text)
                $0.add(UInt32(changes.count))
                for change in changes { $0.add(change) }
            }, "edit zpa/ci \(changes)"
        ),
        (
            bytes(store.finish()),
            "store \(draft()) \([FieldName.secret, FieldName("other")!]) addVersion"
        ),
    ]
}()

@Suite("a question")
struct RequestTests {
    @Test("comes back as it went")
    func roundTrip() throws {
        for question in questions where !question.words.hasPrefix("store") {
            #expect(try read(question.frame) == question.words)
        }
        // A dictionary has no order of its own.
        let stored = try #require(questions.last)
        let request = try Request.read(stored.frame.span.extracting(Frame.headCount...))
        switch consume request {
        case .store(let found, let secrets, let conflict):
            #expect(found == draft() && conflict == .addVersion)
            #expect(secrets.names == [.secret, FieldName("other")!])
            #expect(secrets.value(of: .secret)[2] == 3)
        default: Issue.record("another question")
        }
    }

    @Test("says how long it is")
    func length() {
        for question in questions {
            let frame = question.frame
            #expect(
                Frame.length(frame.span.extracting(first: 4), isGreeting: false)
                    == frame.count - 4)
        }
    }

    @Test("may not be empty or longer than it may be before and after the greeting")
    func bounds() {
        func length(_ number: UInt32, _ isGreeting: Bool) -> Int? {
            let head = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
            return Frame.length(head.span, isGreeting: isGreeting)
        }
        #expect(length(0, true) == nil && length(0, false) == nil)
        #expect(length(65_536, true) == 65_536 && length(65_537, true) == nil)
        #expect(length(17 << 20, false) == 17 << 20 && length(17 << 20 + 1, false) == nil)
        #expect(length(.max, false) == nil)
    }

    @Test("is refused if it is cut anywhere, or longer")
    func cut() {
        for question in questions {
            let frame = question.frame
            for count in Frame.headCount..<frame.count {
                #expect(throws: VaultError.agentRefused(.malformed)) {
                    try read(Array(frame[..<count]))
                }
            }
            #expect(throws: VaultError.agentRefused(.malformed)) { try read(frame + [0]) }
        }
    }

    @Test("of an unknown topic, or of an answer's, is refused")
    func topics() {
        let known = Set(Topic.allCases.map(\.rawValue))
        for topic in UInt8.min...UInt8.max where !known.contains(topic) || topic >= 0x80 {
            #expect(throws: VaultError.agentRefused(.malformed)) { try read([0, 0, 0, 1, topic]) }
        }
    }

    @Test("of another protocol is said to be that")
    func version() {
        var greeting = frame(.hello) {
            $0.add(Greeting(vault: FileIdentity(device: 1, inode: 1), saying: Saying()))
        }
        greeting[6] &+= 1
        #expect(throws: VaultError.agentRefused(.otherVersion)) { try read(greeting) }
        #expect(throws: VaultError.agentRefused(.otherVersion)) { try read(greeting + [1, 2]) }
    }

    @Test("with any byte changed is another question or none, and never ends the program")
    func mutations() {
        var generator = SeededGenerator(seed: 11)
        var refused = 0
        for _ in 0..<50_000 {
            let question = questions[Int(generator.next() % UInt64(questions.count))]
            var frame = question.frame
            for _ in 0...generator.next() % 3 {
                let place = Int(generator.next() % UInt64(frame.count))
                frame[place] = UInt8(truncatingIfNeeded: generator.next())
            }
            do { _ = try read(frame) } catch { refused += 1 }
        }
        #expect(refused > 10_000)
    }
}
