/// Writes one JSON document (RFC 8259) piece by piece, compact or indented; keys keep their order.
///
/// The writer puts the commas; the caller pairs `begin` and `end`. Output is always valid UTF-8.
package struct JSONWriter: Sendable {
    /// The text so far.
    package private(set) var text = ""
    private let indentation: String?
    /// For each open object or array, whether something is in it already.
    private var filled: [Bool] = []
    private var followsKey = false

    /// `pretty` indents by two spaces, as config dumps are read by people.
    package init(pretty: Bool = false) {
        self.indentation = pretty ? "  " : nil
    }

    /// Opens an object.
    package mutating func beginObject() { begin("{") }

    /// Closes the object opened last.
    package mutating func endObject() { end("}") }

    /// Opens an array.
    package mutating func beginArray() { begin("[") }

    /// Closes the array opened last.
    package mutating func endArray() { end("]") }

    /// Writes a key; a value, object or array must follow.
    package mutating func key(_ name: String) {
        separate()
        quote(name)
        text += indentation == nil ? ":" : ": "
        followsKey = true
    }

    /// Writes a string.
    package mutating func value(_ string: String) {
        separate()
        quote(string)
    }

    /// Writes an integer.
    package mutating func value(_ integer: some FixedWidthInteger) {
        separate()
        text += String(integer)
    }

    /// Writes true or false.
    package mutating func value(_ flag: Bool) {
        separate()
        text += flag ? "true" : "false"
    }

    /// Writes a finite floating-point number; what JSON cannot carry (NaN, infinity) becomes null.
    package mutating func value(_ number: Double) {
        separate()
        text += number.isFinite ? "\(number)" : "null"
    }

    /// Writes null.
    package mutating func null() {
        separate()
        text += "null"
    }

    /// Writes a key and a string.
    package mutating func field(_ name: String, _ string: String) {
        key(name)
        value(string)
    }

    /// Writes a key and an integer.
    package mutating func field(_ name: String, _ integer: some FixedWidthInteger) {
        key(name)
        value(integer)
    }

    /// Writes a key and a flag.
    package mutating func field(_ name: String, _ flag: Bool) {
        key(name)
        value(flag)
    }

    /// Writes a key and an array of strings.
    package mutating func field(_ name: String, _ strings: some Sequence<String>) {
        key(name)
        beginArray()
        for string in strings { value(string) }
        endArray()
    }

    private mutating func begin(_ bracket: String) {
        separate()
        text += bracket
        filled.append(false)
    }

    private mutating func end(_ bracket: String) {
        let hadContent = filled.popLast() ?? false
        if hadContent { newLine() }
        text += bracket
    }

    private mutating func separate() {
        if followsKey {
            followsKey = false
            return
        }
        guard let last = filled.indices.last else { return }
        if filled[last] { text += "," }
        filled[last] = true
        newLine()
    }

    private mutating func newLine() {
        guard let indentation else { return }
        text += "\n"
        for _ in filled { text += indentation }
    }

    private mutating func quote(_ string: String) {
        text += "\""
        text.appendJSONEscaped(string)
        text += "\""
    }
}
