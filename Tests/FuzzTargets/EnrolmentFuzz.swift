import LinuxNetfilter
import ZtunnelCore

/// Fuzz entry of what administrators write about workloads: any bytes, no trap.
package enum EnrolmentFuzz {
    /// A file of enroll.d; what is accepted must survive being stored and read again, and the rules must be able to name it.
    package static func file(_ bytes: UnsafeRawBufferPointer) {
        guard let records = try? EnrolmentDocuments.read(Array(bytes), file: "fuzz.yaml") else { return }
        for record in records {
            guard let stored = try? record.json(), let again = try? EnrolmentRecord(stored: stored) else {
                preconditionFailure("an accepted enrolment must be stored and read")
            }
            precondition(again == record, "the same enrolment again")
            if case .slice(let slice) = record.target {
                precondition(slice.path.level <= ControlGroupPath.levelLimit, "the rules look at \(slice.path)")
            }
        }
    }
}
