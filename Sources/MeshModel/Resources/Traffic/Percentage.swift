/// A share of requests, in millionths: the granularity that Istio's percentages have (I 2.9).
package struct Percentage: Sendable, Hashable {
    /// 0...1,000,000; a million is every request.
    package let millionths: UInt32

    /// Every request.
    package static let all = Percentage(millionths: 1_000_000)
    /// No request.
    package static let none = Percentage(millionths: 0)

    private init(millionths: UInt32) {
        self.millionths = millionths
    }

    /// A share of `percent` of a hundred, rounded to millionths; nil where it is not from 0 to 100, or so small that it would
    /// round to nothing without being zero.
    package init?(percent: Double) {
        guard percent >= 0, percent <= 100 else { return nil }
        let rounded = UInt32((percent * 10_000).rounded())
        guard rounded > 0 || percent == 0 else { return nil }
        millionths = rounded
    }
}
