// Numbers that look random and are the same in every run, so that a failure can be run again.

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// `bytes` with one to three small changes: a bit, a byte, a piece moved, doubled or lost.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var changed = bytes
        for _ in 0...below(3) {
            guard !changed.isEmpty else { return changed }
            let place = below(changed.count)
            switch below(6) {
            case 0: changed[place] ^= 1 << UInt8(below(8))
            case 1: changed[place] = UInt8(truncatingIfNeeded: next())
            case 2: changed.remove(at: place)
            case 3: changed.insert(UInt8(truncatingIfNeeded: next()), at: place)
            case 4: changed.swapAt(place, below(changed.count))
            default:
                let piece = changed[place..<min(changed.count, place + 1 + below(16))]
                changed.insert(contentsOf: Array(piece), at: below(changed.count + 1))
            }
        }
        return changed
    }
}
