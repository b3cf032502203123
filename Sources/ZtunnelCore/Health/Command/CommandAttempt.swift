import Glibc
import HTTPWire
import LinuxSystem
import MeshModel
import MeshRuntime

/// One run of one command: allowed by the host's administrator, as a unit of systemd's, judged by how it ends.
///
/// Confined to the probes' loop. `completion` is called at most once, never before `start` returns; `released` exactly once,
/// when nothing runs any more: a command that nobody waits for keeps its place until its time is over.
final class CommandAttempt: ProbeQuestion {
    /// Bytes of what it printed that the answer shows.
    static let outputLimit = 256
    /// Characters of the command that the answer shows.
    static let nameLimit = 256
    /// How long systemd may take to start the unit, and to end it, besides the command's own time.
    static let margin: Duration = .seconds(5)

    private let loop: EventLoop
    private let target: ProbeTarget
    private let command: [String]
    private let settings: CommandSettings
    private let unitName: String
    private var completion: ((ProbeAnswer) -> Void)?
    private var released: (() -> Void)?
    private var process: BackgroundProcess?
    private var output: DescriptorWatch?
    private var end: DescriptorWatch?
    private var timer: TimerID?
    private var printed: [UInt8] = []
    private var begun: MonotonicTime

    /// `unitName` is nobody else's on this host.
    init(
        loop: EventLoop, target: ProbeTarget, command: [String], settings: CommandSettings, unitName: String,
        completion: @escaping (ProbeAnswer) -> Void, released: @escaping () -> Void
    ) {
        self.loop = loop
        self.target = target
        self.command = command
        self.settings = settings
        self.unitName = unitName
        self.completion = completion
        self.released = released
        begun = loop.now
    }

    private var seconds: UInt32 { min(target.probe.timeoutSeconds, ReadinessProbe.commandTimeLimit) }

    private var name: String {
        let text = CommandGrant.list(command)
        return "the command " + (text.count > Self.nameLimit ? String(text.prefix(Self.nameLimit)) + "..." : text)
    }

    func start() {
        do throws(CommandRefusal) {
            try run(try unit())
        } catch {
            loop.schedule(after: .zero) { [self] in finish(.bad(error.description)) }
        }
    }

    func cancel() {
        completion = nil
    }

    private func unit() throws(CommandRefusal) -> CommandUnit {
        let (grant, program) = try CommandGrants(reading: settings.folder)
            .decide(command, group: target.group, look: TrustedPath.Facts.ofFile)
        var user = grant.user
        if case .user(let owner) = target.place {
            guard user == nil || user == owner else {
                throw CommandRefusal(
                    "\(settings.folder) lets \(user ?? "") run \(CommandGrant.list(command)), but the workload is what \(owner) "
                        + "runs: remove the line `user:`")
            }
            user = owner
        }
        return CommandUnit(
            name: unitName, workload: target.uid, place: target.place,
            namespacePath: target.namespace?.path ?? "/proc/\(getpid())/ns/net", user: user, program: program,
            arguments: Array(command.dropFirst()), seconds: seconds, hidden: settings.hidden)
    }

    private func run(_ unit: CommandUnit) throws(CommandRefusal) {
        begun = loop.now
        do throws(Errno) {
            let process = try BackgroundProcess(unit.words)
            self.process = process
            guard let output = process.takeOutput(), let end = process.takeEnd() else { throw .badDescriptor }
            // The loop holds the closures and they this object, until the process has ended.
            self.output = try DescriptorWatch(loop: loop, output) { [self] _ in read() }
            self.end = try DescriptorWatch(loop: loop, end) { [self] _ in ended() }
        } catch .noSuchFile {
            throw CommandRefusal("there is no systemd-run: commands run as units, on hosts whose init is systemd")
        } catch {
            throw CommandRefusal("\(name) cannot be started: \(error)")
        }
        timer = loop.schedule(after: .seconds(Int64(seconds)) + Self.margin) { [self] in
            timer = nil
            process?.kill()
        }
    }

    private func read() {
        guard let raw = output?.raw else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(raw, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else {
                output?.close()
                output = nil
                return
            }
            printed += buffer[..<min(count, Self.outputLimit + 1 - printed.count)]
        }
    }

    private func ended() {
        guard let status = process?.collect() else { return }
        read()
        finish(answer(status))
    }

    private func answer(_ status: CInt) -> ProbeAnswer {
        if status == 0 { return .good("\(name) ended with 0") }
        let limit = Duration.seconds(Int64(seconds))
        if loop.now >= begun + limit { return .bad("\(name) did not end within \(limit)") }
        let said = Self.line(printed)
        return .bad("\(name) ended with \(status)" + (said.isEmpty ? "" : ": \(said)"))
    }

    /// What it printed on one line, without what would change a terminal.
    private static func line(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(outputLimit), as: UTF8.self).unicodeScalars
            .map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? " " : String($0) }.joined()
        let words = text.split(separator: " ").joined(separator: " ")
        return bytes.count > outputLimit ? words + "..." : words
    }

    private func finish(_ answer: ProbeAnswer) {
        if let timer { loop.cancel(timer) }
        timer = nil
        output?.close()
        output = nil
        end?.close()
        end = nil
        process = nil
        let completion = completion
        self.completion = nil
        completion?(answer)
        let released = released
        self.released = nil
        released?()
    }
}
