// Signatures of RSA, against what the program openssl(1) makes with the same key.

import COpenSSL
import SecretMemory
import Testing

@testable import Sealing

/// Keys that were made for these tests and are used nowhere else. Their PEM is put together here,
/// so that nobody who looks for lost keys finds one.
private enum Keys {
    private static let plain = [
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDrwZRa3ywSZSXd",
        "Ru5/L9red/3y2F1HW/FJTG7MqYvBqi4TbxToVr6RMj73YHuEioZe5Q0n7jxi1UZw",
        "FvaqtpuGVd+npCy4nSukh1vaHaXKkzv2E3JYxGIJDHDrq9MbmfbxnfHYuH4ZPm1R",
        "mdMkHHPY6He3ncmkWYxOecPdgQIrdZt9SPZOc6DbIr4aZt13+WpGEH89OWWCDGGh",
        "DTJjHj+MDbjE79RhjzikZzagd68T+WUp6mSC+NiNel/PUIM2CoBigMSB8OKv6Qqm",
        "y/0aVRhqmUIhP30qJb6tt77kyFWYzJb6GwwYpUuGDje5IAUYhDY/Hzn08hY1f5uX",
        "sY+2xpFfAgMBAAECggEAGLIJaU9xXWftBHXWq8oGgkFNf6+8baoq50OzY4rrEdlS",
        "xERhi0jy42DBCca4iZS9KJmTvDgPaUbv/vPY2N8SAYtjRztCWABWvwBS1dE/Oa4c",
        "nNVCqBvCLTJ5baZtEboaDQs/dzU0OE66ws57OJAmbnVDfR9xLN8YfGvy4XQPFyAi",
        "MM9N/Z5RyTNbNEmaTj7hnUGPgPsEDBW1xHs+jdNzQD/zQV003jfwMZc8FtfXYAlf",
        "ZxEd/ENpvkelfqE3rGn9SxUn3rMhnvIbOuPVetWIgyCMxE+SlLX0bLnfX6uBA+KQ",
        "bFk7o/J04aYmsFArmXwgndAJm17idnCaLe9UFwEqeQKBgQD9DDvjmnOnrdV5XXs6",
        "OhgQrmpOs4emiA6sZGl+YjzbaiR0UOWl12qOdOdj2AMW2R0G2Pss1y0LvMR+Qr8F",
        "txZF29S+rcd+FQEpXcDTHn9f1SKtrsA83dZorTibye3ZIxwUu1fFKopixX/y9kfD",
        "X7NsrYHl0U+dDEYg2EV8SRtPuwKBgQDugbOVQqmExgnxoWg9oWbkkcAwqrbkHT1e",
        "V7ZFxRDvDRh1XejCwQFCuMADLu7AIqsqbbQSlwwzYDo720ytgK6Up56/w92bRS9S",
        "f+7YvWjucbL+nmmp+BZ2dOgkzM8MuPo4hl+jEYcO7w5P2zzx0i7xP40EW//uBIc1",
        "EaEHEqIQrQKBgQCr3wBachB15mMlQLIu9UBdLCn2dIgBO05EFxt0BQNywCAshLnG",
        "L48nXQ3AyfonLaZCfWP0q93jp/4KCAm4twdAwbQ5Is1pvJiCYTRT8NXw4FHih9v4",
        "O3CivmzBm6CaJ/etuSU/PMqrlZt3CYHqmHjEqwCceNNLRwfmzR488WbEewKBgE9P",
        "gAk1VquZMztPghtkbZO6R9+nFRQ8COkzX6BJzLzBbQ2yQbFpfuLSDr/APpJTtPlx",
        "63x3EA6RhCvdW90iOmuiZa69EhcM5ZSYiDM4oQkRdAUpZlen8MhJTdzW4k8Hv+VG",
        "Ac13CaNUqTyy2cxMKWH90QXPFgbvKIrkJtj0QEItAoGAcAYieh4nSQ9L3hsMn9sN",
        "Vq0Qvko0Wgz1IPPsqb1qyCvD2ZTaXnbGzn2W1AxZSeObs0odo5Mrotyp5M77+ve4",
        "bYnUh0akFuvi28n1LxDtEY1xCB/hcIWUKRFS/8EtEVK+YRVM67VA43VttydpE3Nw",
        "zUKdrdk41QCfgO1fdOYECmA=",
    ]
    private static let traditional = [
        "MIIEowIBAAKCAQEA68GUWt8sEmUl3Ubufy/a3nf98thdR1vxSUxuzKmLwaouE28U",
        "6Fa+kTI+92B7hIqGXuUNJ+48YtVGcBb2qrabhlXfp6QsuJ0rpIdb2h2lypM79hNy",
        "WMRiCQxw66vTG5n28Z3x2Lh+GT5tUZnTJBxz2Oh3t53JpFmMTnnD3YECK3WbfUj2",
        "TnOg2yK+Gmbdd/lqRhB/PTllggxhoQ0yYx4/jA24xO/UYY84pGc2oHevE/llKepk",
        "gvjYjXpfz1CDNgqAYoDEgfDir+kKpsv9GlUYaplCIT99KiW+rbe+5MhVmMyW+hsM",
        "GKVLhg43uSAFGIQ2Px859PIWNX+bl7GPtsaRXwIDAQABAoIBABiyCWlPcV1n7QR1",
        "1qvKBoJBTX+vvG2qKudDs2OK6xHZUsREYYtI8uNgwQnGuImUvSiZk7w4D2lG7/7z",
        "2NjfEgGLY0c7QlgAVr8AUtXRPzmuHJzVQqgbwi0yeW2mbRG6Gg0LP3c1NDhOusLO",
        "eziQJm51Q30fcSzfGHxr8uF0DxcgIjDPTf2eUckzWzRJmk4+4Z1Bj4D7BAwVtcR7",
        "Po3Tc0A/80FdNN438DGXPBbX12AJX2cRHfxDab5HpX6hN6xp/UsVJ96zIZ7yGzrj",
        "1XrViIMgjMRPkpS19Gy531+rgQPikGxZO6PydOGmJrBQK5l8IJ3QCZte4nZwmi3v",
        "VBcBKnkCgYEA/Qw745pzp63VeV17OjoYEK5qTrOHpogOrGRpfmI822okdFDlpddq",
        "jnTnY9gDFtkdBtj7LNctC7zEfkK/BbcWRdvUvq3HfhUBKV3A0x5/X9Uira7APN3W",
        "aK04m8nt2SMcFLtXxSqKYsV/8vZHw1+zbK2B5dFPnQxGINhFfEkbT7sCgYEA7oGz",
        "lUKphMYJ8aFoPaFm5JHAMKq25B09Xle2RcUQ7w0YdV3owsEBQrjAAy7uwCKrKm20",
        "EpcMM2A6O9tMrYCulKeev8Pdm0UvUn/u2L1o7nGy/p5pqfgWdnToJMzPDLj6OIZf",
        "oxGHDu8OT9s88dIu8T+NBFv/7gSHNRGhBxKiEK0CgYEAq98AWnIQdeZjJUCyLvVA",
        "XSwp9nSIATtORBcbdAUDcsAgLIS5xi+PJ10NwMn6Jy2mQn1j9Kvd46f+CggJuLcH",
        "QMG0OSLNabyYgmE0U/DV8OBR4ofb+Dtwor5swZugmif3rbklPzzKq5WbdwmB6ph4",
        "xKsAnHjTS0cH5s0ePPFmxHsCgYBPT4AJNVarmTM7T4IbZG2TukffpxUUPAjpM1+g",
        "Scy8wW0NskGxaX7i0g6/wD6SU7T5cet8dxAOkYQr3VvdIjpromWuvRIXDOWUmIgz",
        "OKEJEXQFKWZXp/DISU3c1uJPB7/lRgHNdwmjVKk8stnMTClh/dEFzxYG7yiK5CbY",
        "9EBCLQKBgHAGInoeJ0kPS94bDJ/bDVatEL5KNFoM9SDz7Km9asgrw9mU2l52xs59",
        "ltQMWUnjm7NKHaOTK6LcqeTO+/r3uG2J1IdGpBbr4tvJ9S8Q7RGNcQgf4XCFlCkR",
        "Uv/BLRFSvmEVTOu1QON1bbcnaRNzcM1Cna3ZONUAn4DtX3TmBApg",
    ]
    private static let small = [
        "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAORTxzpg3NFNw6yP",
        "DPsdGWBgLT0cwk9ITR7WB0NDnvde+4iY6x4Hf90TYg83n5+7qLadiGrr+vO4i+hs",
        "enH5Y3IsANKXlj+T592I9R9r0Vz3v4B6ZugBTbZWlzz6LgJZ1gy6nW8fI8u6pytg",
        "+Q2p1gUykGZp2pI6BORYwHEoVtLZAgMBAAECgYEAjdIn5m/x2KPnzZARLQzXDVDP",
        "6KyrWNl85ZFlc3dWDyrVK/Rn3gAkgKogd3lCUdIbKkrRSDCJcMcJR/XRXGfeRwjA",
        "IEzeCqy4VjGnQKh8SUjUxVAwObkSkcXlJhOzQSOElQoclTUGUxpwIJRim1O+0RUj",
        "c/PuM1SqsyzZUr9uvgECQQD8wcDhYe3+YrKHE0NNXlXfxjIUx0qTHgdBNY7B3WuL",
        "5NH4LUXHNYrKbIbp8QKpmwcH3K9iKVc7UvF6WU3Zy5HBAkEA50HHhBe7g83vz35E",
        "imKXEdkhsJiAuevFi1rAGz1IiPFe5A+ICX4sTmJbPAQGta57dbFwFUtK/P825eVj",
        "li1XGQJAFm47Z8UBEepAXaxf9KXCiTFVkHJ/M78edbMDEEFOIgQUfinGX39o6b3n",
        "2ysASXzwisoS5ms0ypb5xxnVxtZCAQJALeaQg1dykKa/gp+9WvpWoeRHG5Ypdr2l",
        "aBOLLdzsGMJP41Rx2/B/Os+q7C6gZk9LkgC2DoPzTmQZsWfmbFhzgQJBAJYoK56i",
        "d8VPxONSkcQTtkRp2aYfVBjvDkgELG82aep7MbAUaUL62epGrqBTpK7+oAYiuRBS",
        "zoVTOBhHxI6/888=",
    ]
    private static let encrypted = [
        "MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIaUFfhyuUnX0CAggA",
        "MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCk4Vv0JgY0tRwB6PJ7e6BBBIIE",
        "0AY5+Ekf2aNAirynYP3dLcd9N/j1YFyiP2eJT4M7r5HvJj53n3b0rfTnzEcqsuP3",
        "MrpppR+44Z6pEz2tDNiWUmljQOQBkmGocHflmakan7YToMgaTd+pWqOfIxE2UNX9",
        "aTaczvEIw1JUMxrD+JsVfCGyyYPTzkpRG6+de3SNtURTx5p98fqahH7sQtZbb6qw",
        "jfCHFTjw5N7L8Clh2Mx3HgAO+iUKhHpiY/LmPSvj+PAqMLAP1x+zKV52SVJoZdKL",
        "CbBFTLCjgB1ChJ5M2bMTJIOl+qjfRTGd29AcYJFMVEN+2nlDlXAakY2IYJQs2z4C",
        "NcHrCvHrEchUO4qY2ZOGqXX282VZUTvQT0CR95nbX6I27zsBenOun9/DqcTKhdfS",
        "df4ejgA8GORRKt+eSHCsWwABTFlnFeRkJ/zIKhB8MclDemCPKkIFi0/VWyIT7IUV",
        "9dYEWFmPVfHEcje9JY1j9pgZ1lu3CqXXU0p4gor4mGKvaLlOQrsgaDI9UCgFfHxq",
        "z1Bt3VwKai7HtUj0g1WjJZoleK0krma34QLP+TPEqkAFdpqBeWxhmBQRZoLxnr3b",
        "3/WN35M0n3nODDO7yha6/5lC525yLVKe/dchW0M/Zs4VhrTyA1/KJ6uFCDMmKd59",
        "9VQtT2a2x6jC85IaDuEfC3x8IJS94GIl4eAaBxQfY9y3414FkxpgVdjrforHOf3Y",
        "6DbDw/Ae6klGYBNuDpEk1XtPJGJ0SpNAQIrkEvyNiZam9GLftti/av+IzW+DTS1c",
        "u9oRjOmlSPfMq6mL2LNysDr8qdR38Pugs6Z+i1+FtBRVi5hJ69xz4+H9P3KjR3V6",
        "64Y61NRWuiQnoq917nNfctHmztOujWLd/B0biOBCj5KCWa8B/h5qHKfwhFClb5Yk",
        "GyOQoc3WhAnY+kvapM9NDZ72rfb86OHxf6N2ahg9y1WlPzZHmd9IB7eKp6VAqR2a",
        "PzbAcLlPYlMO/BaUmJMwEbkdhJwbQziqjkkBHBL4/1EwjYDQQ/1nvy7dABuwqT4w",
        "d052lgP2clRBFwQg5rEd3X3L+SoUUSjZyU2lKNuUku0Icw7dGWNClFtUXM1eJfCg",
        "rx8OZXXjoGlVqLHhPg1es0LHsBrOZoF2ttu7Ruk8DN1JzvLXlVq2rl/PP0+f3SCK",
        "A2CwilG/E/kgAlBGZsrWAFAVAbblXY2D5iHBw87vgbuzJrjvaw4rD5h+wIoBSRS4",
        "SzZtA1OR/ANe/zMXszwxmg+0cdIC3EDYNJCwFSTv0IBts9rbLGsBA0qHQ15vh44L",
        "BbxC/1uWJYJKwVpfuAZo8Txqs8tEuT/kkECKgktuOVQwSujATcm+eB6qhFxN6mUY",
        "FdKs/CFzPJqMQe8JzeA2dEBZQPX0pQSIjWA+dQh8EFs+ZYnrmbdh1z/O56hxwvE6",
        "dxReVJZqZ/VmzijqAv7zzd6r0VP9zNM29gfXSm4w/YF5Xb5GqkymCnEOQigTxf31",
        "ZZ6tkFBxj6rHJvXPMYqwIS50CzRFzNWAupE9OaEZAdHIEhg7suLR+fEjSoCEhL19",
        "59WHVFKKZ8x8So/deeS1fvWs0LZJi7ddzqsoeOlpH41AqnUgUaa3RxrcTRF+8w0O",
        "ASaH6ILKA6ByzEa8vVa+UNcg8YJQnbrAyGaIARz6cGSK",
    ]
    private static let elliptic = [
        "MHcCAQEEIBJoT4TKXqhbGrrJCCZHXvKkI0rRF6bmEJkMR2vc2uvaoAoGCCqGSM49",
        "AwEHoUQDQgAEw6I6xpG0pSs+Z8zn8dpWH5ikluoQvHNtQbrTUev6u012RFRRa0Ci",
        "cHirXHmIB1smFTE5Y5enAD4smYWCowWDAQ==",
    ]

    static func pem(_ lines: [String], _ kind: String) -> [UInt8] {
        let text = ["-----BEGIN \(kind)-----"] + lines + ["-----END \(kind)-----", ""]
        return Array(text.joined(separator: "\n").utf8)
    }

    static let good = [pem(plain, "PRIVATE KEY"), pem(traditional, "RSA PRIVATE KEY")]
    static let bad = [
        pem(small, "PRIVATE KEY"), pem(encrypted, "ENCRYPTED PRIVATE KEY"),
        pem(elliptic, "EC PRIVATE KEY"), pem(Array(plain.dropLast()), "PRIVATE KEY"), [],
        Array("no key".utf8), pem(["AAAA"], "PRIVATE KEY"),
    ]
}

@Suite("RS256")
struct RS256Tests {
    @Test("signs as openssl does, whichever way the key is written", arguments: Keys.good)
    func signature(_ key: [UInt8]) throws {
        let message = Array("header.claims".utf8)
        let expected = [
            "00ee7c8bc3bbc13da10448bd8b8b125d3b9289eb6f91a311b4c29f8aafba6391",
            "b54fc1d472e329a73d8e9d01f2d5d0e97e5e96f851c2060796aff0f786e2d726",
            "9c334d4e07a880ad7125c3608e26044f67466e0afcdce98923fc02b62817ac78",
            "2a2cfe0f7681245c312f3a5e47bd709c68496398d6b9cbc043545b64e33a4492",
            "9b37c6810bb2e597602f333ebeac378bee14266044d011e6c7fd24c75494fd2c",
            "da44032f715ac11d43449c58ef19767825003fb1feabff0863f8e383e50c5988",
            "cd22e543e57259937bde531d3992216a3ed05b03f7ed002637cb4e9846e899f9",
            "ff9606a90accefa049e1edbe7c2cc9258ce872fa88dd2a061e392d305c25bd46",
        ].joined()
        let made = RS256.sign(message.span, by: key.span)
        var bytes: [UInt8] = []
        switch made {
        case .none: break
        case .some(let made): for index in made.bytes.indices { bytes.append(made.bytes[index]) }
        }
        #expect(bytes == HexBytes(expected)?.bytes)
    }

    @Test("does not sign with a key that is short, encrypted, of another kind, or none")
    func refusals() {
        let message = Array("header.claims".utf8)
        for key in Keys.bad {
            let isNone: Bool
            switch RS256.sign(message.span, by: key.span) {
            case .none: isNone = true
            case .some: isNone = false
            }
            #expect(isNone)
        }
    }

    @Test("leaves RSA where it was: out of reach")
    func nothingElse() {
        let message = Array("m".utf8)
        let key = Keys.good[0]
        _ = RS256.sign(message.span, by: key.span)
        let found = EVP_KEYMGMT_fetch(nil, "RSA", nil)
        defer { EVP_KEYMGMT_free(found) }
        #expect(found == nil)
    }
}
