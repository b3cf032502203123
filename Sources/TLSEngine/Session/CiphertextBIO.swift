internal import COpenSSL

/// The BIO over a `CiphertextQueue`: OpenSSL reads what the loop received and writes into the loop's buffer, so that many
/// records leave in one `send` (D1 e).
enum CiphertextBIO {
    // Sound: made once, never changed, never freed; used by all threads read-only.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ambit") else { return nil }
        unsafe BIO_meth_set_read(method, read)
        unsafe BIO_meth_set_write(method, write)
        unsafe BIO_meth_set_ctrl(method, control)
        return unsafe method
    }()

    /// A BIO over `queue`, which must outlive it; nil when out of memory.
    static func make(_ queue: UnsafeMutablePointer<CiphertextQueue>) -> OpaquePointer? {
        guard let method = unsafe method, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, queue)
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    // Sound in all three: the data pointer was set by `make` and the queue outlives the BIO.
    private static let read: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
        bio, buffer, limit in
        unsafe copenssl_clear_retry(bio)
        guard let raw = unsafe BIO_get_data(bio), let buffer = unsafe buffer, limit > 0 else { return -1 }
        let queue = unsafe raw.assumingMemoryBound(to: CiphertextQueue.self)
        let count = unsafe queue.pointee.read(into: buffer, upTo: Int(limit))
        if count == 0 {
            unsafe copenssl_retry_read(bio)
            return -1
        }
        return Int32(truncatingIfNeeded: count)
    }

    private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
        bio, buffer, count in
        unsafe copenssl_clear_retry(bio)
        guard let raw = unsafe BIO_get_data(bio), let buffer = unsafe buffer, count > 0 else { return -1 }
        let queue = unsafe raw.assumingMemoryBound(to: CiphertextQueue.self)
        return unsafe queue.pointee.write(buffer, count: Int(count)) ? count : -1
    }

    private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
        _, command, _, _ in
        command == BIO_CTRL_FLUSH ? 1 : 0
    }
}
