/// Reads a Sidecar, which configures a kind of proxy that an ambient mesh has none of (I 1.5). Nothing of it is kept: the
/// fields are read so that a misspelt document is still told.
enum SidecarSpec {
    static func check(_ reader: ObjectReader) {
        let about = "Accepted without effect: there are no sidecars."
        if let selector = reader.object("workloadSelector", about: about) {
            _ = selector.stringMap("labels", about: about)
            selector.finish()
        }
        for listener in reader.objects("ingress", about: about) {
            port(listener, about)
            for key in ["bind", "captureMode", "defaultEndpoint"] { _ = listener.string(key, about: about) }
            listener.accept("tls", "connectionPool", about: about)
            listener.finish()
        }
        for listener in reader.objects("egress", about: about) {
            port(listener, about)
            for key in ["bind", "captureMode"] { _ = listener.string(key, about: about) }
            _ = listener.strings("hosts", about: about)
            listener.finish()
        }
        reader.accept("inboundConnectionPool", about: about)
        if let policy = reader.object("outboundTrafficPolicy", about: about) {
            _ = policy.string("mode", about: about)
            policy.accept("egressProxy", about: about)
            policy.finish()
        }
        reader.finish()
        reader.findings.warn(
            .root, "IST0167: a Sidecar has no effect in an ambient mesh, which has no sidecars; it is stored only")
    }

    private static func port(_ listener: ObjectReader, _ about: String) {
        guard let port = listener.object("port", about: about) else { return }
        _ = port.integer("number", in: 0...65535, about: about)
        for key in ["protocol", "name"] { _ = port.string(key, about: about) }
        port.accept("targetPort", about: about)
        port.finish()
    }
}
