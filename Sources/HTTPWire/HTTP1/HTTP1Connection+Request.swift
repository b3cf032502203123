extension HTTP1Connection {
    /// The head of a request is complete: checks it as a whole and reports it.
    mutating func finishRequestHead(events: inout [HTTP1Event]) throws(HTTP1ParseError) {
        try placeHost()
        let framing = try reader.facts.framing()
        try reader.removeNominated(limit: configuration.limits.connectionOptions)
        let version = reader.facts.version
        var next = HTTP1ExchangeState()
        next.isHead = reader.fields.storage.equals(reader.facts.method, "HEAD")
        next.peerIsHTTP10 = version == .http10
        next.keepsAlive = reader.facts.keepsAlive
        if reader.facts.cookies > 1 { reader.fields.joinCookies() }
        if reader.fields.storage.equals(reader.facts.method, "CONNECT") {
            guard framing == nil || framing == .length(0) else { throw .framing }
            next.switching = .connect
        } else if reader.facts.options.contains(.upgrade), reader.facts.upgrades > 0, version == .http11 {
            try readUpgrade(framing, into: &next)
        }
        if reader.facts.acceptsTrailers { reader.fields.append(name: "te", value: "trailers") }
        let content = framing.flatMap { $0 == .length(0) ? nil : $0 }
        let contentReader: HTTP1ContentReader?
        if let content {
            contentReader = try HTTP1ContentReader(content, limits: configuration.limits)
            next.awaitsContinue = reader.facts.expectsContinue
        } else {
            contentReader = nil
        }
        counters.exchanges &+= 1
        if configuration.exchanges > 0, counters.exchanges >= configuration.exchanges { isDraining = true }
        exchange = next
        isExchanging = true
        outputPhase = .head
        // Moved out, so that the caller owns the only reference and may change the block in place.
        var fields = HTTPFieldBlock()
        swap(&fields, &reader.fields)
        inputPhase = contentReader.map(HTTP1InputPhase.content) ?? .held
        events.append(.headers(fields, endStream: contentReader == nil && next.switching == .none))
    }

    /// Host and the target's authority are one (RFC 9112 section 3.2). HTTP/1.0 may have neither.
    private mutating func placeHost() throws(HTTP1ParseError) {
        guard reader.facts.hosts == 1 || reader.facts.version == .http10 else { throw .host }
        guard reader.facts.hosts == 1 else { return }
        if let authority = reader.facts.authority {
            let bytes = reader.fields.storage.span.extracting(authority)
            // The target's authority has been checked; Host in its place has not.
            let isRight =
                reader.facts.isHostInPlace
                ? HTTPAuthority.isValid(bytes) : bytes.equalsIgnoringCase(reader.facts.lateHost.span)
            guard isRight else { throw .host }
            return
        }
        let host = reader.facts.lateHost
        guard HTTPAuthority.isValid(host.span) else { throw .host }
        reader.facts.authority = reader.fields.insert(pseudo: ":authority", host.span, at: reader.facts.pseudoEnd)
    }

    /// A request for another protocol becomes an extended CONNECT (RFC 8441), if it is one that this end knows. Otherwise it stays
    /// what it is without the field.
    private mutating func readUpgrade(
        _ framing: HTTP1ContentFraming?, into exchange: inout HTTP1ExchangeState
    ) throws(HTTP1ParseError) {
        guard reader.fields.storage.equals(reader.facts.method, "GET") else { return }
        var chosen: [UInt8] = []
        let known = configuration.upgrades
        reader.facts.upgrade.span.forEachListElement { element in
            if chosen.isEmpty, known.contains(where: { element.equals(string: $0) }) { chosen.append(span: element) }
        }
        guard !chosen.isEmpty else { return }
        // Content before the switch is where two readers come to disagree on where the new protocol begins.
        guard framing == nil || framing == .length(0), reader.facts.upgrades == 1 else { throw .upgrade }
        if chosen.span.equals("websocket") {
            guard let key = reader.fields.firstRange("sec-websocket-key"), key.count == 24 else { throw .upgrade }
            exchange.webSocketKey.append(span: reader.fields.storage.span.extracting(key))
        }
        exchange.switching = .upgrade(chosen)
        var block = HTTPFieldBlock()
        block.append(pseudo: ":method", value: "CONNECT")
        block.append(pseudo: ":protocol", chosen.span)
        reader.fields.forEach { name, value, sensitive in
            guard !name.equals(":method"), !name.equals("content-length") else { return }
            block.append(name: name, value: value, sensitive: sensitive)
        }
        reader.fields = block
    }
}

extension HTTP1HeadReader {
    /// Takes out the fields that Connection names (RFC 9110 section 7.6.1).
    ///
    /// Some are refused instead: whoever could take them out would change where a message ends, where it goes, or what a proxy
    /// before this one has said of the client.
    mutating func removeNominated(limit: Int) throws(HTTP1ParseError) {
        guard !facts.nominated.isEmpty else { return }
        let names = facts.nominated
        var isForbidden = false
        var count = 0
        names.span.forEachListElement { name in
            count += 1
            if HTTP1FieldKind(name) == .host || HTTP1FieldKind(name) == .contentLength
                || HTTP1FieldKind(name) == .transferEncoding || name.count > 0 && name[0] == 0x3a
                || name.equals("x-forwarded-for") || name.equals("x-forwarded-host")
                || name.equals("x-forwarded-proto") || name.equals("x-forwarded-client-cert")
            {
                isForbidden = true
            }
        }
        guard !isForbidden, count <= limit else { throw .connectionOption }
        fields.removeAll { field, _ in
            var isNamed = false
            names.span.forEachListElement { isNamed = isNamed || $0.equalsIgnoringCase(field) }
            return isNamed
        }
    }
}
