/// The release that all programs of this package belong to.
package enum Release {
    /// Its version, as `version` commands and metrics show it.
    package static let version = "0.1.0"
}
