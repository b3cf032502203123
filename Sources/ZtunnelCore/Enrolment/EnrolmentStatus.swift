package import MeshModel

/// One enrolment as the control socket shows it.
package struct EnrolmentStatus: Sendable {
    /// What was asked for.
    package let record: EnrolmentRecord
    /// The addresses of the namespace, as found when it was entered.
    package let addresses: [IPAddress]
    /// Why the workload is not served, nil while it is.
    package let problem: String?

    /// A state of an enrolment.
    package init(record: EnrolmentRecord, addresses: [IPAddress], problem: String?) {
        self.record = record
        self.addresses = addresses
        self.problem = problem
    }
}
