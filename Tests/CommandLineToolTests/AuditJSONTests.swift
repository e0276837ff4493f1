// The log as programs see it: JSON lines of our own, and events for a SIEM.

import Foundation
import Testing
import VaultModel

@testable import CommandLineTool

private func read(_ line: String) throws -> [String: Any] {
    #expect(line.hasSuffix("}\n") && !line.dropLast().contains("\n"))
    let inside = String(line.dropLast())
    #expect(Escaped.text(inside) == inside)
    return try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
}

@Suite("an event in JSON")
struct AuditJSONTests {
    @Test("has the members that the reference lists, in their order, always")
    func members() throws {
        let listed = JSONReference.auditEvent.members.map(\.name)
        for event in SampleEvents.all {
            let line = AuditJSON.line(event)
            #expect(Set(try read(line).keys) == Set(listed))
            guard event.detail?.attribution.reason != SampleEvents.hostile else { continue }
            let places = listed.map { line.range(of: "\"\($0)\":")?.lowerBound }
            for (earlier, later) in zip(places, places.dropFirst()) {
                #expect(try #require(earlier) < #require(later))
            }
        }
    }

    @Test("says everything exactly")
    func values() throws {
        let object = try read(AuditJSON.line(SampleEvents.event(.rename)))
        #expect(object["number"] as? Int == 42)
        #expect(object["time"] as? String == "2023-11-14T22:13:20Z")
        #expect(object["time_milliseconds"] as? Int == 1_700_000_000_123)
        #expect(object["operation"] as? String == "rename")
        #expect(object["name"] as? String == "zpa/prod/ci")
        #expect(object["new_name"] as? String == "zpa/prod/build")
        #expect(object["sealed"] as? Bool == false)
        #expect(object["program"] as? String == "/opt/deploy/bin/deploy")
        let chain = try #require(object["chain"] as? [[String: Any]])
        #expect(
            chain.map { $0["executable"] as? String } == [
                "present", "deleted", "replaced", "unknown",
            ])
        #expect(chain[3]["path"] is NSNull)
        let hostile = try read(AuditJSON.line(SampleEvents.hostileEvent()))
        for name in ["prefix", "terminal", "unit", "working_directory", "job", "reason"] {
            let text = hostile[name] as? String
            #expect(text.map { Array($0.utf8) } == Array(SampleEvents.hostile.utf8), "\(name)")
        }
    }

    @Test("of a locked vault is sealed and has nulls")
    func sealed() throws {
        let object = try read(AuditJSON.line(SampleEvents.sealed(.read)))
        #expect(object["sealed"] as? Bool == true)
        for name in JSONReference.auditEvent.members.map(\.name).drop(while: { $0 != "name" }) {
            #expect(object[name] is NSNull, "\(name)")
        }
    }
}

@Suite("an event for a SIEM")
struct OCSFEventTests {
    private func event(_ event: AuditEvent) throws -> [String: Any] {
        try read(OCSFEvent.line(event, vault: SampleEvents.vault))
    }

    @Test("has what the schema requires, of whatever kind it is")
    func required() throws {
        for sample in SampleEvents.all {
            let found = try event(sample)
            for name in ["category_uid", "class_uid", "activity_id", "type_uid", "severity_id"] {
                #expect(found[name] is Int, "\(name)")
            }
            let (kind, activity) = (found["class_uid"] as? Int, found["activity_id"] as? Int)
            #expect(found["type_uid"] as? Int == (kind ?? 0) * 100 + (activity ?? 0))
            #expect(found["time"] as? Int == 1_700_000_000_123)
            let metadata = try #require(found["metadata"] as? [String: Any])
            #expect(metadata["version"] as? String == "1.8.0")
            let product = try #require(metadata["product"] as? [String: Any])
            #expect(product["name"] as? String == "coffer")
            #expect(metadata["event_code"] as? String == sample.operation.word)
            let actor = try #require(found["actor"] as? [String: Any])
            let process = try #require(actor["process"] as? [String: Any])
            #expect(process["pid"] is Int)
            if kind == 3_004 {
                let entity = try #require(found["entity"] as? [String: Any])
                #expect(entity["name"] is String && entity["type"] is String)
                #expect(entity["type_id"] as? Int == 99)
            } else {
                #expect(kind == 3_002)
                let user = try #require(found["user"] as? [String: Any])
                #expect(user["uid"] as? String == "1000")
                #expect((found["service"] as? [String: Any])?["name"] as? String == "coffer")
            }
        }
    }

    @Test("says what was done in the schema's words")
    func activities() throws {
        let wanted: [(AuditOperation, Int)] = [
            (.capture, 300_401), (.read, 300_402), (.edit, 300_403), (.purge, 300_404),
            (.rename, 300_405), (.enable, 300_408), (.disable, 300_409), (.unlock, 300_201),
            (.failedUnlock, 300_201), (.lock, 300_202), (.slotAdd, 300_401), (.audit, 300_402),
        ]
        for (operation, type) in wanted {
            #expect(try event(SampleEvents.event(operation))["type_uid"] as? Int == type)
        }
    }

    @Test("succeeds only where the operation was done and was no failure itself")
    func status() throws {
        for sample in SampleEvents.all {
            let isDone = sample.outcome == .done && sample.operation != .failedUnlock
            let found = try event(sample)
            #expect(found["status_id"] as? Int == (isDone ? 1 : 2))
            #expect(found["status_code"] as? String == sample.outcome.word)
        }
        func severity(_ operation: AuditOperation, _ outcome: AuditOutcome) throws -> Int? {
            try event(SampleEvents.event(operation, outcome))["severity_id"] as? Int
        }
        #expect(try severity(.read, .done) == 1 && severity(.read, .missing) == 2)
        #expect(try severity(.read, .refused) == 3 && severity(.read, .damaged) == 4)
        #expect(try severity(.breakGlass, .done) == 4 && severity(.failedUnlock, .done) == 3)
    }

    @Test("has the chain as parents, the reason as comment, the new name as result")
    func places() throws {
        let found = try event(SampleEvents.event(.rename))
        #expect(found["comment"] as? String == "release 4.2")
        let result = try #require(found["entity_result"] as? [String: Any])
        #expect(result["name"] as? String == "zpa/prod/build")
        let actor = try #require(found["actor"] as? [String: Any])
        let process = try #require(actor["process"] as? [String: Any])
        #expect(process["name"] as? String == "coffer")
        let parent = try #require(process["parent_process"] as? [String: Any])
        let file = try #require(parent["file"] as? [String: Any])
        #expect(file["path"] as? String == "/opt/deploy/bin/deploy")
        #expect(file["is_deleted"] as? Bool == true)
        let ancestry = try #require(process["ancestry"] as? [[String: Any]])
        #expect(ancestry.map { $0["pid"] as? Int } == [20, 10, 9])
    }
}
