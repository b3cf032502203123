extension HTTPFieldBlock {
    /// Takes out every field for which `isUnwanted` says so of its name and value.
    package mutating func removeAll(where isUnwanted: (Span<UInt8>, Span<UInt8>) -> Bool) {
        if let kept = without(isUnwanted) { self = kept }
    }

    /// The fields that are wanted; nil where all are.
    private func without(_ isUnwanted: (Span<UInt8>, Span<UInt8>) -> Bool) -> HTTPFieldBlock? {
        var kept: HTTPFieldBlock?
        var cursor = 0
        let bytes = storage.span
        while let field = record(at: cursor) {
            let (name, value) = (bytes.extracting(field.name), bytes.extracting(field.value))
            if isUnwanted(name, value) {
                // Most blocks have nothing unwanted: those are not copied.
                if kept == nil { kept = fields(before: cursor) }
            } else {
                kept?.append(name: name, value: value, sensitive: field.sensitive)
            }
            cursor = field.value.upperBound
        }
        return kept
    }

    private func fields(before offset: Int) -> HTTPFieldBlock {
        var made = HTTPFieldBlock()
        made.storage.reserveCapacity(storage.count)
        var cursor = 0
        let bytes = storage.span
        while cursor < offset, let field = record(at: cursor) {
            made.append(
                name: bytes.extracting(field.name), value: bytes.extracting(field.value), sensitive: field.sensitive)
            cursor = field.value.upperBound
        }
        return made
    }

    /// Takes out every field called `name` (lower case).
    package mutating func removeAll(named name: String) {
        removeAll { field, _ in field.equals(string: name) }
    }

    /// Joins all cookie fields into one with `; ` between them, in the place of the first (RFC 9113 section 8.2.3). HTTP/2 sends
    /// them apart to compress them better; whoever matches on cookies, and every HTTP/1.1 peer, expects one.
    package mutating func joinCookies() {
        var joined: [UInt8] = []
        var cookies = 0
        var isSensitive = false
        forEach { name, value, sensitive in
            guard name.equals("cookie") else { return }
            if cookies > 0 { joined.append(contentsOf: [0x3b, 0x20]) }
            joined.append(span: value)
            cookies += 1
            isSensitive = isSensitive || sensitive
        }
        guard cookies > 1 else { return }
        var whole = HTTPFieldBlock()
        whole.storage.reserveCapacity(storage.count)
        forEach { name, value, sensitive in
            if !name.equals("cookie") {
                whole.append(name: name, value: value, sensitive: sensitive)
            } else if cookies > 0 {
                whole.append(name: name, value: joined.span, sensitive: isSensitive)
                cookies = 0
            }
        }
        self = whole
    }

    /// Makes `:authority` of a `host` field where there is none, and takes `host` out: whoever routes, and whoever rewrites, looks at one
    /// of them only (RFC 9113 section 8.3.1).
    mutating func moveHost() {
        if !has(":authority"), let host = firstRange("host") {
            var value: [UInt8] = []
            value.append(span: storage.span.extracting(host))
            var place = 0
            while let field = record(at: place), storage.span.extracting(field.name).starts(with: ":") {
                place = field.value.upperBound
            }
            _ = insert(pseudo: ":authority", value.span, at: place)
        }
        removeAll { name, _ in name.equals("host") }
    }

    /// Puts a pseudo-header field before the record at `offset`, which is that of the first ordinary field; returns where its value lies.
    mutating func insert(pseudo name: StaticString, _ value: Span<UInt8>, at offset: Int) -> Range<Int> {
        var rest: [UInt8] = []
        rest.append(span: storage.span.extracting(offset...))
        storage.removeLast(storage.count - offset)
        let place = append(pseudo: name, value)
        storage.append(contentsOf: rest)
        return place
    }

    /// Adds a pseudo-header field; returns where its value lies in `storage`.
    @discardableResult
    mutating func append(pseudo name: StaticString, _ value: Span<UInt8>) -> Range<Int> {
        append(name: name, value: value)
        return (storage.count - value.count)..<storage.count
    }

    /// Adds a pseudo-header field with a value known at compile time.
    @discardableResult
    mutating func append(pseudo name: StaticString, value: StaticString) -> Range<Int> {
        append(name: name, text: value)
        return (storage.count - value.utf8CodeUnitCount)..<storage.count
    }
}

extension Span where Element == UInt8 {
    /// True if the bytes are those of `text`.
    func equals(string text: String) -> Bool {
        var index = 0
        for byte in text.utf8 {
            guard index < count, self[index] == byte else { return false }
            index += 1
        }
        return index == count
    }

    /// True if the bytes are those of `text`, which is in lower case, whatever their own case.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        // Sound: a StaticString that is not one scalar points at utf8CodeUnitCount bytes that live for ever.
        let expected = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        for index in 0..<count where unsafe asciiLowercased(self[index]) != expected[index] { return false }
        return true
    }

    /// True if both hold the same bytes, whatever their case.
    func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where asciiLowercased(self[index]) != asciiLowercased(other[index]) { return false }
        return true
    }

    /// Calls `body` with each element of a comma-separated list, white space around it taken away; empty ones are skipped
    /// (RFC 9110 section 5.6.1).
    func forEachListElement(_ body: (Span<UInt8>) -> Void) {
        var start = 0
        while start <= count {
            var end = start
            while end < count, self[end] != 0x2c { end += 1 }
            let element = extracting(start..<end)
            let range = element.trimmedRange
            if !range.isEmpty { body(element.extracting(range)) }
            start = end + 1
        }
    }

    /// Where the bytes lie without the spaces and tabs at both ends.
    @inline(__always)
    var trimmedRange: Range<Int> {
        var start = 0
        var end = count
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start &+= 1 }
        while end > start, self[end &- 1] == 0x20 || self[end &- 1] == 0x09 { end &-= 1 }
        return start..<end
    }
}
