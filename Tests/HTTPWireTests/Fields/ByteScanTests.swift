import Testing

@testable import HTTPWire

/// Words at a time must say what bytes one by one say: at each length, with each byte at each place.
@Suite struct ByteScanTests {
    /// Texts of 0 to 20 plain characters, each as it is and with each byte at each of its places.
    private func everyText(_ body: ([UInt8]) -> Void) {
        for length in 0...20 {
            let plain = (0..<length).map { UInt8(0x61 + $0) }
            body(plain)
            for place in 0..<length {
                for byte in UInt8.min ... .max {
                    var text = plain
                    text[place] = byte
                    body(text)
                }
            }
        }
    }

    private func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    @Test("tokens, field text and targets")
    func classes() {
        var wrong: [[UInt8]] = []
        everyText { text in
            let prefix = text.firstIndex { !isToken($0) } ?? text.count
            let isRight =
                ByteScan.tokenPrefix(text.span) == prefix
                && ByteScan.isToken(text.span) == (!text.isEmpty && prefix == text.count)
                && ByteScan.isFieldText(text.span) == text.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
                && ByteScan.isVisible(text.span) == text.allSatisfy { $0 > 0x20 && $0 < 0x7f }
                && ByteScan.lineFeed(text.span, from: 0) == text.firstIndex(of: 0x0a)
            if !isRight { wrong.append(text) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    @Test("the plain prefix of a host has nothing else in it, and is no shorter than whole words")
    func plainPrefix() {
        var wrong: [[UInt8]] = []
        everyText { text in
            let isPlain = { (byte: UInt8) in isToken(byte) && !"!#$%&'*+^_`|~".utf8.contains(byte) }
            let prefix = text.firstIndex { !isPlain($0) } ?? text.count
            if ByteScan.plainPrefix(text.span) != prefix / 8 * 8 { wrong.append(text) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    @Test("names in lower case, values and records as they are")
    func records() {
        var wrong: [[UInt8]] = []
        everyText { text in
            var block = HTTPFieldBlock()
            block.append(lowercasing: text.span, value: text.span)
            block.append(name: text.span, value: text.span)
            var found: [[UInt8]] = []
            block.forEach { name, value, _ in found += [Array(copying: name), Array(copying: value)] }
            if found != [text.map(asciiLowercased), text, text, text] { wrong.append(text) }
            block.removeLast(name: text.count, value: text.count)
            if block.count != 1 || block.listSize != 2 * text.count + 32 { wrong.append(text) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    @Test("the same bytes, and others")
    func equality() {
        var wrong: [[UInt8]] = []
        everyText { text in
            let plain = (0..<text.count).map { UInt8(0x61 + $0) }
            if text.span.isEqual(to: plain.span) != (text == plain) { wrong.append(text) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
        for (text, name) in [
            ("content-length", true), ("content-lengtg", false), ("bontent-length", false), ("content-", false),
        ] {
            #expect(Array(text.utf8).span.equals("content-length") == name)
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate init(copying span: Span<UInt8>) {
        self = []
        for index in span.indices { append(span[index]) }
    }
}
