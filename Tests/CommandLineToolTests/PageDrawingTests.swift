// What the drawings of the page are made from: days of uses, and the time that keys live.

import Testing
import VaultModel

@testable import CommandLineTool

private func map(_ days: [(ago: UInt64, uses: Int)], begins: UInt64) throws -> HeatMap? {
    var sample = PageSample()
    try sample.add(try CommandLineToolTests.sample("a"))
    for (ago, uses) in days {
        for _ in 0..<uses { try sample.add(.read, 0, noon.before(ago * 86_400), "/p") }
    }
    try sample.add(.initialise, 1, noon.before(begins * 86_400), "/p")
    return HeatMap(try sample.report.ledger, now: noon)
}

@Suite("the map of uses")
struct HeatMapTests {
    @Test("needs a log")
    func none() { #expect(HeatMap(UsageLedger(), now: noon) == nil) }

    @Test("goes back as far as the log, but not further than 53 weeks that begin on Monday")
    func span() throws {
        let young = try #require(try map([], begins: 3))
        #expect(
            HeatMap.date(young.first) == "2026-11-22" && HeatMap.date(young.last) == "2026-11-25")
        #expect(young.mondays.map(HeatMap.date) == ["2026-11-16", "2026-11-23"])
        let old = try #require(try map([(400, 5), (364, 1)], begins: 900))
        #expect(HeatMap.date(old.first) == "2025-11-24" && old.mondays.count == 53)
        #expect(old.total == 1)
        #expect(old.count(on: old.first - 1) == nil && old.count(on: old.last + 1) == nil)
    }

    @Test("counts days, and keeps apart what a clock that was set back made later than today")
    func counts() throws {
        var sample = PageSample()
        try sample.add(.read, 7, noon.adding(seconds: days(3)), "/p")
        for ago: UInt64 in [0, 0, 1, 5] { try sample.add(.read, 8, noon.before(days(ago)), "/p") }
        let map = try #require(HeatMap(try sample.report.ledger, now: noon))
        #expect(map.later == 1 && map.total == 4 && map.used == 3)
        #expect(map.busiest?.day == map.last && map.busiest?.count == 2)
        #expect(map.count(on: map.last - 1) == 1 && map.count(on: map.last - 2) == 0)
        let text = try sample.report.text
        #expect(text.contains("1 use with a later date"))
    }

    @Test(
        "has levels that grow by the same factor, as many as there are different ones",
        arguments: [
            (1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (16, [2, 4, 8, 16]), (81, [3, 9, 27, 81]),
        ])
    func levels(_ most: Int, _ bounds: [Int]) throws {
        let map = try #require(try map([(1, most)], begins: 2))
        #expect(map.bounds == bounds)
        #expect(map.level(0) == 0 && map.level(most) == HeatMap.levels)
        #expect(bounds.map(map.level) == Array((5 - bounds.count)...4))
        #expect(map.level(1) == 5 - bounds.count)
    }

    @Test("has every day in its table, and nothing that is not a day of it")
    func table() throws {
        var sample = PageSample()
        try sample.add(.read, 7, noon.before(days(2)), "/p")
        try sample.add(.initialise, 7, noon.before(days(9)), "/p")
        let page = try StrictHTML.page(try sample.report.text)
        let rows = try #require(page.all("table", "week").first?.all("tbody").first).children
        #expect(
            rows.map { $0.children.map(\.text).joined(separator: " ") } == [
                "2026-11-23 1 0 0 – – – – 1", "2026-11-16 0 0 0 0 0 0 0 0",
            ])
    }
}

@Suite("the timeline")
struct TimelineTests {
    private func timeline(_ secrets: [Metadata]) throws -> Timeline {
        let keys = KeyInventory(try numbered(secrets), UsageLedger(), now: noon).keys
        return Timeline(keys, KnownProfiles(), now: noon)
    }

    @Test("has the earliest date first and what has none last, the oldest before others")
    func order() throws {
        let timeline = try timeline([
            try sample("young", age: days(2)), try sample("old", age: days(300)),
            try sample("later") { $0.expires = noon.adding(seconds: days(15)) },
            try sample("soon") { $0.expires = noon.adding(seconds: days(14)) },
            try sample("over", age: days(40)) {
                $0.maximumAge = days(30)
                $0.expires = noon.adding(seconds: days(90))
            },
            try sample("now") { $0.expires = noon },
        ])
        #expect(timeline.rows.map(\.name.text) == ["over", "now", "soon", "later", "old", "young"])
        #expect(timeline.rows.map(\.state) == [.over, .over, .soon, .later, .endless, .endless])
        #expect(timeline.rows[0].dues.count == 2)
        #expect(timeline.count(.over) == 2 && timeline.count(.endless) == 2)
    }

    @Test("says in words what its bars show")
    func words() throws {
        var made = PageSample()
        try made.add(
            try sample("a", age: days(40)) {
                $0.maximumAge = days(30)
                $0.expires = noon.adding(seconds: days(90))
            })
        try made.add(try sample("b", age: days(40)) { $0.status = .disabled })
        let page = try StrictHTML.page(try made.report.text)
        #expect(
            page.all("span", "when").map(\.text) == [
                "2026-11-15 is over its maximum age of 30 days by 10 days; "
                    + "2027-02-23 expires in 90 days",
                "no date; 40 days old; disabled",
            ])
        #expect(page.all("ol")[0].children.map { $0["class"] } == ["over", "endless off"])
    }

    @Test("has a scale with all that is near, and cuts what is far away")
    func scale() throws {
        let near = TimeScale([noon.before(days(300))], [noon.adding(seconds: days(200))], now: noon)
        #expect(near.first < noon.before(days(300)) && near.first > noon.before(days(320)))
        #expect(near.last > noon.adding(seconds: days(200)))
        #expect(near.place(near.first) == 0 && near.place(near.last) == 1)
        #expect((0.5...0.7).contains(near.place(noon)))
        let far = TimeScale([Timestamp(milliseconds: 0)], [.last], now: noon)
        #expect(far.first.date == "2023-10-23" && far.last.date == "2028-06-12")
        #expect(far.place(Timestamp(milliseconds: 0)) == 0 && far.place(.last) == 1)
        let empty = TimeScale([], [], now: noon)
        #expect(empty.last.seconds(since: empty.first) >= days(120))
        let start = Timestamp(milliseconds: 5)
        #expect(TimeScale([], [], now: start).first.milliseconds == 0)
    }

    @Test("has as many ticks as can be read, at beginnings of months")
    func ticks() {
        for (past, future) in [(1, 1), (60, 60), (100, 100), (300, 200), (700, 500), (2_000, 900)] {
            let scale = TimeScale(
                [noon.before(days(UInt64(past)))], [noon.adding(seconds: days(UInt64(future)))],
                now: noon)
            #expect((2...8).contains(scale.ticks.count), "\(past): \(scale.ticks.map(\.label))")
            #expect(scale.ticks.allSatisfy { $0.time.date.hasSuffix("-01") })
        }
        let year = TimeScale([noon.before(days(300))], [noon.adding(seconds: days(200))], now: noon)
        #expect(year.ticks.map(\.label) == ["Apr", "Jul", "Oct", "2027", "Apr"])
    }
}
