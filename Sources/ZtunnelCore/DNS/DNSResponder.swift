package import MeshModel

/// Answers questions about names of the mesh (Z 1.2). Pure; any thread.
package enum DNSResponder {
    /// The longest message on a connection.
    static let longestMessage = 0xffff

    /// Decides one message of `client`: A and AAAA of names that the mesh knows are answered, everything else is passed
    /// on. `random` shuffles the addresses.
    package static func respond(
        to message: [UInt8], transport: DNSTransport, client: Workload, snapshot: MeshSnapshot,
        settings: DNSSettings, random: inout some RandomNumberGenerator
    ) -> DNSReaction {
        let query: DNSQuery
        do {
            query = try DNSQuery(message)
        } catch {
            switch error {
            case .ignore:
                return .ignore
            case .refuse(let code):
                guard let reply = failure(of: message, code) else { return .ignore }
                return .reply(reply, question: nil, service: nil, addresses: [])
            case .unknownEDNSVersion(let query):
                let reply = DNSAnswer(to: query, limit: longestMessage)
                    .finish(.noError, isLocal: false, unknownVersion: true)
                return .reply(reply, question: query, service: nil, addresses: [])
            }
        }
        guard query.recordClass == DNSQuery.internetClass, query.type == .a || query.type == .aaaa,
            let labels = query.hostLabels,
            let match = DNSNameSearch(snapshot: snapshot, client: client, settings: settings).find(labels)
        else { return .forward(query) }

        let addresses = addresses(
            of: match.service, isIPv4: query.type == .a, client: client, snapshot: snapshot, settings: settings
        ).shuffled(using: &random)
        var answer = DNSAnswer(to: query, limit: transport == .udp ? query.datagramSize : longestMessage)
        if !addresses.isEmpty, let count = match.strippedCount { answer.appendAlias(labelCount: count) }
        for address in addresses { answer.append(address) }
        return .reply(
            answer.finish(.noError, isLocal: true), question: query, service: match.service, addresses: addresses)
    }

    /// An error response to `message` with its question, if it can be read; nil where nothing should be sent.
    package static func failure(of message: [UInt8], _ code: DNSResponseCode) -> [UInt8]? {
        do {
            return DNSAnswer(to: try DNSQuery(message), limit: longestMessage).finish(code, isLocal: false)
        } catch {
            switch error {
            case .unknownEDNSVersion(let query):
                return DNSAnswer(to: query, limit: longestMessage).finish(code, isLocal: false)
            case .ignore:
                return nil
            case .refuse:
                // The header alone: who cannot be understood gets its number back.
                guard message.count >= 12 else { return nil }
                return [
                    message[0], message[1], 0x80 | message[2] & 0x79, 0x80 | code.rawValue, 0, 0, 0, 0, 0, 0, 0, 0,
                ]
            }
        }
    }

    /// The resolvers' `reply`, or where it does not fit a datagram for the client that sent `message`, an empty one that
    /// tells the client to ask again over a connection.
    package static func fit(_ reply: [UInt8], to message: [UInt8]) -> [UInt8] {
        guard let query = try? DNSQuery(message) else { return reply }
        if reply.count <= query.datagramSize { return reply }
        var answer = DNSAnswer(to: query, limit: query.datagramSize)
        answer.truncate()
        let code = reply.count > 3 ? DNSResponseCode(rawValue: reply[3] & 0x0f) : nil
        return answer.finish(code ?? .serverFailure, isLocal: false)
    }

    /// The addresses of one family: the virtual ones on the client's network, or without any, one of each endpoint.
    private static func addresses(
        of service: Service, isIPv4: Bool, client: Workload, snapshot: MeshSnapshot, settings: DNSSettings
    ) -> [IPAddress] {
        guard service.ipFamilies.accepts(isIPv4: isIPv4), isIPv4 || settings.isIPv6Enabled else { return [] }
        if !service.addresses.isEmpty {
            var seen: Set<IPAddress> = []
            return service.addresses.compactMap { address in
                address.network == client.network && address.ip.isIPv4 == isIPv4 && seen.insert(address.ip).inserted
                    ? address.ip : nil
            }
        }
        var seen: Set<IPAddress> = []
        return snapshot.endpoints(of: service.key).compactMap { endpoint in
            let workload = endpoint.workload
            guard service.accepts(workload), workload.network == client.network,
                let ip = workload.addresses.first(where: { $0.isIPv4 == isIPv4 }), seen.insert(ip).inserted
            else { return nil }
            return ip
        }
    }
}
