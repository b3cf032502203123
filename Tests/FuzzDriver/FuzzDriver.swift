// libFuzzer's entry: gives each input to the parser that AMBIT_FUZZ_TARGET names. Built by `make fuzz` only, with the
// sanitizer's own main; the same targets replay their corpus in the ordinary tests.
import FuzzTargets
import Glibc

private let target: @Sendable (UnsafeRawBufferPointer) -> Void = {
    let name = getenv("AMBIT_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let found = FuzzTarget.all[name] else {
        print("AMBIT_FUZZ_TARGET=\(name) is no fuzz target; there are \(FuzzTarget.all.keys.sorted())")
        exit(64)
    }
    return found
}()

/// What libFuzzer calls with each input. Not kept beyond the call; 0 is the only answer that libFuzzer knows.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}
