/// Where a workload runs; empty parts are unknown.
package struct Locality: Hashable, Sendable, LosslessStringConvertible {
    /// The widest part.
    package let region: String
    /// A part of the region.
    package let zone: String
    /// A part of the zone.
    package let subzone: String

    /// The place of these names.
    package init(region: String = "", zone: String = "", subzone: String = "") {
        self.region = region
        self.zone = zone
        self.subzone = subzone
    }

    /// Parses "region/zone/subzone"; the later parts may be absent. Nil for more than three parts.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 3 else { return nil }
        self.init(
            region: parts.isEmpty ? "" : String(parts[0]), zone: parts.count > 1 ? String(parts[1]) : "",
            subzone: parts.count > 2 ? String(parts[2]) : "")
    }

    /// "region/zone/subzone" without empty trailing parts.
    package var description: String {
        if !subzone.isEmpty { return "\(region)/\(zone)/\(subzone)" }
        return zone.isEmpty ? region : "\(region)/\(zone)"
    }

    /// Whether nothing is known.
    package var isEmpty: Bool { region.isEmpty && zone.isEmpty && subzone.isEmpty }
}
