// CSV exports with a credential a row.

import Issuers
import Testing

@Suite("CSV with a credential a row")
struct PasswordTableTests {
    @Test("of KeePassXC: groups, doubled quotes, several lines in a cell")
    func keePassXC() throws {
        let text = """
            Group,Title,Username,Password,URL,Notes,"TOTP",Icon,Last Modified,Created
            "Root/Web","Shop","u","a""b,\\
            c","https://x.example","","otpauth://totp/x","0","2024","2024"
            "Root","Bare","","p","","n","","0","2024","2024"

            """
        let (found, _) = try read(.keepassCSV, text)
        let shop = Imported(
            "Web/Shop", ["username": "u", "url": "https://x.example"],
            secret: ["secret": "a\"b,\\\nc", "totp": "otpauth://totp/x"])
        #expect(found == [shop, Imported("Bare", secret: ["secret": "p", "notes": "n"])])
    }

    @Test("of KeePass: a backslash before quotes and backslashes")
    func keePass() throws {
        let text = #"""
            "Account","Login Name","Password","Web Site","Comments"
            "A","u","q\"s\\t,","",""
            """#
        let (found, _) = try read(.keepassCSV, text)
        #expect(found == [Imported("A", ["username": "u"], secret: ["secret": #"q"s\t,"#])])
    }

    @Test("of 1Password: tags, and columns of one's own")
    func onePassword() throws {
        let text = """
            Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes,Recovery code,Colour
            T,https://x.example,u,p,otpauth://x,false,true,a;b,,r,red
            """
        let (found, _) = try read(.onePasswordCSV, text)
        let wanted = Imported(
            "T", ["username": "u", "url": "https://x.example"],
            secret: [
                "secret": "p", "totp": "otpauth://x", "recovery_code": "r", "colour": "red",
            ],
            tags: ["archived", "a", "b"])
        #expect(found == [wanted])
    }

    @Test("has secret columns unless their names are known to be public")
    func columns() throws {
        let text = "Title,Password,Number,Account,Archived\nT,p,4111111111111111,A1,Zq7\n"
        let (found, leftOut) = try read(.onePasswordCSV, text)
        let wanted = Imported(
            "T", ["account": "A1"], secret: ["secret": "p", "number": "4111111111111111"])
        #expect(found == [wanted])
        #expect(leftOut == ["T: a part that is not read"])
    }

    @Test("of AWS's console: a key, or a user with a key and a password")
    func aws() throws {
        let keys = "\u{feff}Access key ID,Secret access key\r\nAKIAX,s/1+\r\n"
        #expect(
            try read(.awsCSV, keys).found == [
                Imported(
                    "AKIAX", issuer: "aws-iam", ["access_key_id": "AKIAX"],
                    secret: ["secret_access_key": "s/1+"])
            ])
        let users = "User name,Password,Access key ID,Secret access key\nci,pw,AKIAY,s2\n"
        #expect(
            try read(.awsCSV, users).found == [
                Imported(
                    "ci", issuer: "aws-iam", ["access_key_id": "AKIAY", "user_name": "ci"],
                    secret: ["secret_access_key": "s2", "password": "pw"])
            ])
    }

    @Test(
        "is refused with the line of the row",
        arguments: [
            ("a,b\n", "1: it has no columns of a title and a password"),
            ("Title,Title,Password\n", "1: two columns have the same heading"),
            ("", "1: it has no columns of a title and a password"),
            ("Title,Password\na,\"x\ny\"\nb,\"Zq7", "4: it is not CSV: a quote is not closed"),
            (
                "Title,Password\na,b\nZq7\n",
                "3: it is not CSV: header and row have different lengths"
            ),
            ("Title,Password\n\n\na,\"b\"Zq7\n", "4: it is not CSV: a quote is not closed"),
        ])
    func malformed(_ text: String, _ words: String) {
        #expect(defect(.onePasswordCSV, text) == words)
    }

    @Test("without an access key is no access key")
    func noKey() {
        #expect(
            defect(.awsCSV, "Title,Password\na,b") == "1: it has no columns of an access key")
    }
}
