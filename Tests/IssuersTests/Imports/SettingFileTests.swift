// Files of settings in lines: AWS, Python, npm, `.env`, `.netrc`, Zscaler's YAML.

import Issuers
import Testing

@Suite("files of settings")
struct SettingFileTests {
    @Test("AWS's credentials: a profile a section")
    func aws() throws {
        let text = """
            # a comment
            [default]
            aws_access_key_id = AKIAX
            aws_secret_access_key=a=b/+ #c

            [a role]\r
            role_arn = arn:x\r
            output =
            [temp]
            aws_access_key_id = ASIAX
            aws_secret_access_key = s
            aws_session_token = t==
            region = eu-west-1
            """
        let (found, leftOut) = try read(.awsCredentials, text)
        let standard = Imported(
            "default", issuer: "aws-iam", ["access_key_id": "AKIAX"],
            secret: ["secret_access_key": "a=b/+ #c"])
        let temporary = Imported(
            "temp", issuer: "aws-iam", ["access_key_id": "ASIAX", "region": "eu-west-1"],
            secret: ["secret_access_key": "s", "session_token": "t=="])
        #expect(found == [standard, temporary])
        #expect(
            leftOut == [
                "line 8: it is empty", "comments: what stands in them is not read",
                "a role: it holds no secret",
            ])
    }

    @Test("`.pypirc`: an index a section, its list of indexes aside")
    func pypi() throws {
        let text = """
            [distutils]
            index-servers =
                pypi
                own
            [pypi]
            username = __token__
            password = pypi-AgEx%y
            [own]
            repository: https://x.example/
            username: u
            password: p
            """
        let (found, leftOut) = try read(.pypirc, text)
        let token = Imported(
            "pypi", issuer: "pypi", ["username": "__token__"], secret: ["token": "pypi-AgEx%y"])
        let own = Imported(
            "own", ["repository": "https://x.example/", "username": "u"], secret: ["secret": "p"])
        #expect(found == [token, own])
        #expect(leftOut == ["distutils: a setting"])
    }

    @Test("`.npmrc`: what belongs to a registry, decoded")
    func npm() throws {
        let text = """
            @own:registry=https://n.example/
            //n.example/:_authToken=npm_x
            //n.example/:email = e@x
            //o.example/p/:username=u
            //o.example/p/:_password="cMOk"
            //v.example/:_authToken=${NPM_TOKEN}
            _auth = dTpw
            ; a comment
            """
        let (found, leftOut) = try read(.npmrc, text)
        #expect(
            found == [
                Imported("n.example", issuer: "npm", ["email": "e@x"], secret: ["token": "npm_x"]),
                Imported("o.example/p", ["username": "u"], secret: ["secret": "pä"]),
                Imported("npm", ["username": "u"], secret: ["secret": "p"]),
            ])
        #expect(
            leftOut == [
                "line 1: a setting", "line 6: it refers to a variable",
                "comments: what stands in them is not read",
            ])
    }

    @Test("`.env`: bare values, single and double quotes, several lines")
    func dotenv() throws {
        let text = #"""
            # comment
            A=one two # comment
            export B = "x\n\"y\" $C"
            C='a\n"$B"
            second'   # comment
            D=a#b
            E=
            F=#none
            """#
        let (found, leftOut) = try read(.dotenv, text)
        #expect(
            found.map(\.secrets) == [
                ["secret": Array("one two".utf8)], ["secret": Array("x\n\"y\" $C".utf8)],
                ["secret": Array("a\\n\"$B\"\nsecond".utf8)], ["secret": Array("a#b".utf8)],
            ])
        #expect(found.map(\.fields["variable"]) == ["A", "B", "C", "D"])
        #expect(
            leftOut == [
                "line 7: it is empty", "line 8: it is empty",
                "comments: what stands in them is not read",
            ])
    }

    @Test("`.netrc`: machines on one line or many, quoted words, macros")
    func netrc() throws {
        let text = #"""
            # comment
            machine a.example login u password #p account x
            machine b.example
              login u2
              password "q \" r"
            macdef init
            machine c.example password Zq7

            default login anonymous password me@x
            """#
        let (found, leftOut) = try read(.netrc, text)
        #expect(
            found == [
                Imported(
                    "a.example", ["host": "a.example", "username": "u", "account": "x"],
                    secret: ["secret": "#p"]),
                Imported(
                    "b.example", ["host": "b.example", "username": "u2"],
                    secret: ["secret": "q \" r"]),
                Imported("default", ["username": "anonymous"], secret: ["secret": "me@x"]),
            ])
        #expect(
            leftOut == ["macdef init: a macro", "comments: what stands in them is not read"])
    }

    @Test("`.netrc`: a token in the place of a login is secret")
    func token() throws {
        let token = "ghp_" + String(repeating: "a1B", count: 12)
        let (found, _) = try read(.netrc, "machine h login \(token) password x")
        #expect(
            found == [Imported("h", ["host": "h"], secret: ["username": token, "secret": "x"])])
    }

    @Test(
        "leave out comments, wherever they stand, unless they say nothing",
        arguments: [
            (ImportFormat.dotenv, "A=b\n# X=Zq7\n", "A=b\n# ---\n"),
            (.dotenv, "A=b # Zq7", "A=b #"), (.dotenv, "A='b' # Zq7", "A='b' #"),
            (.netrc, "machine a password b\n# Zq7", "machine a password b\n#"),
            (.npmrc, "; Zq7\n//h/:_authToken=x", ";;\n//h/:_authToken=x"),
            (.pypirc, "[a]\npassword: p\n#é", "[a]\npassword: p\n#-"),
            (
                .awsCredentials, "[a]\n# Zq7\naws_secret_access_key = p",
                "[a]\n#\naws_secret_access_key = p"
            ),
            (.zscalerYAML, "# Zq7\nclient_secret: x", "#\nclient_secret: x"),
            (.zscalerYAML, "client_secret: x # Zq7", "client_secret: x # -"),
            (.zscalerYAML, "client_secret: 'x' # Zq7", "client_secret: 'x' # -"),
            (.zscalerYAML, "a: # Zq7\n  b: c\nclient_secret: x", "a: #\n  b: c\nclient_secret: x"),
        ])
    func comments(_ format: ImportFormat, _ text: String, _ empty: String) throws {
        let (found, leftOut) = try read(format, text)
        #expect(found.count == 1)
        #expect(leftOut == ["comments: what stands in them is not read"])
        #expect(try read(format, empty).leftOut == [])
    }

    @Test("`.pypirc`: only the list of indexes goes on in indented lines")
    func list() {
        #expect(
            defect(.pypirc, "[a]\nindex-servers =\n  Zq7\n")
                == "3: an indented line, which readers do not agree on")
    }

    @Test("`zscaler.yaml`: plain and quoted scalars under `zscaler: client:`")
    func zscaler() throws {
        let text = #"""
            ---
            # comment
            zscaler:
              client:
                clientId: "id:1"   # comment
                clientSecret: 'it''s # "x"'
                vanityDomain: acme
                cloud: ~
                requestTimeout: 300 # seconds
                proxy:
                  host: p.example
                  password: "a\\b\"\n"
              testing:
                mode: off
            """#
        let (found, leftOut) = try read(.zscalerYAML, text)
        #expect(leftOut == ["comments: what stands in them is not read"])
        let wanted = Imported(
            "zscaler", issuer: "zscaler-oneapi",
            [
                "client_id": "id:1", "vanity_domain": "acme", "request_timeout": "300",
                "proxy_host": "p.example", "zscaler_testing_mode": "off",
            ], secret: ["client_secret": "it's # \"x\"", "proxy_password": "a\\b\"\n"])
        #expect(found == [wanted])
    }

    @Test("`zscaler.yaml`: null is no value, however it is written")
    func null() throws {
        for null in ["~", "null", "Null", "NULL", "", "null # x"] {
            let text = "zscaler:\n  client:\n    clientSecret: s\n    privateKey: \(null)\n"
            let wanted = Imported(
                "zscaler", issuer: "zscaler-oneapi", secret: ["client_secret": "s"])
            #expect(try read(.zscalerYAML, text).found == [wanted])
        }
        for text in ["nULL", "'null'"] {
            let (found, _) = try read(.zscalerYAML, "client_secret: \(text)")
            #expect(found.first?.secrets["client_secret"]?.count == 4)
        }
    }
}

private let awsDefects = [
    ("a = b", "1: a setting before any section"), ("[a\nb = c", "1: a section is not closed"),
    ("[a]\nZq7", "2: this is no setting"), ("[a]\nk = 1\nk = 2", "3: a setting is there twice"),
    ("[a]\n[b]\n[a]", "3: a section is there twice"),
    ("[a]\nk =\n  Zq7 = 1", "3: an indented line, which readers do not agree on"),
    ("[a]\naws_secret_access_key =\nZq7K9vB2wN5==", "3: this is no setting"),
    ("[a]\nwjal/k7 = x", "2: this is no setting"), ("[]", "1: a section is not closed"),
    ("[ ]", "1: a name is empty, too long or not valid UTF-8"),
]

private let npmDefects = [
    ("[a]", "1: npm has no sections"), ("x", "1: this is no setting"),
    ("_auth=%%%%", "1: this is not base64 of a user and a password"),
    ("\n//a/:_password=Zq7", "2: this is not base64 of a password"),
    (
        "_authToken=a;Zq7",
        "1: a value with a backslash, a quote, `;` or `#`, which npm reads otherwise"
    ), ("_authToken=a\n_authToken=b", "2: a setting is there twice"),
]

private let dotenvDefects = [
    ("A", "1: this is no variable"), ("=Zq7", "1: this is no variable"),
    ("A=1\nA=2", "2: a variable is there twice"), ("A=\"Zq7\n\n", "3: a quote is not closed"),
    ("A='Zq7' x", "1: something follows behind a quoted value"),
    ("A=\"\\q\"", "1: an escape that readers of such files do not agree on"),
    ("A B=1", "1: this is no variable"),
    ("A=a\\$b", "1: an escape that readers of such files do not agree on"),
    ("\nA='a\\\\b'", "2: an escape that readers of such files do not agree on"),
    ("A='a\\'", "1: an escape that readers of such files do not agree on"),
    ("A=b\nZq7K9==", "2: this is no variable"),
]

private let netrcDefects = [
    ("Zq7K9v", "1: a word that no .netrc has"), ("password Zq7", "1: this belongs to no machine"),
    ("machine", "1: the text ends too early"),
    ("machine a\npassword", "2: the text ends too early"),
    ("machine a password \"Zq7", "1: a quote is not closed"),
    ("machine a password \"Zq7\n\"", "1: a quote is not closed"),
]

private let yamlDefects = [
    ("a: b", "0: it has no `zscaler: client: clientSecret`"),
    ("a: b\na: c", "2: a key is there twice"),
    ("a:\n\tb: c", "2: it is indented by something else than blanks"),
    ("a: b\n  c: d", "2: it is indented like nothing before it"),
    ("- a", "1: this is no plain `key: value`"),
    ("a:b", "1: this is no plain `key: value`"), ("\"a\": b", "1: this is no plain `key: value`"),
    ("a: [Zq7]", "1: a value that is no plain or quoted text"),
    ("a: {x: Zq7}", "1: a value that is no plain or quoted text"),
    ("a: &x Zq7", "1: a value that is no plain or quoted text"),
    ("a: *x", "1: a value that is no plain or quoted text"),
    ("a: !!str x", "1: a value that is no plain or quoted text"),
    ("a: |\n  Zq7", "1: a value that is no plain or quoted text"),
    ("a: x: y", "1: a value with a colon has to be quoted"),
    ("a: \"x\" y", "1: something follows behind a quoted value"),
    ("a: \"Zq7", "1: a quote is not closed"),
    ("a: \"\\u0041\"", "1: an escape that is not read here"),
    ("a: b\n---\nc: d", "2: this is no plain `key: value`"),
    (
        "a:\n b:\n  c:\n   d:\n    e:\n     f:\n      g:\n       h:\n        i: j",
        "9: nested too deeply"
    ),
]

@Suite("files of settings that cannot be read")
struct SettingDefectTests {
    @Test("AWS's credentials", arguments: awsDefects)
    func aws(_ text: String, _ words: String) { #expect(defect(.awsCredentials, text) == words) }

    @Test("`.npmrc`", arguments: npmDefects)
    func npm(_ text: String, _ words: String) { #expect(defect(.npmrc, text) == words) }

    @Test("`.env`", arguments: dotenvDefects)
    func dotenv(_ text: String, _ words: String) { #expect(defect(.dotenv, text) == words) }

    @Test("`.netrc`", arguments: netrcDefects)
    func netrc(_ text: String, _ words: String) { #expect(defect(.netrc, text) == words) }

    @Test("hold at most 100,000 secrets")
    func many() throws {
        func text(_ count: Int) -> String {
            (0..<count).map { "machine \($0) password p\n" }.joined()
        }
        #expect(try read(.netrc, text(100_000)).found.count == 100_000)
        #expect(defect(.netrc, text(100_001)) == "0: it holds more than 100,000 secrets")
    }

    @Test("`zscaler.yaml`", arguments: yamlDefects)
    func zscaler(_ text: String, _ words: String) { #expect(defect(.zscalerYAML, text) == words) }
}
