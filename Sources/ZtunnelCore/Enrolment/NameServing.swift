/// What enrolment needs of the mesh DNS: begin and end to answer a workload.
package protocol NameServing: Sendable {
    /// Opens the workload's DNS sockets on the calling thread and answers on them, or fails and leaves nothing behind.
    func add(_ workload: LocalWorkload, resolverFiles: [String]) throws(EnrolmentError)
    /// Closes them.
    func remove(_ uid: String)
}
