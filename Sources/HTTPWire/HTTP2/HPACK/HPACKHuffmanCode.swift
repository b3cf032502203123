/// The static Huffman code of RFC 7541 appendix B.
///
/// The code is canonical: symbols in order of (length, value) have consecutive codes. So the lengths alone define it,
/// and a string is decoded by comparing the next bits with the first code that lies beyond each length. A table over
/// the next 8 bits answers for the short codes, which are all that ordinary text uses. 3 KiB, built once.
struct HPACKHuffmanCode: Sendable {
    static let shared = HPACKHuffmanCode()
    static let endOfString = 256

    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15,
        6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22,
        20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23,
        23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22,
        22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26,
        27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27,
        26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
    ]

    /// Symbol to code, right-aligned.
    private var codes: [UInt32]
    /// Symbols in order of their codes.
    private var symbols: [UInt16]
    /// For each length: the code after the last of that length, aligned to the top of 32 bits.
    private var limits: [UInt64]
    /// For each length: what to subtract from a code of that length to get its place in `symbols`.
    private var bases: [Int]
    /// The next 8 bits to `symbol << 8 | length`; 0 if the code is longer.
    private var short: [UInt16]

    private init() {
        codes = Array(repeating: 0, count: 257)
        symbols = []
        limits = Array(repeating: 0, count: 31)
        bases = Array(repeating: 0, count: 31)
        short = Array(repeating: 0, count: 256)
        var code: UInt32 = 0
        for length in 1...30 {
            code <<= 1
            bases[length] = Int(code) - symbols.count
            for symbol in 0...256 where Int(Self.lengths[symbol]) == length {
                codes[symbol] = code
                symbols.append(UInt16(symbol))
                if length <= 8 {
                    let first = Int(code) << (8 - length)
                    for index in first..<(first + 1 << (8 - length)) {
                        short[index] = UInt16(symbol) << 8 | UInt16(length)
                    }
                }
                code += 1
            }
            limits[length] = UInt64(code) << (32 - length)
        }
    }

    /// The length of `bytes` when coded, in bytes.
    func encodedLength(_ bytes: Span<UInt8>) -> Int {
        var bits = 0
        for index in 0..<bytes.count { bits += Int(Self.lengths[Int(bytes[index])]) }
        return (bits + 7) / 8
    }

    /// Appends the code of `bytes`, padded with ones.
    func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        var pending: UInt64 = 0
        var pendingBits = 0
        for index in 0..<bytes.count {
            let symbol = Int(bytes[index])
            let length = Int(Self.lengths[symbol])
            pending = pending << UInt64(length) | UInt64(codes[symbol])
            pendingBits += length
            while pendingBits >= 8 {
                pendingBits -= 8
                output.append(UInt8(truncatingIfNeeded: pending >> UInt64(pendingBits)))
            }
        }
        if pendingBits > 0 {
            let padded = pending << UInt64(8 - pendingBits) | (0xff >> UInt64(pendingBits))
            output.append(UInt8(truncatingIfNeeded: padded))
        }
    }

    /// Appends what `input` stands for.
    func decode(_ input: Span<UInt8>, into output: inout [UInt8]) throws(HPACKError) {
        var pending: UInt64 = 0
        var available = 0
        var offset = 0
        while true {
            while available <= 32, offset < input.count {
                pending = pending << 8 | UInt64(input[offset])
                available += 8
                offset += 1
            }
            if available == 0 { return }
            // The next 32 bits, filled up with ones as padding is.
            let window =
                available >= 32
                ? UInt32(truncatingIfNeeded: pending >> UInt64(available - 32))
                : UInt32(truncatingIfNeeded: pending << UInt64(32 - available)) | (UInt32.max >> UInt32(available))
            let entry = short[Int(window >> 24)]
            var symbol = Int(entry >> 8)
            var length = Int(entry & 0xff)
            if length == 0 {
                length = 9
                while length < 30, UInt64(window) >= limits[length] { length += 1 }
                let place = Int(window >> UInt32(32 - length)) - bases[length]
                guard place >= 0, place < symbols.count else { throw .huffman }
                symbol = Int(symbols[place])
            }
            if length > available {
                let rest = pending & ((1 << UInt64(available)) - 1)
                guard available < 8, rest == (1 << UInt64(available)) - 1 else { throw .huffman }
                return
            }
            guard symbol != Self.endOfString else { throw .huffman }
            output.append(UInt8(truncatingIfNeeded: symbol))
            available -= length
        }
    }
}
