/// Comparing and copying a few bytes, as names and values are: two words that may overlap instead of a loop or a call. Pure.
enum ShortBytes {
    /// Whether both have the same `count` bytes.
    @inline(__always)
    static func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
        // Sound in all branches: what is loaded lies within the first `count` bytes of each, and any bytes are an integer.
        if count >= 8 {
            var index = 0
            while index &+ 8 < count {
                guard unsafe word(left, index) == word(right, index) else { return false }
                index &+= 8
            }
            return unsafe word(left, count &- 8) == word(right, count &- 8)
        }
        if count >= 4 {
            let last = count &- 4
            return unsafe half(left, 0) == half(right, 0) && half(left, last) == half(right, last)
        }
        for index in 0..<max(count, 0) where unsafe byte(left, index) != byte(right, index) { return false }
        return true
    }

    /// Copies `count` bytes from one place to another that does not overlap it.
    @inline(__always)
    static func copy(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int) {
        // Sound in all branches: what is loaded and stored lies within the first `count` bytes of each.
        if count > 16 { return unsafe target.copyMemory(from: source, byteCount: count) }
        if count >= 8 {
            let last = count &- 8
            let (first, second) = unsafe (word(source, 0), word(source, last))
            unsafe target.storeBytes(of: first, as: UInt64.self)
            unsafe target.storeBytes(of: second, toByteOffset: last, as: UInt64.self)
        } else if count >= 4 {
            let last = count &- 4
            let (first, second) = unsafe (half(source, 0), half(source, last))
            unsafe target.storeBytes(of: first, as: UInt32.self)
            unsafe target.storeBytes(of: second, toByteOffset: last, as: UInt32.self)
        } else {
            for index in 0..<max(count, 0) {
                unsafe target.storeBytes(of: byte(source, index), toByteOffset: index, as: UInt8.self)
            }
        }
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    @inline(__always)
    private static func byte(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt8 {
        unsafe bytes.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    private static func half(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt32 {
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }
}

extension Span where Element == UInt8 {
    /// True if the bytes are those of `text`.
    @inline(__always)
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        // Sound: a StaticString that is not one scalar points at utf8CodeUnitCount bytes that live for ever.
        return unsafe withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return true }
            return unsafe ShortBytes.areEqual(base, text.utf8Start, count: bytes.count)
        }
    }

    /// True if the first bytes are those of `text`.
    package func starts(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return extracting(0..<text.utf8CodeUnitCount).equals(text)
    }

    /// True if both have the same bytes.
    @inline(__always)
    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        // Sound: both pointers are used only inside the closures, for as many bytes as both have.
        return unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return true }
                return unsafe ShortBytes.areEqual(first, second, count: left.count)
            }
        }
    }

    /// Copies all bytes to a place that has room for them and does not overlap them.
    @inline(__always)
    func copy(to target: UnsafeMutableRawPointer) {
        // Sound: the room is the caller's promise.
        unsafe withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe ShortBytes.copy(base, to: target, count: bytes.count)
        }
    }
}
