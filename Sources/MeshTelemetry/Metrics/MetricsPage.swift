/// Renders the sum of all shards as a metrics page. Pure: the caller gathers the snapshots.
package enum MetricsPage {
    /// The page of `snapshots`, which must all have been made with the same groups. Series are sorted, so that two pages
    /// of the same values are equal.
    package static func render(_ snapshots: [MetricSnapshot], format: MetricsFormat) -> String {
        var page = ""
        let groups = snapshots.first?.groups ?? []
        for (place, group) in groups.enumerated() {
            let rows = sum(snapshots, group: place)
            guard !rows.isEmpty else { continue }
            for (family, declared) in group.families.enumerated() {
                render(declared, at: group.offsets[family], rows, group.labelNames, format, into: &page)
            }
        }
        if format == .openMetrics { page += "# EOF\n" }
        return page
    }

    private static func sum(_ snapshots: [MetricSnapshot], group: Int) -> [(labels: [String], slots: [UInt64])] {
        var rows: [[String]: [UInt64]] = [:]
        for snapshot in snapshots {
            let families = snapshot.groups[group]
            for series in snapshot.series where series.group == group {
                guard var held = rows[series.labels] else {
                    rows[series.labels] = series.slots
                    continue
                }
                add(series.slots, to: &held, families)
                rows[series.labels] = held
            }
        }
        return rows.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    }

    /// Adds slot by slot; the last slot of a histogram is the bit pattern of a floating-point sum.
    private static func add(_ slots: [UInt64], to held: inout [UInt64], _ group: MetricGroup) {
        for (family, declared) in group.families.enumerated() {
            let first = group.offsets[family]
            for slot in first..<first + declared.kind.slotCount { held[slot] &+= slots[slot] }
            if case .histogram = declared.kind {
                let sum = first + declared.kind.slotCount - 1
                let before = Double(bitPattern: held[sum] &- slots[sum])
                held[sum] = (before + Double(bitPattern: slots[sum])).bitPattern
            }
        }
    }

    private static func render(
        _ family: MetricFamily, at offset: Int, _ rows: [(labels: [String], slots: [UInt64])], _ names: [String],
        _ format: MetricsFormat, into page: inout String
    ) {
        let sample = family.kind == .counter ? family.name + "_total" : family.name
        let declared = format == .prometheus ? sample : family.name
        page += "# HELP \(declared) \(escapeHelp(family.help))\n# TYPE \(declared) \(family.kind.typeName)\n"
        for (values, slots) in rows {
            let labels = zip(names, values).map { "\($0)=\"\(escapeLabel($1))\"" }.joined(separator: ",")
            let suffix = labels.isEmpty ? "" : "{\(labels)}"
            switch family.kind {
            case .counter: page += "\(sample)\(suffix) \(slots[offset])\n"
            case .gauge: page += "\(sample)\(suffix) \(Int64(bitPattern: slots[offset]))\n"
            case .histogram(let bounds):
                let head = labels.isEmpty ? "" : labels + ","
                var cumulated: UInt64 = 0
                for (bucket, bound) in (bounds + [.infinity]).enumerated() {
                    cumulated &+= slots[offset + bucket]
                    page += "\(sample)_bucket{\(head)le=\"\(number(bound))\"} \(cumulated)\n"
                }
                page += "\(sample)_sum\(suffix) \(number(Double(bitPattern: slots[offset + bounds.count + 1])))\n"
                page += "\(sample)_count\(suffix) \(cumulated)\n"
            }
        }
    }

    /// A float as the formats write it: `+Inf`, else the shortest decimal.
    private static func number(_ value: Double) -> String {
        value == .infinity ? "+Inf" : "\(value)"
    }

    private static func escapeLabel(_ text: String) -> String {
        escape(text, quote: true)
    }

    private static func escapeHelp(_ text: String) -> String {
        escape(text, quote: false)
    }

    private static func escape(_ text: String, quote: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5c || $0 == 0x0a || (quote && $0 == 0x22) }) else { return text }
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quote: out += "\\\""
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
