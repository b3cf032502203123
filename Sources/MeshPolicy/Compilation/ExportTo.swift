import MeshModel

/// `exportTo` as the two visibilities that the wire has (I 5.1).
struct ExportTo {
    /// Who may see the service; nil: nobody.
    let visibility: ServiceVisibility?
    /// What of it cannot be expressed.
    let warning: String?

    /// `names` as written: namespaces, `.` (the own one), `*` (all), `~` (none). An empty list is all.
    init(_ names: [String], namespace: String) {
        let others = names.filter { $0 != "." && $0 != namespace && $0 != "~" && $0 != "*" }
        if names.isEmpty || names.contains("*") {
            visibility = .everyone
            warning = nil
        } else if !others.isEmpty {
            visibility = .everyone
            warning =
                "exportTo can be all namespaces (*), the own one (.) or none (~); with \(others.joined(separator: ", ")) "
                + "in the list the service is visible to all"
        } else if names.allSatisfy({ $0 == "~" }) {
            visibility = nil
            warning = nil
        } else {
            visibility = .namespace
            warning = nil
        }
    }
}

extension StringProtocol {
    /// Without spaces at both ends.
    var trimmingSpaces: String {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
