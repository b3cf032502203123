/// Buffers of one TLS record's plaintext, for small frames that are gathered during a turn. Confined to one worker; at most as many as
/// tunnels were written to in one turn.
@safe
final class RecordPool {
    private var free: [UnsafeMutableRawPointer] = unsafe []

    deinit { trim() }

    func take() -> UnsafeMutableRawPointer? {
        unsafe free.popLast() ?? .allocate(byteCount: RuntimeLimits.recordBytes, alignment: 16)
    }

    func give(_ record: UnsafeMutableRawPointer) {
        if unsafe free.count < RuntimeLimits.retainedChunks {
            unsafe free.append(record)
        } else {
            unsafe record.deallocate()
        }
    }

    func trim() {
        while let record = unsafe free.popLast() { unsafe record.deallocate() }
    }
}
