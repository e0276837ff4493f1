// The timeline as lines of text, each with a bar beside it.
//
// The words of a line say everything; bars are for the eye and hidden from screen readers. A bar is
// a drawing as wide as it happens to be, so that signs and words keep their size on a telephone.

internal import VaultModel

struct TimelineSection {
    let timeline: Timeline

    /// What stands at the end of a bar, drawn around the middle of the line.
    private enum Sign: String {
        case over = "M0-6.5A6.5 6.5 0 1 0 0 6.5A6.5 6.5 0 1 0 0-6.5M-3-3L3 3M3-3L-3 3"
        case soon = "M0-6.5L6.5 5.5H-6.5Z"
        case expiry = "M0-8V8"
        case maximumAge = "M0-6L6 0L0 6L-6 0Z"
        case endless = "M2-5L8 0L2 5"
        case cutLeft = "M9-4L5 0L9 4"
        case cutRight = "M-9-4L-5 0L-9 4"
    }

    var section: PageSection {
        PageSection("ages", "Ages and dates of expiry", content)
    }

    private var content: [HTMLText] {
        guard !timeline.rows.isEmpty else { return [PageSection.paragraph("There are no keys.")] }
        let drawn = timeline.rows.prefix(Timeline.mostRows)
        var content = [
            PageSection.paragraph(
                "A bar begins when the current version was stored, and ends at the date by which"
                    + " something has to be done, or today.")
        ]
        if drawn.count < timeline.rows.count {
            content.append(
                .element(
                    "p", ["class": "note"],
                    .text(
                        "Of \(Count.of(timeline.rows.count, "key")) the"
                            + " \(Count.digits(drawn.count)) with the earliest dates are drawn; "),
                    .element("a", ["href": "#keys"], .text("the table of keys")),
                    .text(" has all of them.")))
        }
        return content + [key, axis, .element("ol", ["class": "line"], drawn.map(row))]
    }

    private func row(_ row: Timeline.Row) -> HTMLText {
        var styles = [Self.style(row.state)]
        if row.isDisabled { styles.append("off") }
        return .element(
            "li", ["class": styles.joined(separator: " ")],
            .element("span", ["class": "name"], .path(row.name.text)), bar(row),
            .element("span", ["class": "when"], words(row)))
    }

    private static func style(_ state: Timeline.State) -> String {
        switch state {
        case .over: "over"
        case .soon: "soon"
        case .later: "later"
        case .endless: "endless"
        }
    }

    private func words(_ row: Timeline.Row) -> [HTMLText] {
        let age = Age.long(timeline.now.seconds(since: row.start))
        var lines = row.dues.map { due in
            HTMLText.element("b", .text(due.time.date)) + .text(" \(due.words(at: timeline.now))")
        }
        if lines.isEmpty { lines = [.text("no date; \(age) old")] }
        if row.isDisabled { lines.append(.text("disabled")) }
        return [lines[0]] + lines.dropFirst().map { .text("; ") + $0 }
    }

    // Bars.

    private func bar(_ row: Timeline.Row) -> HTMLText {
        let (now, scale) = (timeline.now, timeline.scale)
        let end = row.dues.first?.time ?? now
        var shapes = scale.ticks.map { Self.upright($0.time, scale, "tick") }
        shapes.append(Self.rectangle(row.start, min(now, end), scale, "past"))
        if end > now { shapes.append(Self.rectangle(max(now, row.start), end, scale, "rest")) }
        if end < now { shapes.append(Self.stroke(end, now, scale)) }
        shapes.append(Self.upright(now, scale, "today"))
        if row.start < scale.first { shapes.append(Self.sign(.cutLeft, at: 0)) }
        if row.dues.isEmpty { shapes.append(Self.sign(.endless, at: scale.place(now))) }
        for due in row.dues {
            let isOutside = due.time > scale.last
            shapes.append(
                Self.sign(isOutside ? .cutRight : sign(due), at: scale.place(due.time)))
        }
        return .element("svg", ["aria-hidden": "true"], shapes)
    }

    private func sign(_ due: DueDate) -> Sign {
        if due.isOver(at: timeline.now) { return .over }
        if due.time <= timeline.now.adding(seconds: Due.standardSpan) { return .soon }
        if case .maximumAge = due.reason { return .maximumAge }
        return .expiry
    }

    private static func upright(_ time: Timestamp, _ scale: TimeScale, _ style: String) -> HTMLText
    {
        let place = percent(scale.place(time))
        return .element(
            "line", ["class": style, "x1": place, "x2": place, "y1": "0", "y2": "100%"])
    }

    /// A drawing inside of the drawing, for there the middle of the line has the height 0.
    private static func middle(_ x: String, _ style: String, _ shape: HTMLText) -> HTMLText {
        .element("svg", ["x": x, "y": "50%", "class": style], shape)
    }

    private static func rectangle(
        _ start: Timestamp, _ end: Timestamp, _ scale: TimeScale, _ style: String
    ) -> HTMLText {
        let (from, to) = (scale.place(start), scale.place(max(start, end)))
        return middle(
            "0", style,
            .element(
                "rect",
                ["x": percent(from), "width": percent(to - from), "y": "-4.5", "height": "9"]))
    }

    private static func stroke(_ start: Timestamp, _ end: Timestamp, _ scale: TimeScale) -> HTMLText
    {
        middle(
            "0", "late",
            .element(
                "line", ["x1": percent(scale.place(start)), "x2": percent(scale.place(end))]))
    }

    private static func sign(_ sign: Sign, at place: Double) -> HTMLText {
        middle(percent(place), "sign", .element("path", ["d": sign.rawValue]))
    }

    /// Two digits behind the point: a tenth of a pixel on a desk.
    private static func percent(_ part: Double) -> String {
        let hundredths = Int((part * 10_000).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }

    // Axis and key.

    private var axis: HTMLText {
        let (now, scale) = (timeline.now, timeline.scale)
        let today = scale.place(now)
        // Words do not run into the one for today.
        var labels = scale.ticks.filter { abs(scale.place($0.time) - today) > 0.09 }.map { tick in
            label(tick.label, "", at: scale.place(tick.time))
        }
        labels.append(label("today", "now", at: today))
        return .element(
            "div", ["class": "axis", "aria-hidden": "true"], .element("span"),
            .element("svg", ["aria-hidden": "true"], labels), .element("span"))
    }

    private func label(_ words: String, _ style: String, at place: Double) -> HTMLText {
        .element(
            "text", ["x": Self.percent(place), "y": "85%", "class": style], .text(words))
    }

    private var key: HTMLText {
        func entry(_ style: String, _ words: String, _ shapes: HTMLText...) -> HTMLText {
            .element(
                "li", ["class": style],
                .element("svg", ["aria-hidden": "true"], shapes), .text(words))
        }
        func bar(_ style: String) -> HTMLText {
            Self.middle(
                "0", style,
                .element("rect", ["x": "0", "width": "100%", "y": "-4.5", "height": "9"]))
        }
        func sign(_ sign: Sign) -> HTMLText { Self.sign(sign, at: 0.5) }
        return .element(
            "ul", ["class": "key", "aria-hidden": "true"],
            entry("", "time passed", bar("past")), entry("", "time left", bar("rest")),
            entry("over", "date is past", sign(.over)),
            entry("soon", "within \(Age.long(Due.standardSpan))", sign(.soon)),
            entry("", "expires", sign(.expiry)), entry("", "maximum age", sign(.maximumAge)),
            entry("", "no date", sign(.endless)), entry("off", "disabled", bar("past")))
    }
}
