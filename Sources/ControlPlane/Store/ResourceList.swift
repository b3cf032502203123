package import MeshModel

/// Objects, and the revision at which they were all true at once: a watch continues from it without a gap.
package struct ResourceList: Sendable {
    package var resources: [Resource]
    package var revision: Int64
}
