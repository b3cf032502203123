/// Names of fields that routing reads itself, as bytes.
package enum FieldName {
    package static let method = Array(":method".utf8)
    package static let scheme = Array(":scheme".utf8)
    package static let authority = Array(":authority".utf8)
    package static let path = Array(":path".utf8)
    package static let cookie = Array("cookie".utf8)
    package static let origin = Array("origin".utf8)
    package static let requestMethod = Array("access-control-request-method".utf8)
    package static let requestHeaders = Array("access-control-request-headers".utf8)
    package static let grpcTimeout = Array("grpc-timeout".utf8)

    /// A field's name as conditions and changes write it, in the form that requests have: lower case, `Host` as
    /// `:authority`.
    static func canonical(_ name: String) -> [UInt8] {
        let bytes = name.utf8.map { $0.asciiLowercased }
        return bytes.elementsEqual("host".utf8) ? authority : bytes
    }
}
