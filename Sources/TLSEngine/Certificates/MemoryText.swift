internal import COpenSSL

/// Text that OpenSSL writes into memory.
enum MemoryText {
    /// What `write` put into the BIO that it is given; nil if it did not return 1, or memory ran out.
    static func written(_ write: (OpaquePointer?) -> Int32) -> String? {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
        defer { unsafe BIO_free(bio) }
        guard unsafe write(bio) == 1 else { return nil }
        var start: UnsafePointer<CChar>?
        let count = unsafe copenssl_memory_contents(bio, &start)
        // Sound: the bytes belong to the BIO, which is freed after they were copied.
        return unsafe start.map { start in
            unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }
}
