import CRE2
import Glibc
import MeshModel

/// One compiled expression; owns RE2's object and frees it.
///
/// Sendable though it holds a pointer: the object is immutable after it is made, and RE2 promises that matching is safe from
/// any number of threads (re2.h: "An RE2 object ... is safe for concurrent use").
@safe final class RE2Pattern: Pattern, @unchecked Sendable {
    private let handle: OpaquePointer
    /// Instructions of the compiled program.
    let programSize: Int

    /// Compiles `expression`. Throws RE2's own words where its syntax is wrong.
    init(_ expression: String, memory: Int64) throws(PatternError) {
        let text = Array(expression.utf8)
        var reason = ReasonText()
        // Sound: pointers are used during the calls only, with the lengths of what they point to.
        let compiled = unsafe text.withUnsafeBufferPointer { text in
            unsafe reason.fill { unsafe ambit_re2_compile(text.baseAddress, text.count, memory, $0, $1) }
        }
        guard let compiled = unsafe compiled else { throw PatternError(reason: reason.text) }
        unsafe handle = compiled
        unsafe programSize = Int(ambit_re2_program_size(compiled))
    }

    deinit {
        unsafe ambit_re2_free(handle)
    }

    func matches(_ text: Span<UInt8>) -> Bool {
        unsafe text.withUnsafeBufferPointer { unsafe ambit_re2_full_match(handle, $0.baseAddress, $0.count) }
    }

    func replacement(_ text: String) throws(PatternError) -> PatternReplacement {
        let bytes = Array(text.utf8)
        var reason = ReasonText()
        let isUsable = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe reason.fill {
                unsafe ambit_re2_check_replacement(handle, bytes.baseAddress, bytes.count, $0, $1)
            }
        }
        guard isUsable else { throw PatternError(reason: reason.text) }
        return PatternReplacement(checked: text)
    }

    func replacingMatches(in text: Span<UInt8>, with replacement: PatternReplacement) -> [UInt8] {
        let replacement = Array(replacement.text.utf8)
        return unsafe text.withUnsafeBufferPointer { text in
            var length = 0
            let replaced = unsafe replacement.withUnsafeBufferPointer {
                unsafe ambit_re2_replace(handle, text.baseAddress, text.count, $0.baseAddress, $0.count, &length)
            }
            guard let replaced = unsafe replaced else { return unsafe Array(text) }
            // Sound: the library gave `length` bytes of a block that is ours to free.
            defer { unsafe free(replaced) }
            return unsafe Array(UnsafeBufferPointer(start: replaced, count: length))
        }
    }
}
