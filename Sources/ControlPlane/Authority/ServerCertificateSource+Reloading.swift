import NIOCertificateReloading

/// The form in which grpc-swift's transport asks for a certificate at each handshake.
extension ServerCertificateSource: CertificateReloader {}
