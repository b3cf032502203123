/// Registers the service under Istio's name.
extension CertificateService: Istio_V1_Auth_IstioCertificateService.ServiceProtocol {}
