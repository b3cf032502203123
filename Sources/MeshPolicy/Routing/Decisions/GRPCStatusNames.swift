/// gRPC's statuses by the names that the API has for them.
package enum GRPCStatusNames {
    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    /// The number of a status; nil where there is none of the name.
    package static func code(_ name: String) -> Int? {
        names.firstIndex(of: name == "CANCELED" ? "CANCELLED" : name)
    }

    /// The gRPC status that an HTTP status stands for where a gRPC client must be told of it (gRPC's
    /// http-grpc-status-mapping.md).
    package static func code(http status: Int) -> Int {
        switch status {
        case 200: 0
        case 400: 13
        case 401: 16
        case 403: 7
        case 404: 12
        case 429, 502, 503, 504: 14
        default: 2
        }
    }
}
