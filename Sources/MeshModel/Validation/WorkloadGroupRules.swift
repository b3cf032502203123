/// The rules of a WorkloadGroup (I 3.2).
enum WorkloadGroupRules {
    static func check(_ reader: ObjectReader) {
        let spec = WorkloadGroupSpec(reader)
        let template = reader.path.appending(key: "template")
        if !spec.template.address.isEmpty {
            reader.findings.add(
                FieldProblem(
                    path: template.appending(key: "address"), value: spec.template.address,
                    problem: "is written in a template, but each workload has its own", remedy: "remove it",
                    reason: .forbidden))
        }
        WorkloadEntryRules.checkRest(spec.template, at: template, reader.findings)
        LabelRules.check(
            spec.labels, at: reader.path.appending(key: "metadata").appending(key: "labels"), reader.findings)
    }
}
