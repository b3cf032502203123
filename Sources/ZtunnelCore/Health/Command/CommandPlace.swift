/// Where the command of a probe runs, so that what it sends and receives is the workload's own: captured as the workload is,
/// and not otherwise.
package enum CommandPlace: Hashable, Sendable {
    /// In the workload's network namespace.
    case namespace
    /// In the slice that the workload's processes are in.
    case slice(String)
    /// As the user whose processes are the workload.
    case user(String)
    /// As a process of the host that is no workload.
    case host

    /// The place of an enrolment; `hasNamespace`: the workload was found in a network namespace of its own.
    package init(_ record: EnrolmentRecord, hasNamespace: Bool) {
        switch record.target {
        case .networkNamespace: self = .namespace
        case _ where hasNamespace: self = .namespace
        case .unit: self = .slice(UnitFiles.slice(record.uid))
        case .slice(let slice): self = .slice(slice.name)
        case .user(let user): self = .user(user.text)
        // A control group that somebody else looks after takes in no processes of others.
        case .container, .process: self = .host
        }
    }
}
