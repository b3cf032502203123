/// The rules of faults (I 2.9).
enum FaultRules {
    /// gRPC's statuses by name, as an abort may have them.
    static let statuses = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    static func check(_ fault: VirtualServiceSpec.Fault?, at path: FieldPath, _ findings: Findings) {
        guard let fault else { return }
        if fault.delay == nil, fault.abort == nil {
            findings.add(path, "says nothing", "give delay or abort", .required)
        }
        let delay = path.appending(key: "delay")
        if let written = fault.delay, written.percentage == nil {
            findings.warn(delay.appending(key: "percentage"), "is missing, so that no request is delayed")
        }
        guard let written = fault.abort else { return }
        let abort = path.appending(key: "abort")
        if written.hasSeveral {
            findings.add(
                abort.appending(key: "grpcStatus"), "is written next to httpStatus", "keep one of the two", .forbidden)
        }
        switch written.failure {
        case nil: findings.warn(abort, "has neither httpStatus nor grpcStatus, so that nothing is aborted")
        case .http(let status)? where !(200...599).contains(status):
            findings.add(
                abort.appending(key: "httpStatus"), "\(status)", "is no final status", "use one from 200 to 599")
        case .grpc(let name)? where !statuses.contains(name):
            findings.add(
                abort.appending(key: "grpcStatus"), name, "is no status of gRPC",
                "use one of " + statuses.joined(separator: ", "), .notSupported)
        default: break
        }
        if written.failure != nil, written.percentage == nil {
            findings.warn(abort.appending(key: "percentage"), "is missing, so that no request is aborted")
        }
    }
}
