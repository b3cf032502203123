import Testing

@testable import MeshTelemetry

@Suite struct MetricShardTests {
    static let group = MetricGroup(
        labelNames: ["reporter", "app"],
        families: [
            MetricFamily(name: "opened", help: "Connections opened.", kind: .counter),
            MetricFamily(name: "open", help: "Connections open.", kind: .gauge),
            MetricFamily(name: "seconds", help: "How long.", kind: .histogram(bounds: [0.5, 2])),
        ])

    @Test func countsPerLabelSet() {
        let shard = MetricShard(groups: [Self.group])
        let a = shard.row(group: 0, labels: ["source", "a"], now: 0)
        let b = shard.row(group: 0, labels: ["source", "b"], now: 0)
        shard.add(a, family: 0)
        shard.add(a, family: 0, 4)
        shard.add(b, family: 0)
        #expect(shard.row(group: 0, labels: ["source", "a"], now: 1) == a)
        #expect(shard.snapshot().value(group: 0, family: 0, labels: ["source", "a"]) == 5)
        #expect(shard.snapshot().value(group: 0, family: 0, labels: ["source", "b"]) == 1)
    }

    @Test func gaugesRiseAndFall() {
        let shard = MetricShard(groups: [Self.group])
        let row = shard.row(group: 0, labels: ["source", "a"], now: 0)
        shard.add(row, family: 1, 2)
        shard.subtract(row, family: 1, 3)
        #expect(shard.snapshot().value(group: 0, family: 1, labels: ["source", "a"]) == -1)
        shard.set(row, family: 1, 7)
        #expect(shard.snapshot().value(group: 0, family: 1, labels: ["source", "a"]) == 7)
    }

    @Test("one call counts as single ones do, in all families that are there")
    func countsTogether() {
        let group = MetricGroup(
            labelNames: ["app"],
            families: [
                MetricFamily(name: "requests", help: "", kind: .counter),
                MetricFamily(name: "seconds", help: "", kind: .histogram(bounds: [0.5, 2])),
                MetricFamily(name: "bytes", help: "", kind: .histogram(bounds: [1, 10, 100])),
            ])
        let (single, together) = (MetricShard(groups: [group]), MetricShard(groups: [group]))
        let row = single.row(group: 0, labels: ["a"], now: 0)
        let same = together.row(group: 0, labels: ["a"], now: 0)
        for (seconds, bytes) in [(0.5, 0.0), (0.6, 10.0), (2.0, 11.0), (99.0, 1000.0)] {
            single.add(row, family: 0)
            single.observe(row, family: 1, seconds)
            single.observe(row, family: 2, bytes)
            // The group ends before the third observation.
            together.count(same, observing: [seconds, bytes, 7])
        }
        #expect(
            MetricsPage.render([single.snapshot()], format: .prometheus)
                == MetricsPage.render([together.snapshot()], format: .prometheus))
        #expect(together.snapshot().value(group: 0, family: 0, labels: ["a"]) == 4)
    }

    @Test func pageOfPrometheus() {
        let shards = [MetricShard(groups: [Self.group]), MetricShard(groups: [Self.group])]
        for (index, shard) in shards.enumerated() {
            let row = shard.row(group: 0, labels: ["source", "a\"\\\n"], now: 0)
            shard.add(row, family: 0, UInt64(index + 1))
            shard.observe(row, family: 2, 0.25)
            shard.observe(row, family: 2, Double(index) * 2)
        }
        let page = MetricsPage.render(shards.map { $0.snapshot() }, format: .prometheus)
        #expect(
            page == """
                # HELP opened_total Connections opened.
                # TYPE opened_total counter
                opened_total{reporter="source",app="a\\"\\\\\\n"} 3
                # HELP open Connections open.
                # TYPE open gauge
                open{reporter="source",app="a\\"\\\\\\n"} 0
                # HELP seconds How long.
                # TYPE seconds histogram
                seconds_bucket{reporter="source",app="a\\"\\\\\\n",le="0.5"} 3
                seconds_bucket{reporter="source",app="a\\"\\\\\\n",le="2.0"} 4
                seconds_bucket{reporter="source",app="a\\"\\\\\\n",le="+Inf"} 4
                seconds_sum{reporter="source",app="a\\"\\\\\\n"} 2.5
                seconds_count{reporter="source",app="a\\"\\\\\\n"} 4

                """)
    }

    @Test func pageOfOpenMetricsNamesFamiliesAndEnds() {
        let shard = MetricShard(groups: [MetricGroup(families: [MetricFamily(name: "up", help: "Up.", kind: .counter)])]
        )
        shard.add(shard.row(group: 0, labels: [], now: 0), family: 0)
        let page = MetricsPage.render([shard.snapshot()], format: .openMetrics)
        #expect(page == "# HELP up Up.\n# TYPE up counter\nup_total 1\n# EOF\n")
    }

    @Test func formatFollowsAccept() {
        #expect(MetricsFormat(accept: nil) == .prometheus)
        #expect(MetricsFormat(accept: "text/plain") == .prometheus)
        #expect(MetricsFormat(accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5") == .openMetrics)
    }

    @Test func inventedLabelsOverflowIntoOneRow() {
        let shard = MetricShard(groups: [Self.group], limits: MetricLimits(maximumRows: 2))
        for name in 0..<10 { shard.add(shard.row(group: 0, labels: ["source", "\(name)"], now: 0), family: 0) }
        #expect(shard.rowCount == 3)
        #expect(shard.overflowedRows == 8)
        #expect(shard.snapshot().value(group: 0, family: 0, labels: ["overflow", "overflow"]) == 8)
    }

    @Test func idleRowsAreForgottenAndHeldOnesAreNot() {
        let shard = MetricShard(groups: [Self.group], limits: MetricLimits(idleSeconds: 10))
        let held = shard.row(group: 0, labels: ["source", "held"], now: 0)
        let idle = shard.row(group: 0, labels: ["source", "idle"], now: 0)
        shard.add(idle, family: 0, 9)
        shard.release(idle, now: 5)
        #expect(shard.forgetIdle(now: 14) == 0)
        #expect(shard.forgetIdle(now: 15) == 1)
        #expect(shard.snapshot().value(group: 0, family: 0, labels: ["source", "idle"]) == nil)
        shard.add(held, family: 0)
        // The freed slots start again from zero.
        let fresh = shard.row(group: 0, labels: ["source", "fresh"], now: 16)
        #expect(shard.snapshot().value(group: 0, family: 0, labels: ["source", "fresh"]) == 0)
        #expect(shard.snapshot().value(group: 0, family: 0, labels: ["source", "held"]) == 1)
        #expect(fresh != held)
    }
}
