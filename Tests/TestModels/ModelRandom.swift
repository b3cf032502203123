/// Numbers that a seed decides (SplitMix64), so that a schedule that fails can be run again.
package struct ModelRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// True once in `count` times.
    package mutating func one(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    /// A size from 0 up to `limit`, small ones as often as large ones.
    package mutating func size(upTo limit: Int) -> Int {
        let bits = Int.random(in: 0...(Int.bitWidth - limit.leadingZeroBitCount), using: &self)
        return min(Int.random(in: 0...(1 << bits), using: &self), limit)
    }

    /// A pause of up to a few milliseconds.
    package mutating func pause() -> Duration { .microseconds(size(upTo: 4_000)) }
}
