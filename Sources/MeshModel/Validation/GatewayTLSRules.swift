/// The rules of what a server does with TLS: where its certificates come from, exactly one way (I 1.3, 3.2).
struct GatewayTLSRules {
    private static let ciphers: Set<String> = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
        "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
    ]

    let tls: GatewaySpec.ServerTLS
    let path: FieldPath
    let findings: Findings

    func check() {
        switch tls.effectiveMode {
        case .simple: checkSources(needsRoots: false)
        case .mutual, .optionalMutual: checkSources(needsRoots: true)
        case .istioMutual:
            forbid("is not allowed with mode ISTIO_MUTUAL, whose certificates are the mesh's")
        case .passthrough, .autoPassthrough:
            for key in writtenSources {
                findings.warn(
                    path.appending(key: key), "has no effect: with \(tls.effectiveMode.rawValue) TLS is not ended here")
            }
        }
        if tls.effectiveMode == .autoPassthrough {
            findings.warn(
                path.appending(key: "mode"),
                "connections are refused: AUTO_PASSTHROUGH carries the TLS of sidecars to sidecars, and an ambient mesh has none; use PASSTHROUGH with a VirtualService"
            )
        }
        checkCRL()
        checkClients()
        checkCiphers()
        if let version = tls.minProtocolVersion, [.tls10, .tls11].contains(version) {
            findings.warn(
                path.appending(key: "minProtocolVersion"), "TLS older than 1.2 is not spoken; 1.2 is the oldest")
        }
        if let least = tls.minProtocolVersion, let most = tls.maxProtocolVersion, least == .tls13,
            [.tls10, .tls11, .tls12].contains(most)
        {
            findings.add(
                path.appending(key: "maxProtocolVersion"), most.rawValue, "is older than minProtocolVersion",
                "swap them")
        }
    }

    /// The fields with certificates that are written.
    private var writtenSources: [String] {
        [
            ("serverCertificate", tls.files.serverCertificate != nil), ("privateKey", tls.files.privateKey != nil),
            ("caCertificates", tls.files.caCertificates != nil), ("credentialName", tls.credentialName != nil),
            ("credentialNames", !tls.credentialNames.isEmpty), ("tlsCertificates", !tls.tlsCertificates.isEmpty),
        ].filter(\.1).map(\.0)
    }

    private func forbid(_ problem: String) {
        for key in writtenSources { findings.add(path.appending(key: key), problem, "remove it", .forbidden) }
    }

    private func checkSources(needsRoots: Bool) {
        let mode = tls.effectiveMode.rawValue
        let hasFiles = tls.files.serverCertificate != nil || tls.files.privateKey != nil
        let sources = [
            hasFiles ? "serverCertificate" : nil, tls.credentialName.map { _ in "credentialName" },
            tls.credentialNames.isEmpty ? nil : "credentialNames",
            tls.tlsCertificates.isEmpty ? nil : "tlsCertificates",
        ].compactMap { $0 }
        if sources.isEmpty {
            findings.add(
                path.appending(key: "credentialName"), "is required with mode \(mode)",
                "give the name of a Secret, or serverCertificate and privateKey", .required)
        } else if sources.count > 1 {
            findings.add(
                path.appending(key: sources[1]), "is written next to \(sources[0])", "keep one source of certificates",
                .forbidden)
        }
        if hasFiles { checkPair(tls.files, at: path) }
        for (index, files) in tls.tlsCertificates.enumerated() {
            checkPair(files, at: path.appending(key: "tlsCertificates").appending(index: index))
        }
        for (key, count) in [
            ("credentialNames", tls.credentialNames.count), ("tlsCertificates", tls.tlsCertificates.count),
        ] where count > GatewaySpec.ServerTLS.mostCertificates {
            findings.warn(
                path.appending(key: key),
                "only the first \(GatewaySpec.ServerTLS.mostCertificates) are used: one a type of key")
        }
        // A Secret may bring its roots itself.
        let hasRoots =
            tls.files.caCertificates != nil || tls.caCertCredentialName != nil || tls.credentialName != nil
            || !tls.credentialNames.isEmpty || tls.tlsCertificates.contains { $0.caCertificates != nil }
        if needsRoots, !hasRoots {
            findings.add(
                path.appending(key: "caCertificates"), "is required with mode \(mode)",
                "give the file of the roots that clients are checked by, or caCertCredentialName", .required)
        }
    }

    private func checkPair(_ files: GatewaySpec.ServerTLS.Files, at place: FieldPath) {
        for (key, value) in [("serverCertificate", files.serverCertificate), ("privateKey", files.privateKey)]
        where value == nil {
            findings.add(place.appending(key: key), "is required", "give both files of the pair", .required)
        }
    }

    private func checkCRL() {
        guard tls.caCrl != nil else { return }
        let place = path.appending(key: "caCrl")
        if tls.effectiveMode == .simple {
            findings.add(
                place, "is for certificates of clients, which SIMPLE does not ask for", "use MUTUAL, or remove it")
        } else if tls.credentialName != nil || !tls.credentialNames.isEmpty {
            findings.add(place, "is written next to credentialName", "use caCertificates, or remove it", .forbidden)
        }
    }

    /// What is asked of clients' certificates besides their chain.
    private func checkClients() {
        for (key, entries, isGood, form) in [
            (
                "verifyCertificateSpki", tls.verifyCertificateSpki, { SHA256Digest(base64: $0) != nil },
                "is no SHA-256 in base64"
            ),
            (
                "verifyCertificateHash", tls.verifyCertificateHash, { SHA256Digest(hexadecimal: $0) != nil },
                "is no SHA-256 in hexadecimal, with or without colons"
            ),
        ] as [(String, [String], (String) -> Bool, String)] {
            for (index, entry) in entries.enumerated() where !isGood(entry) {
                findings.add(path.appending(key: key).appending(index: index), entry, form, "write all 32 bytes of it")
            }
        }
        let skips = tls.insecureSkipVerify == true
        if skips, !tls.asksClients {
            findings.warn(
                path.appending(key: "insecureSkipVerify"),
                "has no effect: \(tls.effectiveMode.rawValue) asks for no certificate of a client")
        }
        for key in tls.clientDemands where key != "caCrl" || skips {
            let place = path.appending(key: key)
            if skips {
                findings.add(place, "is not looked at with insecureSkipVerify", "keep one of the two", .forbidden)
            } else if !tls.asksClients, key != "subjectAltNames" {
                findings.warn(
                    place,
                    "handshakes fail: it is for certificates of clients, which \(tls.effectiveMode.rawValue) does not ask for; use MUTUAL"
                )
            }
        }
    }

    private func checkCiphers() {
        var seen: Set<String> = []
        for (index, cipher) in tls.cipherSuites.enumerated() {
            let place = path.appending(key: "cipherSuites").appending(index: index)
            if !Self.ciphers.contains(cipher) {
                findings.warn(place, "\(cipher) is no cipher of TLS 1.2 that is known here, and is left out")
            } else if !seen.insert(cipher).inserted {
                findings.warn(place, "\(cipher) is there twice")
            }
        }
    }
}
