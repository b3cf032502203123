/// The random numbers of one worker's decisions: load balancing and trace ids, nothing secret.
///
/// xoshiro256**: a few instructions a number, where the system's generator is a system call. Confined to its worker.
package struct WorkerRandom: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// A generator whose sequence is fixed by `seed`, spread over the state by splitmix64.
    package init(seed: UInt64) {
        var spread = seed
        func next() -> UInt64 {
            spread &+= 0x9E37_79B9_7F4A_7C15
            var mixed = spread
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        state = (next(), next(), next(), next())
    }

    package mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = (state.3 << 45) | (state.3 >> 19)
        return result
    }
}
