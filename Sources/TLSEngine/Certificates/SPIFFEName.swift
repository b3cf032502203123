/// The form of a workload identity: exactly `spiffe://<trust domain>/ns/<namespace>/sa/<service account>` (Z 2.1).
package enum SPIFFEName {
    /// The trust domain of `uri`, or nil if it has another form.
    package static func trustDomain(of uri: String) -> String? {
        let parts = uri.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "spiffe:", parts[1].isEmpty, parts[3] == "ns", parts[5] == "sa",
            !parts[2].isEmpty, !parts[4].isEmpty, !parts[6].isEmpty
        else { return nil }
        return String(parts[2])
    }
}
