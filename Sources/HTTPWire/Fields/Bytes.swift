// Byte-level operations that all codecs of this module share.

@inline(__always)
func asciiLowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
}

extension [UInt8] {
    mutating func append(span: Span<UInt8>) {
        // Sound: the pointer is used only inside the closure, for exactly the span's bytes.
        unsafe span.withUnsafeBufferPointer { unsafe self.append(contentsOf: $0) }
    }

    /// Appends `name: value` and the line's end.
    @inline(__always)
    mutating func appendLine(name: Span<UInt8>, value: Span<UInt8>) {
        let count = name.count + value.count + 4
        append(addingCapacity: count) { line in
            // Sound: there is room for `count` bytes, and each of them is written.
            unsafe line.withUnsafeMutableBufferPointer { buffer, initialized in
                guard let base = buffer.baseAddress else { return }
                let start = unsafe UnsafeMutableRawPointer(base + initialized)
                unsafe name.withUnsafeBytes {
                    unsafe UnsafeMutableRawBufferPointer(start: start, count: $0.count).copyMemory(from: $0)
                }
                unsafe start.storeBytes(of: UInt16(0x203a).littleEndian, toByteOffset: name.count, as: UInt16.self)
                let second = unsafe start + name.count + 2
                unsafe value.withUnsafeBytes {
                    unsafe UnsafeMutableRawBufferPointer(start: second, count: $0.count).copyMemory(from: $0)
                }
                unsafe second.storeBytes(of: UInt16(0x0a0d).littleEndian, toByteOffset: value.count, as: UInt16.self)
                initialized += count
            }
        }
    }

    mutating func append(text: StaticString) {
        // Sound: a StaticString that is not one scalar points at utf8CodeUnitCount bytes that live for ever.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends `number` in decimal digits.
    mutating func append(decimal number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    mutating func appendBigEndian(_ value: UInt16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    mutating func appendBigEndian(_ value: UInt32) {
        append(UInt8(truncatingIfNeeded: value >> 24))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    mutating func appendBigEndian(_ value: UInt64) {
        appendBigEndian(UInt32(truncatingIfNeeded: value >> 32))
        appendBigEndian(UInt32(truncatingIfNeeded: value))
    }

    func loadBigEndian32(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16 | UInt32(self[offset + 2]) << 8
            | UInt32(self[offset + 3])
    }

    /// True if the bytes in `range` are those of `text`.
    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        // Sound: a StaticString that is not one scalar points at utf8CodeUnitCount bytes that live for ever.
        let expected = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        for index in 0..<range.count where unsafe self[range.lowerBound + index] != expected[index] { return false }
        return true
    }
}

extension Span where Element == UInt8 {
    @inline(__always)
    func loadBigEndian32(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16 | UInt32(self[offset + 2]) << 8
            | UInt32(self[offset + 3])
    }

    @inline(__always)
    func loadBigEndian16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    /// True if the bytes are those of `text`.
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        // Sound: a StaticString that is not one scalar points at utf8CodeUnitCount bytes that live for ever.
        let expected = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        for index in 0..<count where unsafe self[index] != expected[index] { return false }
        return true
    }

    func text() -> String {
        // Sound: the pointer is used only inside the closure.
        unsafe self.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
