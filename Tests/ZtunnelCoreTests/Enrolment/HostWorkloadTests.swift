import Glibc
import LinuxNetfilter
import LinuxSystem
import MeshModel
import Testing

@testable import ZtunnelCore

/// What enrolment decides about workloads that share the host's addresses, without a host.
@Suite struct HostWorkloadTests {
    @Test func aUnitIsPutIntoASliceOfItsOwn() throws {
        let files = try #require(
            UnitFiles(
                unit: UnitTarget("front-end"), uid: "shop/front-end.v1",
                marks: CaptureMarks(folder: "/run/ambit-capture")))
        // One level below ambit.slice, whatever hyphens the names have.
        #expect(files.group.description == "ambit.slice/ambit-shop:front_end.v1.slice" && files.group.level == 2)
        #expect(files.dropInPath == "front-end.service.d/50-ambit.conf")
        #expect(files.slicePath == "ambit-shop:front_end.v1.slice")
        #expect(
            files.dropInText == """
                # Written by ztunnel (Ambit): front-end.service is enrolled in the mesh as shop/front-end.v1.
                # `ambitctl unenroll` removes it.
                [Unit]
                # At boot the capture rules come first. Without them the unit does not start: its traffic would go out in the clear.
                Wants=ambit-capture.service ambit-endpoint@front-end.service.service
                After=ambit-capture.service
                AssertPathExists=/run/ambit-capture/ambit-shop:front_end.v1

                [Service]
                # Its restarts do not change this control group, which the capture rules know it by.
                Slice=ambit-shop:front_end.v1.slice

                """)
        #expect(files.sliceText.contains("RefuseManualStop=yes"))
        let long = String(repeating: "a", count: 250)
        #expect(try UnitFiles(unit: UnitTarget("a"), uid: "b/\(long)", marks: CaptureMarks(folder: "/x")) == nil)
    }

    @Test func portsAreGivenInPairsAndNeverTwice() {
        #expect(HostPorts.choose(taken: []) { _ in true } == 16001)
        #expect(HostPorts.choose(taken: [16001]) { $0 != 16004 } == 16005)
        #expect(HostPorts.choose(taken: []) { _ in false } == nil)
        let all = Set(stride(from: UInt16(16001), to: 16639, by: 2))
        #expect(all.count == HostPorts.workloadLimit && HostPorts.choose(taken: all) { _ in true } == nil)
        #expect(all.allSatisfy(HostPorts.isValid) && !HostPorts.isValid(16002) && !HostPorts.isValid(16639))
    }

    @Test func listenersAreSortedByOwnerAndReach() {
        func socket(_ port: UInt16, _ address: [UInt8], _ group: UInt64, mark: UInt32 = 0) -> ListeningSocket {
            ListeningSocket(port: port, address: address, user: 0, inode: 1, controlGroup: group, mark: mark)
        }
        let any6 = [UInt8](repeating: 0, count: 16)
        let loopback6 = any6.dropLast() + [1]
        let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1] as [UInt8]
        let sockets = [
            socket(8080, any6, 7), socket(8080, [127, 0, 0, 1], 7), socket(5432, [127, 0, 0, 1], 7),
            socket(5432, Array(loopback6), 7), socket(6000, mapped, 7), socket(22, [0, 0, 0, 0], 8),
            socket(9000, any6, 7, mark: 0x539), socket(15008, any6, 7), socket(16001, any6, 7),
        ]
        let found = ListeningPorts.of(sockets) { $0.controlGroup == 7 }
        #expect(
            found == [
                .init(port: 5432, isLoopback: true), .init(port: 6000, isLoopback: true),
                .init(port: 8080, isLoopback: false),
            ])
    }

    @Test func addressesAreThoseThatADefaultRouteLeavesBy() {
        let list = [
            InterfaceAddress(bytes: [192, 0, 2, 7], interface: 2, isGlobal: true),
            InterfaceAddress(bytes: [172, 17, 0, 1], interface: 3, isGlobal: true),
            InterfaceAddress(bytes: [127, 0, 0, 1], interface: 1, isGlobal: false),
            InterfaceAddress(bytes: [10, 9, 9, 9], interface: 1, isGlobal: true),
        ]
        #expect(HostAddresses.choose(list, defaultInterfaces: [2]).map(\.description) == ["192.0.2.7"])
        #expect(HostAddresses.choose(list, defaultInterfaces: []).map(\.description) == ["192.0.2.7", "172.17.0.1"])
    }

    /// What podman 4.3 and docker 20.10 print, and how they end.
    private static let recorded: [[String]: ChildProcess.Outcome] = [
        ["podman", "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", "web"]:
            .init(status: 0, output: "4242\n", isLate: false),
        ["podman", "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", "stopped"]:
            .init(status: 0, output: "0\n", isLate: false),
        ["docker", "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", "db"]:
            .init(status: 0, output: "5151\n", isLate: false),
        ["docker", "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", "both"]:
            .init(status: 0, output: "61\n", isLate: false),
        ["podman", "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", "both"]:
            .init(status: 0, output: "62\n", isLate: false),
        ["docker", "inspect", "--type", "container", "--format", "{{.State.Pid}}", "--", "slow"]:
            .init(status: 137, output: "", isLate: true),
    ]

    private var view: HostView {
        var view = HostView()
        view.machineFolder = "/nowhere"
        view.run = { arguments throws(Errno) in
            Self.recorded[arguments]
                ?? .init(status: 125, output: "Error: no such container\n", isLate: false)
        }
        return view
    }

    @Test func containersAreFoundByTheirFirstProcess() throws {
        let leader = ContainerLeader(view)
        #expect(try leader.find(ContainerTarget("web")) == 4242)
        #expect(try leader.find(ContainerTarget("docker:db")) == 5151)
        #expect(try leader.find(ContainerTarget("podman:both")) == 62)
        for (name, code, text) in [
            ("stopped", EnrolmentError.Code.unknown, "no container stopped runs"), ("none", .unknown, "no container"),
            ("both", .conflict, "several containers are called both"), ("podman:db", .unknown, "no container"),
            ("docker:slow", .failed, "docker did not say within"),
        ] {
            let error = #expect(throws: EnrolmentError.self) { try leader.find(ContainerTarget(name)) }
            #expect(error?.code == code && error?.problem.contains(text) == true, "\(error?.description ?? "")")
        }
        var without = view
        without.run = { _ throws(Errno) in nil }
        let error = #expect(throws: EnrolmentError.self) {
            try ContainerLeader(without).find(ContainerTarget("docker:web"))
        }
        #expect(error?.problem == "there is no program docker on this host")
    }

    @Test func machinesOfSystemdAreFoundByTheirFile() {
        let file = """
            # This is private data. Do not parse.
            NAME=web
            CLASS=container
            LEADER=911
            NETIF=
            """
        #expect(ContainerLeader.leader(file) == 911)
        #expect(ContainerLeader.leader("LEADER=1\n") == nil && ContainerLeader.leader("LEADER=x\n") == nil)
    }

    @Test func programsAreRunToTheirEndOrTheirTime() throws {
        let said = try ChildProcess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], limit: .seconds(5))
        #expect(said == .init(status: 3, output: "out\nerr\n", isLate: false))
        #expect(try ChildProcess.run(["sleep", "60"], limit: .milliseconds(50)).isLate)
        // It has closed its output and goes on.
        #expect(try ChildProcess.run(["sh", "-c", "exec >&- 2>&-; sleep 60"], limit: .milliseconds(50)).isLate)
        #expect(throws: Errno.noSuchFile) { try ChildProcess.run(["ztc-no-such-program"], limit: .seconds(1)) }
        let much = try ChildProcess.run(["sh", "-c", "head -c 1000000 /dev/zero"], limit: .seconds(5))
        #expect(much.output.utf8.count == ChildProcess.outputLimit && much.status == 0)
    }

    @Test func aProcessIsTakenForNoOther() throws {
        let host = HostView()
        let me = try ProcessTarget("\(getpid())")
        let nobody = try ProcessTarget("4194304")
        let own = try #require(host.incarnation(me))
        #expect(own.contains("@") && host.incarnation(me) == own && host.incarnation(nobody) == nil)
    }
}
