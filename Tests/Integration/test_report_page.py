# The page of `audit report --html` in a real browser: what it shows, and that it fetches nothing.

import html.parser
import json
import os
import pathlib
import re
import struct
import subprocess
import unittest
import zlib

from support import CofferTest, needs

# What of a label would act if one place did not escape it.
HOSTILE = "</td><script>document.title='acted'</script><img src=x onerror=alert(1)>\"'&"
SECRET = b"SECRET-4c1f8e0d-never-on-a-page"
HEADINGS = [
    "At a glance", "Findings", "Ages and dates of expiry", "Uses by day", "Programs by key",
    "Keys", "What opens the vault", "Log and receipt",
]
# In Chromium's words: 0 is dark, 1 is light.
DARK, LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"


class Outline(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the text by element."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.open = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "wbr"):
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@needs("chromium")
class ReportPageTest(CofferTest):
    """Every test has one page of a vault with a few keys, one of them hostile."""

    def setUp(self):
        super().setUp()
        self.make_vault()
        self.store("zpa/prod/ci", SECRET, "--label", HOSTILE, "--tag", HOSTILE)
        self.store("aws/prod/deploy", SECRET + b"2", "--expires", "10d")
        self.store("github/ci", SECRET + b"3", "--expires", "2020-01-01")
        for _ in range(3):
            self.succeed(self.coffer("get", "zpa/prod/ci"))
        self.page = pathlib.Path(f"{self.home.path}/report.html")
        self.succeed(self.coffer("audit report", "--html", str(self.page)))

    def browse(self, *words, page=None):
        """Runs Chromium on a page; what it says of the page comes on standard error."""
        command = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--hide-scrollbars", "--enable-logging=stderr",
            f"--user-data-dir={self.home.folder('browser')}", *words,
            (page or self.page).as_uri(),
        ]
        environment = self.home.environment | {"HOME": self.home.folder("browser-home")}
        run = subprocess.run(
            command, capture_output=True, timeout=120, cwd=self.home.path, env=environment)
        self.assertEqual(run.returncode, 0, run.stderr[-2000:])
        return run

    def complaints(self, run):
        return [line for line in run.stderr.splitlines() if b":CONSOLE:" in line]

    def requests(self, *words, **options):
        """Addresses that the page had fetched, those of the browser's own business left out, and
        the run."""
        log = pathlib.Path(f"{self.home.path}/net.json")
        log.unlink(missing_ok=True)
        run = self.browse(f"--log-net-log={log}", *words, **options)
        starts = [event.get("params", {}) for event in json.loads(log.read_bytes())["events"]]
        return run, [
            start["url"] for start in starts
            if "url" in start and start.get("initiator", "not an origin") != "not an origin"
        ]

    def screenshot(self, name, width, height, *words):
        path = pathlib.Path(f"{self.home.path}/{name}.png")
        self.browse(f"--screenshot={path}", f"--window-size={width},{height}", *words)
        return path.read_bytes()

    def test_it_holds_names_and_no_value(self):
        text = self.page.read_bytes()
        self.assertIn(b"aws/<wbr>prod/<wbr>deploy", text)
        self.assertNotIn(SECRET, text)
        self.assertEqual(os.stat(self.page).st_mode & 0o777, 0o600)

    def test_a_browser_reads_what_was_written(self):
        """The tree that the browser makes has headings, landmarks, tables that say what they are,
        and nothing from a label but text."""
        run = self.browse("--dump-dom")
        outline = Outline(run.stdout.decode())
        self.assertEqual(outline.texts["h2"], HEADINGS)
        self.assertEqual(len(outline.texts["h1"]), 1)
        self.assertIn("coffer audit report", outline.texts["title"][0])
        self.assertEqual(outline.all("html")[0]["lang"], "en")
        for landmark in ("header", "nav", "main", "footer"):
            self.assertEqual(len(outline.all(landmark)), 1, landmark)
        self.assertEqual(len(outline.all("table")), len(outline.all("caption")))
        self.assertTrue(all(heading.get("scope") for heading in outline.all("th")))
        self.assertEqual(outline.all("script") + outline.all("img"), [])
        self.assertIn(HOSTILE, outline.texts["bdi"])
        self.assertTrue(any("github/ci" in item for item in outline.texts["li"]))
        for drawing in outline.all("svg"):
            # A drawing within another has a place there.
            self.assertTrue(
                {"aria-hidden", "aria-labelledby", "y"} & set(drawing), drawing)

    def test_it_fetches_nothing_and_the_browser_has_nothing_to_say(self):
        run, addresses = self.requests("--dump-dom")
        self.assertEqual(self.complaints(run), [])
        self.assertEqual(addresses, [])

    def test_its_policy_holds_what_is_put_into_it_later(self):
        """The control of the test above: the same page with a picture, with and without."""
        text = self.page.read_text()
        changed = pathlib.Path(f"{self.home.path}/changed.html")
        picture = '<img src="http://127.0.0.1:9/x.png"><script>document.title="acted"</script>'
        changed.write_text(text.replace("<main", picture + "<main"))
        run, addresses = self.requests("--dump-dom", page=changed)
        self.assertEqual(addresses, [])
        self.assertGreaterEqual(len(self.complaints(run)), 2, run.stderr)
        self.assertNotIn(b"<title>acted", run.stdout)
        without = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        self.assertNotEqual(without, text)
        changed.write_text(without.replace("<main", picture + "<main"))
        run, addresses = self.requests("--dump-dom", page=changed)
        self.assertIn("http://127.0.0.1:9/x.png", addresses)
        self.assertIn(b"<title>acted", run.stdout)

    def test_it_is_drawn_on_a_desk_on_a_telephone_and_in_the_dark(self):
        desk = self.screenshot("desk", 1280, 1000, LIGHT)
        phone = self.screenshot("phone", 500, 1000, LIGHT)
        dark = self.screenshot("dark", 1280, 1000, DARK)
        for picture, width in ((desk, 1280), (phone, 500), (dark, 1280)):
            pixels = Pixels(picture)
            self.assertEqual((pixels.width, pixels.height), (width, 1000))
            self.assertGreater(len(pixels.colours), 30, "it is blank")
        self.assertGreater(sum(Pixels(desk).corner), 3 * 0xe0)
        self.assertLess(sum(Pixels(dark).corner), 3 * 0x30)

    def test_it_can_be_printed(self):
        """In the dark too: paper is white."""
        path = pathlib.Path(f"{self.home.path}/report.pdf")
        self.browse(f"--print-to-pdf={path}", "--no-pdf-header-footer", DARK)
        paper = path.read_bytes()
        self.assertTrue(paper.startswith(b"%PDF-"))
        self.assertGreaterEqual(len(re.findall(rb"/Type /Page\b", paper)), 2)


class Pixels:
    """What a PNG of eight bits a channel shows, as far as the tests ask."""

    def __init__(self, png):
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        place, packed = 8, b""
        while place < len(png):
            (length,), kind = struct.unpack(">I", png[place:place + 4]), png[place + 4:place + 8]
            content = png[place + 8:place + 8 + length]
            if kind == b"IHDR":
                self.width, self.height, depth, colour = struct.unpack(">IIBB", content[:10])
                assert depth == 8 and colour in (2, 6)
                self.channels = 3 if colour == 2 else 4
            elif kind == b"IDAT":
                packed += content
            place += 12 + length
        self.read(zlib.decompress(packed))

    def read(self, rows):
        """Undoes the filters of the rows (PNG, section 9.2)."""
        stride, step = self.width * self.channels, self.channels
        above, self.colours = bytearray(stride), set()
        for number in range(self.height):
            start = number * (stride + 1)
            kind, row = rows[start], bytearray(rows[start + 1:start + 1 + stride])
            for at in range(stride) if kind else ():
                left = row[at - step] if at >= step else 0
                corner = above[at - step] if at >= step else 0
                row[at] = (row[at] + predicted(kind, left, above[at], corner)) & 0xff
            if number == 0:
                self.corner = tuple(row[:3])
            self.colours.update(bytes(row[at:at + 3]) for at in range(0, stride, step * 7))
            above = row


def predicted(kind, left, above, corner):
    if kind < 3:
        return (0, left, above)[kind]
    if kind == 3:
        return (left + above) // 2
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


if __name__ == "__main__":
    unittest.main()
