import Glibc
import HTTPWire
import MeshAPI
import MeshModel
import NodeCore
import SwiftProtobuf
import Testing
import ZtunnelCore

/// Verdicts and drains of a node's workloads, and how long they last.
@Suite struct WorkloadHealthTableTests {
    private final class Given {
        let folder: String
        let log: TestLog
        var now = MonotonicTime(nanoseconds: 0)
        var changes = 0

        init() throws {
            log = try TestLog()
            var template = Array("/tmp/ambit-health-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit {
            unlink("\(folder)/drained")
            rmdir(folder)
        }

        func table() throws -> WorkloadHealthTable {
            let table = WorkloadHealthTable(
                drainedFile: DrainedWorkloads(directory: try StateDirectory(folder)), now: { [unowned self] in now },
                log: NodeLog(log.logger, "health"))
            table.onChange = { [unowned self] in changes += 1 }
            return table
        }
    }

    private static func status(_ name: String, note: String? = nil) throws -> EnrolmentStatus {
        let record = try EnrolmentRecord(
            .with {
                $0.kind = "netns"
                $0.target = name
                $0.name = name
                $0.namespace = "shop"
                $0.serviceAccount = name
                $0.group = "group"
            })
        return EnrolmentStatus(record: record, addresses: [IPAddress(ipv4: 10, 0, 0, 1)], problem: nil, note: note)
    }

    @Test func anAdministratorsDrainOutlivesStopStartAndRestart() throws {
        let given = try Given()
        let table = try given.table()
        table.drain("shop/web", .drained)
        table.drain("shop/web", .drained)
        table.drain("shop/web", .stopping)
        #expect(given.changes == 1 && table.counters.drained == 1)
        table.undrain("shop/web", .stopping)
        #expect(table.state("shop/web").drain == .drained && given.changes == 1)
        #expect(try given.table().state("shop/web").problem?.contains("ambitctl undrain") == true)
        table.undrain("shop/web", .drained)
        #expect(table.state("shop/web").problem == nil && given.changes == 2)
        #expect(try given.table().state("shop/web").drain == nil)
    }

    @Test func aStopIsForgottenByItsStartARestartOrInTime() throws {
        let given = try Given()
        let table = try given.table()
        table.drain("shop/web", .stopping)
        #expect(table.state("shop/web").drain == .stopping && given.changes == 1)
        #expect(try given.table().state("shop/web").drain == nil)
        table.undrain("shop/web", .stopping)
        #expect(table.state("shop/web").drain == nil && given.changes == 2)
        table.drain("shop/web", .stopping)
        let end = given.now + WorkloadHealthTable.stoppingLimit
        given.now = MonotonicTime(nanoseconds: end.nanoseconds - 1)
        #expect(table.state("shop/web").drain == .stopping)
        given.now = end
        #expect(table.state("shop/web").drain == nil)
    }

    @Test func whoIsGoneIsForgotten() throws {
        let given = try Given()
        let table = try given.table()
        table.update([try Self.status("web"), try Self.status("api")])
        table.drain("shop/web", .drained)
        table.drain("shop/api", .stopping)
        table.update([try Self.status("other")])
        #expect(table.counters == WorkloadHealthTable.Counters())
        #expect(try given.table().state("shop/web").drain == nil)
    }

    @Test func aVerdictCountsOnlyForTheProbeThatHolds() throws {
        let given = try Given()
        let table = try given.table()
        var asked: [String: ProbeTarget] = [:]
        table.ask = { asked = $0 }
        let probe = Ambit_Node_V1_Probe.with {
            $0.version = "2"
            $0.tcpSocket = .with { $0.port = 80 }
        }
        table.take(["shop/web": probe])
        table.update([try Self.status("web")])
        #expect(asked["shop/web"]?.version == "2" && table.state("shop/web").reportedVersion.isEmpty)
        table.take(("shop/web", "1", .unhealthy, .bad("old")))
        #expect(table.state("shop/web").problem == nil && given.changes == 0)
        table.take(("shop/web", "2", .unhealthy, .bad("refused")))
        #expect(table.state("shop/web").problem == "its probe fails: refused" && given.changes == 1)
        #expect(table.state("shop/web").reportedVersion == "2" && table.counters.unhealthy == 1)
        table.take(("shop/web", "2", .unhealthy, .bad("closed")))
        #expect(table.state("shop/web").problem == "its probe fails: closed" && given.changes == 1)
        #expect(table.counters.transitions == 1)
        var none: [String: Ambit_Node_V1_Probe?] = [:]
        none.updateValue(nil, forKey: "shop/web")
        table.take(none)
        table.update([try Self.status("web")])
        #expect(asked.isEmpty && table.state("shop/web").problem == nil)
    }

    /// The command would be in the slice of a unit that does not run, which would then seem to.
    @Test func aCommandOfAWorkloadThatDoesNotRunIsNotRun() throws {
        let given = try Given()
        let table = try given.table()
        var asked: [String: ProbeTarget] = [:]
        table.ask = { asked = $0 }
        table.take([
            "shop/web": Ambit_Node_V1_Probe.with {
                $0.version = "1"
                $0.exec = .with { $0.command = ["/bin/true"] }
            }
        ])
        table.update([try Self.status("web", note: "it does not run")])
        #expect(asked.isEmpty)
        table.update([try Self.status("web")])
        #expect(asked["shop/web"]?.group == "shop/group" && asked["shop/web"]?.place == .namespace)
    }
}
