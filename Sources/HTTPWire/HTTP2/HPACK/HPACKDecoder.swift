/// Decodes header blocks of one direction of a connection (RFC 7541 section 3). Confined to its connection.
package struct HPACKDecoder: Sendable {
    private var table: HPACKDynamicTable
    /// The largest table that the encoder may choose.
    private var limit: Int
    /// The limit was lowered below the table's size: the next block must begin with an update.
    private var updateRequired = false

    /// How many times the largest list may be decoded before its block costs the connection.
    package static let workFactor = 4

    /// A decoder whose peer may use a table of `tableSize` bytes.
    package init(tableSize: Int = 4096) {
        table = HPACKDynamicTable(maximumSize: tableSize)
        limit = tableSize
    }

    /// The table's size now, as RFC 7541 section 4.1 counts.
    package var tableSize: Int { table.size }

    /// Called when the peer acknowledges SETTINGS_HEADER_TABLE_SIZE.
    package mutating func setLimit(_ newLimit: Int) {
        if newLimit < table.maximumSize { updateRequired = true }
        limit = newLimit
    }

    /// Appends the fields of the complete block `input` to `block`.
    ///
    /// Returns false if the list became larger than `maximumListSize`: the fields beyond are then left out, but the
    /// table is right, so the connection can go on. An error costs the connection; one is a list so large that decoding it is the
    /// attack: a byte can stand for a whole table (RFC 7541 section 7.3).
    package mutating func decode(
        _ input: Span<UInt8>, into block: inout HTTPFieldBlock, maximumListSize: Int
    ) throws(HPACKError) -> Bool {
        var offset = 0
        var fits = true
        var sawField = false
        var work = 0
        while offset < input.count {
            let first = input[offset]
            if first & 0xe0 == 0x20 {
                let size = try HPACKInteger.decode(input, at: &offset, prefixBits: 5)
                guard !sawField else { throw .tableSizeUpdateNotFirst }
                guard size <= limit else { throw .tableSizeTooLarge(size) }
                table.resize(to: size)
                updateRequired = false
                continue
            }
            guard !updateRequired else { throw .tableSizeUpdateMissing }
            sawField = true
            let start = block.beginField()
            let nameLength: Int
            var sensitive = false
            if first & 0x80 != 0 {
                let index = try HPACKInteger.decode(input, at: &offset, prefixBits: 7)
                nameLength = try appendIndexed(index, to: &block, withValue: true)
            } else if first & 0x40 != 0 {
                nameLength = try decodeLiteral(input, at: &offset, prefixBits: 6, into: &block)
                let nameStart = start + HTTPFieldBlock.recordHeaderLength
                let valueStart = nameStart + nameLength
                table.insert(
                    block.storage.span, name: nameStart..<valueStart, value: valueStart..<block.storage.count,
                    indexed: false)
            } else {
                sensitive = first & 0x10 != 0
                nameLength = try decodeLiteral(input, at: &offset, prefixBits: 4, into: &block)
            }
            let fieldSize = block.storage.count - start - HTTPFieldBlock.recordHeaderLength + 32
            work += fieldSize
            guard work / Self.workFactor <= maximumListSize else { throw .listTooLarge }
            if fits, block.listSize + fieldSize <= maximumListSize {
                block.commitField(start: start, nameLength: nameLength, sensitive: sensitive)
            } else {
                fits = false
                block.abandonField(start: start)
            }
        }
        return fits
    }

    /// Appends name and value of a literal; returns the length of the name.
    private func decodeLiteral(
        _ input: Span<UInt8>, at offset: inout Int, prefixBits: Int, into block: inout HTTPFieldBlock
    ) throws(HPACKError) -> Int {
        let index = try HPACKInteger.decode(input, at: &offset, prefixBits: prefixBits)
        let nameLength: Int
        if index == 0 {
            let before = block.storage.count
            try decodeString(input, at: &offset, into: &block)
            nameLength = block.storage.count - before
        } else {
            nameLength = try appendIndexed(index, to: &block, withValue: false)
        }
        try decodeString(input, at: &offset, into: &block)
        return nameLength
    }

    private func decodeString(
        _ input: Span<UInt8>, at offset: inout Int, into block: inout HTTPFieldBlock
    ) throws(HPACKError) {
        guard offset < input.count else { throw .truncated }
        let huffman = input[offset] & 0x80 != 0
        let length = try HPACKInteger.decode(input, at: &offset, prefixBits: 7)
        guard length <= input.count - offset else { throw .truncated }
        let bytes = input.extracting(offset..<(offset + length))
        offset += length
        if huffman {
            try HPACKHuffmanCode.shared.decode(bytes, into: &block.storage)
        } else {
            block.storage.append(span: bytes)
        }
    }

    /// Appends the table entry `index`, with or without its value; returns the length of the name.
    private func appendIndexed(
        _ index: Int, to block: inout HTTPFieldBlock, withValue: Bool
    ) throws(HPACKError) -> Int {
        guard index > 0 else { throw .indexOutOfRange(index) }
        if index <= HPACKStaticTable.count {
            let entry = HPACKStaticTable.shared.entries[index - 1]
            let end = withValue ? entry.value.upperBound : entry.name.upperBound
            block.storage.append(contentsOf: HPACKStaticTable.shared.bytes[entry.name.lowerBound..<end])
            return entry.name.count
        }
        let position = index - HPACKStaticTable.count - 1
        guard position < table.count else { throw .indexOutOfRange(index) }
        let entry = table[position]
        let end = withValue ? entry.value.upperBound : entry.name.upperBound
        block.storage.append(contentsOf: table.bytes[entry.name.lowerBound..<end])
        return entry.name.count
    }
}
