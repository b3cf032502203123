import LinuxNetfilter
import Synchronization

/// The capture rules of the host's network namespace as this process keeps them: the elements of all its workloads.
///
/// Changed on the namespace thread only. A change that the kernel refuses changes nothing here either.
package final class CapturedHost: Sendable {
    private struct State {
        var workloads: [String: HostCapture.Workload] = [:]
        /// Workloads of which nothing new is captured, and whose connections need the rules still.
        var leaving: Set<String> = []
        var isLoaded = false
        /// Another process serves the workloads still and has their rules in force: changes are only noted.
        var isHeld: Bool
    }

    private let state: Mutex<State>
    private let excludedInterfaces: [String]
    private let host: HostView

    /// Nothing is captured. The marks of `host` tell units that their rules are there. `isHeld`: the kernel is left alone
    /// until `takeOver`.
    package init(excludedInterfaces: [String], host: HostView, isHeld: Bool = false) {
        state = Mutex(State(isHeld: isHeld))
        self.excludedInterfaces = excludedInterfaces
        self.host = host
    }

    /// What is captured of a workload.
    func workload(_ uid: String) -> HostCapture.Workload? { state.withLock { $0.workloads[uid] } }

    /// Ports that workloads other than `uid` serve.
    func ports(without uid: String) -> [UInt16: String] {
        state.withLock { state in
            var owners: [UInt16: String] = [:]
            for (other, workload) in state.workloads where other != uid {
                for port in workload.ports { owners[port] = other }
            }
            return owners
        }
    }

    /// Captures what was enrolled before, all of it in one transaction.
    func restore(_ workloads: [String: HostCapture.Workload]) throws(EnrolmentError) {
        guard !workloads.isEmpty else { return }
        try change { $0.workloads.merge(workloads) { $1 } }
    }

    /// Keeps the rules for workloads that were leaving when ztunnel last ran.
    func keep(for uids: Set<String>) { state.withLock { $0.leaving.formUnion(uids) } }

    /// Captures a workload, or changes how.
    func set(_ uid: String, _ workload: HostCapture.Workload) throws(EnrolmentError) {
        if state.withLock({ $0.isLoaded && $0.workloads[uid] == workload }) { return }
        try change { $0.workloads[uid] = workload }
    }

    /// Captures nothing new of it. Its connections are translated for as long as the rules are there: until `remove`.
    func release(_ uid: String) throws(EnrolmentError) {
        try change { state in
            state.workloads[uid] = nil
            state.leaving.insert(uid)
        }
    }

    /// Captures it no more, and nothing of it is open. The last one takes the rules along.
    func remove(_ uid: String) throws(EnrolmentError) {
        try change { state in
            state.workloads[uid] = nil
            state.leaving.remove(uid)
        }
    }

    /// It was enrolled again: its connections have the rules that it has itself.
    func readmit(_ uid: String) { state.withLock { _ = $0.leaving.remove(uid) } }

    /// From here on this process has the rules in force: loads what was noted, in one transaction in the place of what is there.
    func takeOver() throws(EnrolmentError) {
        let wasHeld = state.withLock { state in
            defer { state.isHeld = false }
            return state.isHeld
        }
        guard wasHeld, state.withLock({ !$0.workloads.isEmpty }) else { return }
        try change { _ in }
    }

    /// Loads the rules again if somebody has removed them; whether that was so.
    func reloadIfMissing() throws(EnrolmentError) -> Bool {
        guard state.withLock({ !($0.workloads.isEmpty && $0.leaving.isEmpty) && !$0.isHeld }) else { return false }
        let isLoaded: Bool
        do throws(NetfilterError) { isLoaded = try HostCapture.isLoaded() } catch { throw Self.refused(error) }
        guard !isLoaded else { return false }
        state.withLock { $0.isLoaded = false }
        try change { _ in }
        return true
    }

    private func change(_ body: (inout State) -> Void) throws(EnrolmentError) {
        let before = state.withLock { $0 }
        var after = before
        body(&after)
        guard !before.isHeld else { return commit(after) }
        let isNeeded = !(after.workloads.isEmpty && after.leaving.isEmpty)
        var text: String?
        do throws(NetfilterError) {
            if isNeeded {
                text = try apply(after.workloads, isLoaded: before.isLoaded)
            } else {
                try HostCapture.remove(host.families)
            }
        } catch {
            throw Self.refused(error)
        }
        after.isLoaded = isNeeded
        commit(after)
        try host.marks.keep(rules: text)
        for uid in after.workloads.keys { try host.marks.set(uid) }
        for uid in before.workloads.keys where after.workloads[uid] == nil { host.marks.clear(uid) }
    }

    private func commit(_ changed: State) { state.withLock { $0 = changed } }

    /// Brings the kernel to `workloads`; returns the text that would load the same from nothing.
    private func apply(
        _ workloads: [String: HostCapture.Workload], isLoaded: Bool
    ) throws(NetfilterError) -> String {
        let present = workloads.sorted { $0.key < $1.key }.map { $0.value }.map { workload in
            // nft finds a control group by its folder: one that has ended would fail the whole transaction.
            var workload = workload
            workload.senders = workload.senders.filter { sender in
                if case .controlGroup(let path) = sender { host.identity(path) != nil } else { true }
            }
            return workload
        }
        let capture = HostCapture(workloads: present, excludedInterfaces: excludedInterfaces)
        if isLoaded {
            do throws(NetfilterError) {
                try capture.replaceElements()
                return try capture.commands()
            } catch  where error.reason.contains("No such file or directory") {
                // Somebody removed the table, or a control group ended this very moment.
            }
        }
        try capture.load(host.families)
        return try capture.commands()
    }

    private static func refused(_ error: NetfilterError) -> EnrolmentError {
        EnrolmentError(
            .failed, "\(error)",
            remedy: "run ztunnel with CAP_NET_ADMIN, on a kernel with nf_tables, nft_socket, nft_fib and conntrack")
    }
}
