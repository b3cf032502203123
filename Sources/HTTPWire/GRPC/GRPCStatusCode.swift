/// The status codes of gRPC; numbers without a name are carried unchanged.
package struct GRPCStatusCode: Hashable, Sendable, CustomStringConvertible {
    /// The number in `grpc-status`.
    package var rawValue: Int

    /// Any number.
    package init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Success.
    package static let ok = Self(0)
    /// The caller gave up.
    package static let cancelled = Self(1)
    /// Nothing better is known.
    package static let unknown = Self(2)
    /// The request is wrong whatever the state.
    package static let invalidArgument = Self(3)
    /// Too late.
    package static let deadlineExceeded = Self(4)
    /// It is not there.
    package static let notFound = Self(5)
    /// It is there already.
    package static let alreadyExists = Self(6)
    /// This caller may not.
    package static let permissionDenied = Self(7)
    /// A quota or a size limit.
    package static let resourceExhausted = Self(8)
    /// Not in this state.
    package static let failedPrecondition = Self(9)
    /// A conflict; try the whole again.
    package static let aborted = Self(10)
    /// Past the valid range.
    package static let outOfRange = Self(11)
    /// The method does not exist.
    package static let unimplemented = Self(12)
    /// An invariant is broken.
    package static let internalError = Self(13)
    /// Try again later.
    package static let unavailable = Self(14)
    /// Data is lost.
    package static let dataLoss = Self(15)
    /// The caller has no valid credentials.
    package static let unauthenticated = Self(16)

    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    /// The name in gRPC's documents, or the number.
    package var description: String {
        rawValue >= 0 && rawValue < Self.names.count ? Self.names[rawValue] : "code \(rawValue)"
    }
}
