/// The name of a resource that is gone. A name that is not known is not an error.
package enum MeshRemoval: Sendable, Hashable {
    /// A name of the Address type: the uid of a workload if there is one, else "namespace/hostname" of a service.
    case address(String)
    /// A name of the Authorization type: "namespace/name".
    case policy(String)
}
