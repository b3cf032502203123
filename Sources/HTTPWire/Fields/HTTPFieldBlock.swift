/// A list of header or trailer fields in the order of the wire, pseudo-header fields included.
///
/// One allocation holds all of it: each field is a record of two 32-bit lengths (the top bit of the first marks a
/// sensitive field), the name, the value. A block of a CONNECT is read once and thrown away; a dictionary would cost
/// more to build than it saves. Names are lower case. Value type, any thread.
package struct HTTPFieldBlock: Sendable, Hashable {
    static let recordHeaderLength = 8
    static let sensitiveBit: UInt32 = 0x8000_0000

    /// The records, back to back.
    var storage: [UInt8] = []
    /// The number of fields.
    package private(set) var count = 0
    /// The size of RFC 9113 section 6.5.2: names, values, and 32 for each field.
    package private(set) var listSize = 0

    /// An empty block; it allocates when the first field comes.
    package init() {}

    /// True if there is no field.
    package var isEmpty: Bool { count == 0 }

    /// Adds a field. The name is put in lower case; `sensitive` fields are never indexed by HPACK on any hop
    /// (RFC 7541 section 7.1.3).
    package mutating func append(name: String, value: String, sensitive: Bool = false) {
        let start = beginField()
        for byte in name.utf8 { storage.append(asciiLowercased(byte)) }
        let nameLength = storage.count - start - Self.recordHeaderLength
        storage.append(contentsOf: value.utf8)
        commitField(start: start, nameLength: nameLength, sensitive: sensitive)
    }

    /// Adds a field from bytes; the name must be in lower case already.
    package mutating func append(name: Span<UInt8>, value: Span<UInt8>, sensitive: Bool = false) {
        unsafe appendRecord(name.count, value, sensitive: sensitive) { place in
            // Sound: there is room for the name at `place`.
            unsafe name.copy(to: place)
        }
    }

    /// Adds a field whose name is known at compile time, in lower case.
    package mutating func append(name: StaticString, value: Span<UInt8>, sensitive: Bool = false) {
        unsafe appendRecord(name.utf8CodeUnitCount, value, sensitive: sensitive) { place in
            // Sound: there is room for the name at `place`, and a StaticString that is not one scalar points at utf8CodeUnitCount bytes
            // that live for ever.
            unsafe ShortBytes.copy(name.utf8Start, to: place, count: name.utf8CodeUnitCount)
        }
    }

    /// Adds a field of which both is known at compile time, the name in lower case.
    package mutating func append(name: StaticString, text: StaticString) {
        // Sound: a StaticString that is not one scalar points at utf8CodeUnitCount bytes that live for ever.
        let bytes = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        append(name: name, value: unsafe Span(_unsafeElements: bytes))
    }

    /// Adds a field that is a number, its name known at compile time and in lower case.
    package mutating func append(name: StaticString, decimal number: UInt64) {
        let digits = DecimalDigits.of(number)
        append(name: name, value: digits.bytes.span.extracting(digits.first...))
    }

    /// Adds a field whose name is put in lower case.
    mutating func append(lowercasing name: Span<UInt8>, value: Span<UInt8>) {
        unsafe appendRecord(name.count, value, sensitive: false) { place in
            // Sound: bytes have no padding, and there is room for the name at `place`.
            let bytes = unsafe name.bytes
            var index = 0
            while index < name.count {
                guard name.count >= 8 else {
                    unsafe place.storeBytes(of: asciiLowercased(name[index]), toByteOffset: index, as: UInt8.self)
                    index &+= 1
                    continue
                }
                // The last word may overlap the one before.
                let start = min(index, name.count &- 8)
                let word = ByteScan.lowercased(ByteScan.word(bytes, start)).littleEndian
                unsafe place.storeBytes(of: word, toByteOffset: start, as: UInt64.self)
                index = start &+ 8
            }
        }
    }

    /// Adds a record in one piece; `writeName` writes the name to the place that there is for it.
    @inline(__always)
    private mutating func appendRecord(
        _ nameLength: Int, _ value: Span<UInt8>, sensitive: Bool, _ writeName: (UnsafeMutableRawPointer) -> Void
    ) {
        let lengths = Self.lengths(name: nameLength, value: value.count, sensitive: sensitive)
        let length = Self.recordHeaderLength + nameLength + value.count
        if storage.capacity == 0 { storage.reserveCapacity(max(Self.firstRoom, length)) }
        storage.append(addingCapacity: length) { bytes in
            // Sound: there is room for `length` bytes, and each of them is written.
            unsafe bytes.withUnsafeMutableBufferPointer { buffer, initialized in
                guard let base = buffer.baseAddress else { return }
                let record = unsafe UnsafeMutableRawPointer(base + initialized)
                unsafe record.storeBytes(of: lengths.bigEndian, as: UInt64.self)
                let first = unsafe record + Self.recordHeaderLength
                unsafe writeName(first)
                let second = unsafe first + nameLength
                unsafe value.copy(to: second)
                initialized += length
            }
        }
        count += 1
        listSize += nameLength + value.count + 32
    }

    /// Takes back the field that was added last, whose name and value have so many bytes.
    mutating func removeLast(name: Int, value: Int) {
        storage.removeLast(Self.recordHeaderLength + name + value)
        count -= 1
        listSize -= name + value + 32
    }

    /// Makes room for `count` fields of `byteCount` bytes, names and values together.
    package mutating func reserve(fields count: Int, byteCount: Int) {
        storage.reserveCapacity(storage.count + count * Self.recordHeaderLength + byteCount)
    }

    /// The room that the first field makes, in bytes: for most heads with what is added to them on their way.
    private static let firstRoom = 512

    private static func lengths(name: Int, value: Int, sensitive: Bool) -> UInt64 {
        let first = UInt32(truncatingIfNeeded: name) | (sensitive ? sensitiveBit : 0)
        return UInt64(first) << 32 | UInt64(UInt32(truncatingIfNeeded: value))
    }

    /// Adds a field from bytes; the name must be in lower case already.
    package mutating func append(name: [UInt8], value: [UInt8], sensitive: Bool = false) {
        append(name: name.span, value: value.span, sensitive: sensitive)
    }

    /// Opens a record at the end of `storage`; the caller appends the name and the value, then calls `commitField`
    /// or `abandonField`.
    mutating func beginField() -> Int {
        let start = storage.count
        if storage.capacity == 0 { storage.reserveCapacity(Self.firstRoom) }
        storage.append(addingCapacity: Self.recordHeaderLength) { bytes in
            for _ in 0..<Self.recordHeaderLength { bytes.append(0) }
        }
        return start
    }

    /// Writes the lengths of the record opened at `start`; all bytes after the name are the value.
    mutating func commitField(start: Int, nameLength: Int, sensitive: Bool) {
        let valueLength = storage.count - start - Self.recordHeaderLength - nameLength
        let lengths = Self.lengths(name: nameLength, value: valueLength, sensitive: sensitive)
        precondition(start + Self.recordHeaderLength <= storage.count, "the record was never opened")
        // Sound: the record has room for both lengths, as has been checked; bytes have no alignment.
        unsafe storage.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: lengths.bigEndian, toByteOffset: start, as: UInt64.self)
        }
        count += 1
        listSize += nameLength + valueLength + 32
    }

    /// Takes back the record opened at `start`.
    mutating func abandonField(start: Int) {
        storage.removeLast(storage.count - start)
    }

    /// Calls `body` for each field in order: name, value, sensitive.
    package func forEach(_ body: (Span<UInt8>, Span<UInt8>, Bool) -> Void) {
        var cursor = 0
        let bytes = storage.span
        while let field = record(at: cursor) {
            body(bytes.extracting(field.name), bytes.extracting(field.value), field.sensitive)
            cursor = field.value.upperBound
        }
    }

    /// Where the parts of one field lie in `storage`.
    struct Record {
        var name: Range<Int>
        var value: Range<Int>
        var sensitive: Bool
    }

    /// The record that begins at `offset`, nil at the end.
    func record(at offset: Int) -> Record? {
        guard offset + Self.recordHeaderLength <= storage.count else { return nil }
        // Sound: the span checks that 8 bytes are there, and any bytes are an integer.
        let lengths = unsafe UInt64(
            bigEndian: storage.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let first = UInt32(truncatingIfNeeded: lengths >> 32)
        let nameLength = Int(first & ~Self.sensitiveBit)
        let valueLength = Int(UInt32(truncatingIfNeeded: lengths))
        let nameStart = offset + Self.recordHeaderLength
        let valueStart = nameStart + nameLength
        return Record(
            name: nameStart..<valueStart, value: valueStart..<(valueStart + valueLength),
            sensitive: first & Self.sensitiveBit != 0)
    }

    /// The range in `storage` of the first value called `name`.
    func firstRange(_ name: StaticString) -> Range<Int>? {
        var cursor = 0
        while let field = record(at: cursor) {
            if storage.equals(field.name, name) { return field.value }
            cursor = field.value.upperBound
        }
        return nil
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: storage[range], as: UTF8.self)
    }
}
