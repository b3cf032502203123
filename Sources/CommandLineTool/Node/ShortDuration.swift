import ArgumentParser

/// A length of time as people write it: `90s`, `30m`, `1h`, `2d`.
struct ShortDuration: ExpressibleByArgument, Equatable, Sendable {
    let seconds: Int

    init(seconds: Int) {
        self.seconds = seconds
    }

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int32(argument.dropLast()), count > 0 else {
            return nil
        }
        seconds = Int(count) * unit
    }

    var defaultValueDescription: String { seconds.isMultiple(of: 3_600) ? "\(seconds / 3_600)h" : "\(seconds)s" }
}
