import ArgumentParser

/// `name=value,name=value` on the command line.
struct LabelList: ExpressibleByArgument, Sendable {
    let labels: [(name: String, value: String)]

    init?(argument: String) {
        var labels: [(name: String, value: String)] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "="), equals != part.startIndex else { return nil }
            labels.append((String(part[..<equals]), String(part[part.index(after: equals)...])))
        }
        guard Set(labels.map(\.name)).count == labels.count else { return nil }
        self.labels = labels
    }
}
