internal import COpenSSL

/// What OpenSSL calls during a handshake. In each the `SSL` carries its `TLSSession` as application data: the session owns the
/// `SSL` and is alive whenever OpenSSL runs.
enum TLSCallbacks {
    /// Replaces OpenSSL's verification: the chain first, then the names.
    static let verify: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { store, _ in
        guard let store = unsafe store, let session = unsafe session(of: copenssl_ssl_of_store(store)) else { return 0 }
        return unsafe session.verify(store) ? 1 : 0
    }

    /// Takes whatever certificate the peer has. Only where configuration says `insecureSkipVerify`.
    static let takeAny: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { _, _ in 1 }

    /// Server: picks `h2` and nothing else; no overlap ends the handshake with no_application_protocol.
    static let selectProtocol:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, chosen, chosenLength, offered, offeredLength, _ in
            guard let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            let length = Int(offeredLength)
            var position = 0
            while position < length {
                // Sound: OpenSSL hands `offeredLength` readable bytes; both indices are checked against it.
                let size = unsafe Int(offered[position])
                guard position + 1 + size <= length else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                if size == 2, unsafe offered[position + 1] == 0x68, unsafe offered[position + 2] == 0x32 {
                    unsafe chosen?.pointee = offered + position + 1
                    unsafe chosenLength?.pointee = 2
                    return SSL_TLSEXT_ERR_OK
                }
                position += 1 + size
            }
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }

    /// Server outside the mesh: picks the first of the context's protocols that the client offers; without one the connection goes on
    /// without a protocol.
    static let selectAmongProtocols:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { ssl, chosen, chosenLength, offered, offeredLength, _ in
            guard let offered = unsafe offered, let session = unsafe session(of: ssl) else {
                return SSL_TLSEXT_ERR_NOACK
            }
            // Sound: OpenSSL hands `offeredLength` readable bytes that outlive the choice.
            let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
            guard let range = unsafe session.chooseProtocol(list) else { return SSL_TLSEXT_ERR_NOACK }
            unsafe chosen?.pointee = offered + range.lowerBound
            unsafe chosenLength?.pointee = UInt8(truncatingIfNeeded: range.count)
            return SSL_TLSEXT_ERR_OK
        }

    /// Server with a chooser: finds the certificate by the server name before anything else is decided.
    static let clientHello:
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 = {
            ssl, alert, _ in
            guard let session = unsafe session(of: ssl) else { return SSL_CLIENT_HELLO_ERROR }
            switch session.chooseContext() {
            case .chosen: return SSL_CLIENT_HELLO_SUCCESS
            case .waiting: return SSL_CLIENT_HELLO_RETRY
            case .refused:
                unsafe alert?.pointee = SSL_AD_UNRECOGNIZED_NAME
                return SSL_CLIENT_HELLO_ERROR
            }
        }

    private static func session(of ssl: OpaquePointer?) -> TLSSession? {
        guard let ssl = unsafe ssl, let raw = unsafe copenssl_app_data(ssl) else { return nil }
        return unsafe Unmanaged<TLSSession>.fromOpaque(raw).takeUnretainedValue()
    }
}
