/// A stored document that its typed form cannot be read from. Validation comes before storage, so this says that a
/// document went round it; the resource is then left out of the mesh, which never widens what is allowed.
package struct SpecError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where it is.
    package let path: FieldPath
    /// What is wrong.
    package let problem: String

    package var description: String { "\(path): \(problem)" }
}

extension JSONValue {
    /// A port number at `path`.
    func port(_ path: FieldPath) throws(SpecError) -> UInt16 {
        guard let number = asInt, let port = UInt16(exactly: number), port > 0 else {
            throw SpecError(path: path, problem: "\(compactText) is no port from 1 to 65535")
        }
        return port
    }

    /// A map of names to port numbers at `path`.
    func portMap(_ path: FieldPath) throws(SpecError) -> [String: UInt16] {
        var ports: [String: UInt16] = [:]
        for (name, value) in asObject?.list ?? [] { ports[name] = try value.port(path.appending(key: name)) }
        return ports
    }
}
