/// Writes the lines of one head one after the other into memory that has room for all of them, so that a head costs one look at its
/// buffer instead of one for each part. Lives for the length of `[UInt8].appendLines`.
@safe
struct HTTP1LineWriter: ~Copyable {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    /// Bytes written.
    private(set) var count = 0

    /// The memory is the caller's and stays for as long as this does.
    fileprivate init(_ start: UnsafeMutableRawPointer, capacity: Int) {
        unsafe self.start = start
        self.capacity = capacity
    }

    /// Where the next `size` bytes go. More than there is room for ends the process: the room is reckoned from what is written.
    @inline(__always)
    private mutating func place(_ size: Int) -> UnsafeMutableRawPointer {
        precondition(size <= capacity &- count, "a head is longer than was reckoned")
        defer { count &+= size }
        return unsafe start + count
    }

    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>) {
        let place = unsafe place(bytes.count)
        // Sound: `place` has room for them.
        unsafe bytes.copy(to: place)
    }

    @inline(__always)
    mutating func append(text: StaticString) {
        let place = unsafe place(text.utf8CodeUnitCount)
        // Sound: a StaticString that is not one scalar points at utf8CodeUnitCount bytes that live for ever.
        unsafe ShortBytes.copy(text.utf8Start, to: place, count: text.utf8CodeUnitCount)
    }

    /// Adds `number` in decimal digits.
    @inline(__always)
    mutating func append(decimal number: UInt64) {
        let digits = DecimalDigits.of(number)
        append(digits.bytes.span.extracting(digits.first...))
    }

    /// Adds `name: value` and the line's end; throws for a name or value that no line may have (RFC 9110 section 5).
    @inline(__always)
    mutating func line(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(HTTP1WriteError) {
        guard ByteScan.isToken(name), ByteScan.isFieldText(value) else { throw .field(name: name.text()) }
        append(name)
        append(text: ": ")
        append(value)
        append(text: "\r\n")
    }

    /// Goes on with the line that was added last, with `value` after `separator`.
    mutating func continueLine(_ separator: StaticString, _ value: Span<UInt8>) {
        count &-= 2
        append(text: separator)
        append(value)
        append(text: "\r\n")
    }
}

extension [UInt8] {
    /// Adds what `body` writes, `capacity` bytes at most. What it has written when it throws stays.
    @inline(__always)
    mutating func appendLines<Result>(
        capacity: Int, _ body: (inout HTTP1LineWriter) throws(HTTP1WriteError) -> Result
    ) throws(HTTP1WriteError) -> Result {
        let before = count
        reserveCapacity(before + capacity)
        var result: Result?
        try append(addingCapacity: capacity) { span throws(HTTP1WriteError) in
            try unsafe span.withUnsafeMutableBufferPointer { buffer, initialized throws(HTTP1WriteError) in
                guard let base = buffer.baseAddress else { return }
                // Sound: there is room for `capacity` bytes, and all that are counted have been written.
                var writer = unsafe HTTP1LineWriter(UnsafeMutableRawPointer(base + initialized), capacity: capacity)
                let start = initialized
                defer { initialized = start + writer.count }
                result = try body(&writer)
            }
        }
        guard let result else { throw .state }
        return result
    }
}
