internal import CAres
import LinuxSystem
package import MeshRuntime

/// Asks the host's DNS servers and its hosts file for the addresses of names, by c-ares on an event loop: nothing blocks, and nothing is
/// remembered. The servers are those of resolv.conf, which is read again after servers have not answered. Confined to its loop.
@safe
package final class NameResolver {
    /// Called once, perhaps before `resolve` returns; not after `close`.
    package typealias Completion = (Result<ResolvedName, NameFailure>) -> Void

    /// How long one server has for an answer, and how often each is asked. c-ares doubles the time with each round.
    package static let patience: (milliseconds: Int32, tries: Int32) = (1_500, 2)
    /// Names that are asked for at once.
    package static let questionLimit = 1_024

    private let loop: EventLoop
    private let addressLimit: Int
    private var channel: OpaquePointer?
    private var watches: [CInt: DescriptorWatch] = [:]
    private var timer: TimerID?
    private var questions = 0
    private var isStale = false
    private var isClosed = false
    /// c-ares is at work: its channel must not go away under it.
    private var isInside = false
    private let link = ResolverLink()

    /// A resolver that has asked nothing yet. Of a name with more addresses than `addressLimit` the same ones are used each time.
    package init(loop: EventLoop, addressLimit: Int) {
        self.loop = loop
        self.addressLimit = addressLimit
        link.resolver = self
    }

    deinit {
        if let channel = unsafe channel { unsafe ares_destroy(channel) }
    }

    /// Finds the addresses of `name`.
    package func resolve(_ name: String, completion: @escaping Completion) {
        guard !isClosed else { return }
        guard questions < Self.questionLimit else {
            return completion(.failure(NameFailure(.refused, "\(name): too many names are being looked up")))
        }
        if isStale, questions == 0, !isInside { drop() }
        guard let channel = unsafe channel ?? open() else {
            return completion(.failure(NameFailure(.unreachable, "\(name): resolv.conf cannot be read")))
        }
        questions += 1
        let question = NameQuestion(name, self, completion)
        let wasInside = isInside
        isInside = true
        // Sound: c-ares calls back exactly once for each question, which takes the reference back.
        unsafe cares_ask(channel, name, Self.answered, Unmanaged.passRetained(question).toOpaque())
        isInside = wasInside
        rearm()
    }

    /// Asks no more; questions under way are forgotten.
    package func close() {
        isClosed = true
        // Not in an answer's callback.
        loop.schedule(after: .zero) { [self] in drop() }
    }

    private func open() -> OpaquePointer? {
        var made: OpaquePointer?
        // Sound: the channel is destroyed before the link goes away.
        let status = unsafe cares_open(
            &made, Self.patience.milliseconds, Self.patience.tries, Self.changed,
            Unmanaged.passUnretained(link).toOpaque())
        guard status == ARES_SUCCESS else { return nil }
        unsafe channel = unsafe made
        isStale = false
        return unsafe made
    }

    private func drop() {
        if let timer { loop.cancel(timer) }
        timer = nil
        guard let old = unsafe channel else { return }
        unsafe channel = nil
        unsafe ares_destroy(old)
        for watch in watches.values { watch.close() }
        watches = [:]
    }

    private func rearm() {
        if let timer { loop.cancel(timer) }
        timer = nil
        guard let channel = unsafe channel else { return }
        let wait = unsafe cares_wait(channel)
        guard wait >= 0 else { return }
        timer = loop.schedule(after: .milliseconds(wait)) { [weak self] in
            self?.timer = nil
            self?.goOn(-1, readable: false, writable: false)
        }
    }

    private func goOn(_ socket: CInt, readable: Bool, writable: Bool) {
        guard let channel = unsafe channel else { return }
        isInside = true
        unsafe cares_go_on(channel, socket, readable ? 1 : 0, writable ? 1 : 0)
        isInside = false
        rearm()
    }

    // MARK: from c-ares

    private static let changed: @convention(c) (UnsafeMutableRawPointer?, Int32, Int32, Int32) -> Void = {
        data, socket, readable, writable in
        guard let data = unsafe data else { return }
        let link = unsafe Unmanaged<ResolverLink>.fromOpaque(data).takeUnretainedValue()
        link.resolver?.watch(socket, readable: readable != 0, writable: writable != 0)
    }

    private func watch(_ socket: CInt, readable: Bool, writable: Bool) {
        watches.removeValue(forKey: socket)?.close()
        guard readable || writable else { return }
        var interest: EpollEvents = []
        if readable { interest.insert(.readable) }
        if writable { interest.insert(.writable) }
        // c-ares owns the socket: what is watched is a duplicate. Without one the question runs out of time.
        guard let copy = try? Descriptor(duplicating: socket) else { return }
        watches[socket] = try? DescriptorWatch(loop: loop, copy, interest) { [weak self] events in
            self?.goOn(socket, readable: events.has(.anyInput), writable: events.has(.writable))
        }
    }

    private static let answered:
        @convention(c) (UnsafeMutableRawPointer?, Int32, Int32, UnsafeMutablePointer<ares_addrinfo>?) -> Void = {
            data, status, _, list in
            // Sound: the list is ours until it is freed here; nothing of it is kept.
            defer { unsafe ares_freeaddrinfo(list) }
            guard let data = unsafe data else { return }
            let question = unsafe Unmanaged<NameQuestion>.fromOpaque(data).takeRetainedValue()
            guard let resolver = question.resolver, !resolver.isClosed else { return }
            resolver.questions -= 1
            let answer: Result<ResolvedName, NameFailure>
            if status == ARES_SUCCESS, let list = unsafe list, let found = unsafe resolver.read(list) {
                answer = .success(found)
            } else {
                let reason = resolver.reason(status)
                if reason != .notFound { resolver.isStale = true }
                let text = unsafe ares_strerror(status).map { unsafe String(cString: $0) } ?? "error \(status)"
                answer = .failure(NameFailure(reason, "\(question.name): \(text)"))
            }
            question.completion(answer)
        }

    private func reason(_ status: Int32) -> NameFailure.Reason {
        switch status {
        case ARES_SUCCESS, ARES_ENOTFOUND, ARES_ENODATA, ARES_ENONAME, ARES_EBADNAME: .notFound
        case ARES_ETIMEOUT, ARES_ECONNREFUSED: .unreachable
        default: .refused
        }
    }

    private func read(_ list: UnsafeMutablePointer<ares_addrinfo>) -> ResolvedName? {
        var addresses: [SocketAddress] = []
        var seconds = Int32.max
        var name = unsafe list.pointee.cnames
        while let entry = unsafe name {
            unsafe seconds = min(seconds, entry.pointee.ttl)
            unsafe name = entry.pointee.next
        }
        var node = unsafe list.pointee.nodes
        var seen: Set<SocketAddress> = []
        while let entry = unsafe node {
            unsafe seconds = min(seconds, entry.pointee.ai_ttl)
            if let address = unsafe Self.address(entry.pointee), seen.insert(address).inserted {
                addresses.append(address)
            }
            unsafe node = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { return nil }
        let used = bounded(addresses)
        return ResolvedName(
            addresses: used, dropped: addresses.count - used.count, timeToLive: .seconds(max(seconds, 0)))
    }

    /// The lowest of them, in their order: records change places from answer to answer, and nothing is to change with them.
    private func bounded(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard addresses.count > addressLimit else { return addresses }
        let kept = Set(addresses.sorted { $0.ipBytes.lexicographicallyPrecedes($1.ipBytes) }.prefix(addressLimit))
        return addresses.filter(kept.contains)
    }

    private static func address(_ entry: ares_addrinfo_node) -> SocketAddress? {
        guard let raw = unsafe entry.ai_addr else { return nil }
        let length = unsafe Int(entry.ai_addrlen)
        // Sound: c-ares gives ai_addrlen readable bytes at ai_addr.
        let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: raw, count: length))
        switch unsafe entry.ai_family {
        case AF_INET where length >= 8: return SocketAddress(ipBytes: Array(bytes[4..<8]), port: 0)
        case AF_INET6 where length >= 24: return SocketAddress(ipBytes: Array(bytes[8..<24]), port: 0)
        default: return nil
        }
    }
}
