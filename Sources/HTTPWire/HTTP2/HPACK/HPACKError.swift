/// Why a header block is not decoded to its end. Each one costs the connection (COMPRESSION_ERROR, for `listTooLarge`
/// ENHANCE_YOUR_CALM): the tables of the two ends no longer agree.
package enum HPACKError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The block ends inside a field.
    case truncated
    /// An integer above 2^28 or with needless continuation bytes (RFC 7541 section 5.1).
    case integerTooLarge
    /// Index 0, or one past both tables (section 2.3.3).
    case indexOutOfRange(Int)
    /// Huffman padding that is longer than 7 bits, or not all ones, or an EOS symbol (section 5.2).
    case huffman
    /// A size update above the announced limit (section 6.3).
    case tableSizeTooLarge(Int)
    /// A size update after the first field of a block (section 4.2).
    case tableSizeUpdateNotFirst
    /// The announced limit was lowered and the next block does not begin with a size update (section 4.2).
    case tableSizeUpdateMissing
    /// The list is several times as large as announced (`HPACKDecoder.workFactor`).
    case listTooLarge

    package var description: String {
        switch self {
        case .truncated: "the header block ends inside a field"
        case .integerTooLarge: "an integer in the header block is too large"
        case .indexOutOfRange(let index): "the header block refers to table entry \(index), which does not exist"
        case .huffman: "a Huffman-coded string in the header block is broken"
        case .tableSizeTooLarge(let size): "the header block sets the table size to \(size), above the announced limit"
        case .tableSizeUpdateNotFirst: "the header block changes the table size after its first field"
        case .listTooLarge: "the header list is more than \(HPACKDecoder.workFactor) times as large as announced"
        case .tableSizeUpdateMissing:
            "the header block does not begin with the table size update that the lowered limit asks for"
        }
    }
}
