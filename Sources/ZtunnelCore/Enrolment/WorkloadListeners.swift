import NodeCore

/// Serves one workload without capturing its traffic: the listeners of its connections and its DNS, both or none.
///
/// Runs on the namespace thread, never on a worker.
struct WorkloadListeners: Sendable {
    let dataPath: any WorkloadServing
    let names: (any NameServing)?

    /// Opens them where the workload is; its programs' resolvers are in the first of `resolverFiles` that is there.
    func open(_ workload: LocalWorkload, resolverFiles: [String]) throws(EnrolmentError) {
        do throws(DataPlaneError) {
            try dataPath.add(workload)
        } catch {
            throw EnrolmentError(
                .failed, "the listeners of \(workload.namespace)/\(workload.name) cannot be opened: \(error)",
                remedy: workload.place.host != nil
                    ? "free its ports on this host, or give it other ones with --port"
                    : "free the ports 15001, 15006 and 15008 in its network namespace")
        }
        do throws(EnrolmentError) {
            try names?.add(workload, resolverFiles: resolverFiles)
        } catch {
            dataPath.remove(workload.uid, mode: .immediate) {}
            throw error
        }
    }

    /// Closes them at once.
    func close(_ uid: String) {
        names?.remove(uid)
        dataPath.remove(uid, mode: .immediate) {}
    }
}
