// KeePass's XML, and the reader below it.

import Issuers
import Testing
import VaultModel

private func document(_ groups: String, meta: String = "") -> String {
    """
    <?xml version="1.0" encoding="utf-8" standalone="yes"?>
    <KeePassFile><Meta><Generator>KeePass</Generator>\(meta)</Meta>
    <Root><Group><UUID>cm9vdA==</UUID><Name>Base</Name>\(groups)</Group></Root></KeePassFile>
    """
}

private func entry(_ strings: String, _ rest: String = "") -> String {
    "<Entry><UUID>ZQ==</UUID>\(strings)\(rest)</Entry>"
}

private func string(_ key: String, _ value: String, _ attribute: String = "") -> String {
    "<String><Key>\(key)</Key><Value\(attribute)>\(value)</Value></String>"
}

@Suite("KeePass's XML")
struct KeePassXMLTests {
    @Test("gives a credential for each entry, named by its groups")
    func entries() throws {
        let inner = entry(string("Password", "p2") + string("Title", "In"))
        let text = document(
            entry(string("Title", "Out") + string("Password", "p1", " ProtectInMemory=\"True\""))
                + "<Group><Name>Work</Name><Notes>Zq7</Notes>"
                + "<Group><Notes/><Name>Web</Name>\(inner)</Group></Group>"
        )
        let (found, leftOut) = try read(.keepassXML, text)
        #expect(
            found == [
                Imported("Out", secret: ["secret": "p1"]),
                Imported("Work/Web/In", secret: ["secret": "p2"]),
            ])
        #expect(leftOut == ["Work: the notes of the group"])
    }

    @Test("has fields whose role its protection or their looks tell")
    func fields() throws {
        let strings =
            string("Title", "T") + string("UserName", "u") + string("URL", "https://x.example")
            + string("Notes", "n1\r\nn2") + string("Colour", "red") + string("API Key", "k")
            + string("Hidden", "h", " ProtectInMemory=\"True\"") + string("Empty", "")
            + string("Password", "p")
        let (found, _) = try read(.keepassXML, document(entry(strings, "<Tags>a;b,c</Tags>")))
        let wanted = Imported(
            "T", ["username": "u", "url": "https://x.example"],
            secret: [
                "notes": "n1\nn2", "colour": "red", "api_key": "k", "hidden": "h", "secret": "p",
            ],
            tags: ["a", "b", "c"])
        #expect(found == [wanted])
    }

    @Test("keeps every character of a value")
    func characters() throws {
        let value = " &amp;&lt;&gt;&quot;&apos;&#10;&#xD;&#x1F600;&#233; é\t ]] "
        let (found, _) = try read(
            .keepassXML, document(entry(string("Title", "T") + string("Password", value))))
        #expect(found == [Imported("T", secret: ["secret": " &<>\"'\n\r😀é é\t ]] "])])
    }

    @Test("leaves out what was thrown away, older versions, files, and entries without a secret")
    func leftOut() throws {
        let bin =
            "<Group><UUID>YmluAAAA</UUID><Name>Bin</Name>\(entry(string("Title", "B")))</Group>"
        let text = document(
            bin + entry(string("Title", "Empty") + string("UserName", "u"))
                + entry(
                    string("Title", "T") + string("Password", "p"),
                    "<Binary><Key>f</Key><Value Ref=\"0\"/></Binary><History><Entry/></History>"),
            meta: "<RecycleBinUUID>YmluAAAA</RecycleBinUUID>")
        let (found, leftOut) = try read(.keepassXML, text)
        #expect(found == [Imported("T", secret: ["secret": "p"])])
        #expect(
            leftOut == [
                "recycle bin: it was thrown away", "Empty: it holds no secret",
                "T: its older versions", "T: its attached files",
            ])
    }

    @Test(
        "says of an entry what is not read of it",
        arguments: [
            (
                "<CustomData><Item><Key>api token</Key><Value>Zq7</Value></Item></CustomData>",
                "a part that is not read"
            ), ("<CustomData>Zq7</CustomData>", "an element was expected"),
            (
                "<AutoType><Association><Window>w</Window><KeystrokeSequence>Zq7{ENTER}"
                    + "</KeystrokeSequence></Association></AutoType>", "its auto-type sequences"
            ),
            (
                "<AutoType><DefaultSequence>Zq7</DefaultSequence></AutoType>",
                "its auto-type sequences"
            ), ("<OverrideURL>cmd://Zq7</OverrideURL>", "a part that is not read"),
            ("<Unknown><Deep>Zq7</Deep></Unknown>", "a part that is not read"),
            ("<Unknown a=\"Zq7\"/>", "a part that is not read"),
            ("<Unknown><Deep a=\"Zq7\"/></Unknown>", "a part that is not read"),
            (
                "<String><Key>k</Key><Value>v</Value><Old>Zq7</Old></String>",
                "a part that is not read"
            ),
            (
                "<String><Key>k</Key><Value Old=\"Zq7\">v</Value></String>",
                "a part that is not read"
            ),
        ])
    func unread(_ part: String, _ why: String) throws {
        let text = document(entry(string("Title", "T") + string("Password", "p"), part))
        guard why != "an element was expected" else {
            #expect(defect(.keepassXML, text) == "3: a text where an element was expected")
            return
        }
        let (found, leftOut) = try read(.keepassXML, text)
        #expect(found.map(\.secrets["secret"]) == [Array("p".utf8)])
        #expect(leftOut == ["T: \(why)"])
    }

    @Test("says what is not read of a group, of the database, of comments")
    func unreadElsewhere() throws {
        let data = "<CustomData><Item><Key>x</Key><Value>Zq7</Value></Item></CustomData>"
        let groups =
            "<Group><Name>Work</Name>\(data)\(entry(string("Password", "p")))</Group>"
            + "<!-- Zq7 --><Tags>Zq7</Tags>"
        let text = document(
            groups,
            meta: data + "<DatabaseDescription>Zq7</DatabaseDescription><Binaries><Binary"
                + " ID=\"0\">Zq7</Binary></Binaries>")
        #expect(
            try read(.keepassXML, text).leftOut == [
                "the database: a part that is not read", "the database: a part that is not read",
                "the database: its attached files", "Work: a part that is not read",
                "the database: a part that is not read",
                "comments: what stands in them is not read",
            ])
    }

    @Test("leaves out icons, times and what KeePassXC notes for itself without a word")
    func harmless() throws {
        let text = document(
            entry(
                string("Title", "T") + string("Password", "p"),
                "<IconID>0</IconID><AutoType><Enabled>True</Enabled><DataTransferObfuscation>0"
                    + "</DataTransferObfuscation><DefaultSequence/></AutoType><OverrideURL/>"
                    + "<Times><CreationTime>2024</CreationTime></Times><CustomData/><History/>")
                + "<IsExpanded>True</IsExpanded><Notes/><CustomData><Item><Key>_LAST_MODIFIED"
                + "</Key><Value>2024</Value></Item></CustomData>",
            meta: "<HistoryMaxItems>10</HistoryMaxItems><Binaries/>")
        #expect(try read(.keepassXML, text).leftOut == [])
    }

    @Test(
        "refuses what could be read in two ways",
        arguments: [
            (string("Title", "a") + string("Title", "b"), "3: an entry has two titles"),
            (
                "<String><Key>k</Key><Value>p1</Value><Value>p2</Value></String>",
                "3: a field has two values"
            ),
            ("<String><Key>k</Key><Key>l</Key><Value/></String>", "3: a field has two names"),
        ])
    func twice(_ strings: String, _ words: String) {
        #expect(defect(.keepassXML, document(entry(strings))) == words)
    }

    @Test("takes yes for yes however it is written")
    func flags() throws {
        for yes in ["True", "true", "TRUE", "1"] {
            let encrypted = string("Password", "AAAA", " Protected=\"\(yes)\"")
            #expect(
                defect(.keepassXML, document(entry(encrypted)))
                    == "3: a value is still encrypted: export the database as XML")
            let hidden = string("Host", "h", " ProtectInMemory=\"\(yes)\"")
            let (found, _) = try read(.keepassXML, document(entry(hidden)))
            #expect(found == [Imported("untitled", secret: ["host": "h"])])
        }
        for no in ["False", "false", "0"] {
            let open = string("Password", "p", " Protected=\"\(no)\"")
            let host = string("Host", "h", " ProtectInMemory=\"\(no)\"")
            let (found, _) = try read(.keepassXML, document(entry(open + host)))
            #expect(found == [Imported("untitled", ["host": "h"], secret: ["secret": "p"])])
        }
    }

    @Test("says when an entry expires")
    func expiry() throws {
        func expires(_ times: String) throws -> Timestamp? {
            let text = Array(document(entry(string("Password", "p"), times)).utf8)
            return try ImportFormat.keepassXML.read(text.span).credentials.first?.expires
        }
        let time = "<ExpiryTime>2027-03-31T00:00:00Z</ExpiryTime>"
        for yes in ["True", "true", "1"] {
            #expect(
                try expires("<Times>\(time)<Expires>\(yes)</Expires></Times>")
                    == Timestamp(iso8601: "2027-03-31"))
        }
        for no in ["False", "false", "0", ""] {
            #expect(try expires("<Times>\(time)<Expires>\(no)</Expires></Times>") == nil)
        }
        #expect(throws: ImportDefect.self) {
            try expires("<Times>\(time)<Expires>perhaps</Expires></Times>")
        }
        #expect(try expires("<Times/>") == nil)
        #expect(throws: ImportDefect.self) {
            try expires("<Times><ExpiryTime>AAAA</ExpiryTime><Expires>True</Expires></Times>")
        }
    }

    @Test(
        "that is malformed or more than a subset is refused with its line",
        arguments: [
            ("<KeePassFile>", "1: the text ends too early"),
            ("<Other/>", "1: its root is no KeePassFile"),
            ("<KeePassFile></Root>", "1: an element is closed that is not the open one"),
            (
                "<!DOCTYPE a [<!ENTITY x \"y\">]>\n<KeePassFile/>",
                "1: a document type, CDATA or an instruction, none of which is read"
            ),
            (
                "<KeePassFile>\n<?php x?></KeePassFile>",
                "2: a document type, CDATA or an instruction, none of which is read"
            ),
            ("<KeePassFile>\n\nZq7</KeePassFile>", "3: a text where an element was expected"),
            ("<KeePassFile/>Zq7", "1: something follows behind the end"),
            ("<KeePassFile a=\"1\" a=\"2\"/>", "1: an attribute is there twice"),
            ("<KeePassFile a=1/>", "1: an attribute without a value"),
            ("<KeePassFile a=\"<\"/>", "1: an attribute that XML does not have"),
            ("<KeePassFile><!-- Zq7", "1: a comment is not closed"),
            ("\u{1}", "1: a text where an element was expected"),
            ("", "1: the text ends too early"),
        ])
    func malformed(_ text: String, _ words: String) {
        #expect(defect(.keepassXML, text) == words)
    }

    @Test(
        "refuses what no value may hold",
        arguments: [
            ("&unknown;", "an entity that is not predefined"),
            ("&#0;", "a character that XML does not allow"),
            ("&#xD800;", "a number that is no character"),
            ("&#x110000;", "a number that is no character"),
            ("&#99999999999999999999;", "a number that is no character"),
            ("&#;", "a number that is no character"), ("&#1", "a number that is no character"),
            ("\u{1}", "a character that XML does not allow"),
            ("<b/>", "an element where a text was expected"),
            ("<![CDATA[x]]>", "an element where a text was expected"),
        ])
    func values(_ value: String, _ words: String) {
        let text = document(entry(string("Password", value)))
        #expect(defect(.keepassXML, text) == "3: \(words)")
    }

    @Test("refuses values that are still encrypted, and too many levels")
    func encrypted() {
        let text = document(entry(string("Password", "AAAA", " Protected=\"True\"")))
        #expect(
            defect(.keepassXML, text) == "3: a value is still encrypted: export the database as XML"
        )
        let deep = String(repeating: "<Group>", count: 100_000)
        #expect(defect(.keepassXML, document(deep)) == "3: it is nested too deeply")
        let skipped = String(repeating: "<Times>", count: 100_000)
        #expect(defect(.keepassXML, document(skipped)) == "3: it is nested too deeply")
    }
}
