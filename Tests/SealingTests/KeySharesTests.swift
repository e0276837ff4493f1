// A key in several hands: any few give it back, fewer nothing.

import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import Sealing

/// Multiplication as it is taught: shift, add, reduce.
private func schoolProduct(_ left: Int, _ right: Int) -> Int {
    var sum = 0
    for bit in 0..<8 where right >> bit & 1 == 1 { sum ^= left << bit }
    for bit in (8..<16).reversed() where sum >> bit & 1 == 1 { sum ^= 0x11b << (bit - 8) }
    return sum
}

private func bytes(_ text: borrowing SecretBytes) -> [UInt8] {
    (0..<text.count).map { text.bytes[$0] }
}

/// Keeps what a test can hold: texts of shares, and the key as its file.
private struct Split {
    let key: [UInt8]
    let shares: [[UInt8]]

    init(_ count: Int, _ threshold: Int) throws {
        let key = try RawKey()
        let made = try KeyShares(of: key, count: count, threshold: threshold)
        self.key = bytes(key.keyFile())
        shares = (1...count).map { bytes(made.text(of: $0)) }
    }
}

/// What shares give: the key as its file, or why one of them is not taken; nil if it takes more.
private func combined(_ shares: [[UInt8]]) -> Result<[UInt8]?, ShareDefect> {
    var collection = ShareCollection()
    do throws(ShareDefect) {
        for share in shares { try collection.add(share.span) }
    } catch { return .failure(error) }
    return .success(collection.isComplete ? bytes(collection.key().keyFile()) : nil)
}

@Suite("the field of 256 elements")
struct GaloisFieldTests {
    @Test("multiplies as it is taught, for all pairs")
    func products() {
        var wrong = 0
        for left in 0..<256 {
            for right in 0..<256 {
                let product = GaloisField.product(UInt8(left), UInt8(right))
                if Int(product) != schoolProduct(left, right) { wrong += 1 }
            }
        }
        #expect(wrong == 0)
    }

    @Test("has an inverse of all but 0")
    func inverses() {
        for element in UInt8(1)...255 {
            #expect(GaloisField.product(element, GaloisField.inverse(element)) == 1)
        }
        #expect(GaloisField.inverse(0) == 0)
    }
}

@Suite("shares of a key")
struct KeySharesTests {
    @Test(
        "any k of n give it back, in any order",
        arguments: [(2, 2), (3, 2), (5, 3), (16, 16), (16, 2), (7, 4)])
    func anyFew(_ count: Int, _ threshold: Int) throws {
        let split = try Split(count, threshold)
        var random = SeededGenerator(seed: UInt64(count * 16 + threshold))
        for _ in 0..<20 {
            let few = Array(split.shares.shuffled(using: &random).prefix(threshold))
            #expect(combined(few) == .success(split.key))
            #expect(combined(few.dropLast()) == .success(nil))
        }
        #expect(combined(split.shares) == .success(split.key))
    }

    @Test("fewer tell nothing: with every value of one more share, every byte is as likely")
    func fewer() throws {
        // One byte of a key split among two: the other share's byte runs through all values.
        let index: (UInt8, UInt8) = (3, 5)
        let weights = (
            GaloisField.product(index.1, GaloisField.inverse(index.0 ^ index.1)),
            GaloisField.product(index.0, GaloisField.inverse(index.0 ^ index.1))
        )
        for known in UInt8.min...255 {
            var found = Set<UInt8>()
            for guess in UInt8.min...255 {
                found.insert(
                    GaloisField.product(weights.0, known) ^ GaloisField.product(weights.1, guess))
            }
            #expect(found.count == 256)
        }
    }

    @Test("of one and the same key are others each time, and so is every byte of a share")
    func drawn() throws {
        let key = try RawKey()
        var seen = [Set<[UInt8]>](repeating: [], count: 3)
        for _ in 0..<200 {
            let shares = try KeyShares(of: key, count: 3, threshold: 2)
            for index in 1...3 { seen[index - 1].insert(bytes(shares.text(of: index))) }
        }
        #expect(seen.allSatisfy { $0.count == 200 })
    }

    @Test("every character that is mistyped is noticed, in every place")
    func typing() throws {
        let share = try Split(3, 2).shares[0]
        #expect(share.count == 80 && share.filter { $0 == UInt8(ascii: "-") }.count == 8)
        for place in share.indices where share[place] != UInt8(ascii: "-") {
            var typed = share
            typed[place] = typed[place] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
            #expect(combined([typed]) == .failure(.unreadable))
            typed.remove(at: place)
            #expect(combined([typed]) == .failure(.unreadable))
        }
        for cut in 0..<share.count {
            #expect(combined([Array(share.prefix(cut))]) == .failure(.unreadable))
        }
    }

    @Test("may be typed in lower case, with blanks, and O for 0")
    func forgiving() throws {
        let split = try Split(2, 2)
        let typed = split.shares.map { share in
            Array(String(decoding: share, as: UTF8.self).lowercased().utf8).flatMap { letter in
                switch letter {
                case UInt8(ascii: "-"): Array("  ".utf8)
                case UInt8(ascii: "0"): Array("o".utf8)
                default: [letter]
                }
            }
        }
        #expect(combined(typed) == .success(split.key))
    }

    @Test("of two sets do not mix, and none counts twice")
    func mixed() throws {
        let (one, other) = (try Split(3, 2), try Split(3, 2))
        #expect(combined([one.shares[0], other.shares[1]]) == .failure(.otherSet))
        #expect(combined([one.shares[0], one.shares[0]]) == .failure(.twice(1)))
        #expect(combined([Array("not a share".utf8)]) == .failure(.unreadable))
        #expect(combined([one.key]) == .failure(.unreadable))
    }

    /// A share that somebody made up, with a checksum that fits.
    private func forged(_ threshold: UInt8, _ index: UInt8) -> [UInt8] {
        var share = SecretBytes(zeros: 5)
        share.append(threshold)
        share.append(index)
        share.append(zeros: 32)
        let checksum = KeyShares.checksum(of: share.bytes)
        share.append(checksum.span)
        return bytes(Crockford.encoded(share.bytes))
    }

    @Test("a made up one at 0, or with a threshold that no set has, is refused")
    func madeUp() {
        #expect(combined([forged(2, 0)]) == .failure(.unreadable))
        for threshold: UInt8 in [0, 1, 17, 255] {
            #expect(combined([forged(threshold, 1)]) == .failure(.unreadable))
        }
        #expect(combined([forged(3, 1)]) == .success(nil))
        #expect(combined([forged(3, 1), forged(2, 2)]) == .failure(.otherSet))
    }
}

@Suite("the sheet of a slot")
struct SlotSheetTests {
    private let slot: KeySlot
    private let lines: [String]

    init() throws {
        slot = try KeySlot.seal(
            RootKey(), with: .rawKey(RawKey()), number: 3, vault: VaultID(Randomness.identifier()),
            epoch: .first, parameters: .none, created: Timestamp(milliseconds: 1_700_000_000_000))
        lines = SlotSheet.lines(of: slot)
    }

    private func defect(_ lines: [String]) -> SheetDefect? {
        do throws(VaultError) {
            _ = try SlotSheet.slot(in: lines.joined(separator: "\n"))
            return nil
        } catch {
            guard case .unusableSheet(let defect) = error else { return nil }
            return defect
        }
    }

    @Test("is read as it was printed, among other words, in any order")
    func roundTrip() throws {
        #expect(lines.count == 7 && lines.allSatisfy { $0.count <= 70 })
        #expect(try SlotSheet.slot(in: lines.joined(separator: "\n")) == slot)
        let typed = ["The sheet: of a slot", "12: no line", ""] + lines.reversed()
        #expect(
            try SlotSheet.slot(in: typed.joined(separator: "\r\n").lowercased()) == slot)
    }

    @Test("with a line that is mistyped, missing, doubled or moved names the line")
    func lineDefects() {
        for place in 0..<7 {
            for column in 3..<lines[place].count {
                var text = Array(lines[place])
                guard text[column] != "-" else { continue }
                text[column] = text[column] == "7" ? "8" : "7"
                var typed = lines
                typed[place] = String(text)
                #expect(defect(typed) == .unreadable(line: place + 1))
            }
            var typed = lines
            typed.remove(at: place)
            #expect(defect(typed) == .missing(line: place + 1))
            typed = lines + [lines[place]]
            #expect(defect(typed) == .unreadable(line: place + 1))
        }
        var swapped = lines
        swapped[1] = "2" + lines[2].dropFirst()
        #expect(defect(swapped) == .unreadable(line: 2))
    }

    @Test("of lines from two sheets is none")
    func mixed() throws {
        let other = SlotSheet.lines(
            of: try KeySlot.seal(
                RootKey(), with: .rawKey(RawKey()), number: 3, vault: slot.vault, epoch: .first,
                parameters: .none, created: slot.created))
        #expect(defect(Array(lines.prefix(5)) + other.suffix(2)) == .mixed)
    }
}
