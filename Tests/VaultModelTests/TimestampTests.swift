// Points in time and their texts.

import Testing
import VaultModel

@Suite("A point in time")
struct TimestampTests {
    @Test(
        "is read from a day or a second, and written as it",
        arguments: [
            ("1970-01-01", "1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z", 1),
            ("1999-12-31T23:59:59Z", "1999-12-31T23:59:59Z", 946_684_799),
            ("2000-02-29", "2000-02-29T00:00:00Z", 951_782_400),
            ("2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z", 1_700_000_000),
            ("2024-02-29T12:30:45Z", "2024-02-29T12:30:45Z", 1_709_209_845),
            ("2038-01-19T03:14:08Z", "2038-01-19T03:14:08Z", 2_147_483_648),
            ("2100-03-01", "2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", 253_402_300_799),
        ])
    func known(text: String, written: String, seconds: UInt64) {
        let time = Timestamp(milliseconds: seconds * 1_000)
        #expect(Timestamp(iso8601: text) == time)
        #expect(time.description == written)
        #expect(time.date == String(written.prefix(10)))
    }

    @Test("of every day from 1970 to 2110 is its date, and its date is the day")
    func days() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var day: UInt64 = 0
        for year in 1970...2110 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for month in 1...12 {
                let last = lengths[month - 1] + (isLeap && month == 2 ? 1 : 0)
                for number in 1...31 {
                    let text = "\(year)-\(Self.two(month))-\(Self.two(number))"
                    let time = Timestamp(iso8601: text)
                    guard number <= last else {
                        #expect(time == nil, "\(text)")
                        continue
                    }
                    #expect(time == Timestamp(milliseconds: day * 86_400_000))
                    #expect(time?.date == text)
                    day += 1
                }
            }
        }
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    @Test("of every second of a day is written and read again")
    func seconds() {
        for second in stride(from: UInt64(0), to: 86_400, by: 7) {
            let time = Timestamp(milliseconds: (19_000 * 86_400 + second) * 1_000)
            #expect(Timestamp(iso8601: time.description) == time)
        }
    }

    @Test("is not read from anything else")
    func refused() {
        for text in [
            "", "1969-12-31", "0000-01-01", "2023-00-01", "2023-13-01", "2023-01-00", "2023-01-32",
            "2023-02-29", "2100-02-29", "1900-02-29", "2023-04-31", "2023-1-1", "23-01-01",
            "10000-01-01", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z", "2023-01-01T00:00:60Z",
            "2023-01-01T00:00:00", "2023-01-01T00:00:00z", "2023-01-01t00:00:00Z",
            "2023-01-01 00:00:00Z", "2023-01-01T00:00Z", "2023-01-01T00:00:00.0Z",
            "2023-01-01T00:00:00+00:00", "2023/01/01", "20230101", " 2023-01-01", "2023-01-01 ",
            "2023-01-01\n", "2023-01-0a", "-023-01-01", "+023-01-01", "2023-01-01T00:00:00ZZ",
            "\u{662}023-01-01", "tomorrow",
        ] {
            #expect(Timestamp(iso8601: text) == nil, "\(text)")
        }
    }

    @Test("keeps milliseconds that its text leaves out, and is ordered by them")
    func milliseconds() {
        let (early, late) = (Timestamp(milliseconds: 1_999), Timestamp(milliseconds: 2_000))
        #expect(early < late)
        #expect(early.description == "1970-01-01T00:00:01Z")
        #expect(early.milliseconds == 1_999)
    }

    @Test("beyond the year 9999, from a file that holds any number, is still written")
    func beyond() {
        #expect(Timestamp(milliseconds: 253_402_300_800_000).date == "10000-01-01")
        #expect(Timestamp(milliseconds: .max).date == "584556019-04-03")
        #expect(Timestamp(milliseconds: .max).description == "584556019-04-03T14:25:51Z")
    }
}
