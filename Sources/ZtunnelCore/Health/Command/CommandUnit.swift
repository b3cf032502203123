/// The transient unit of systemd that one command runs in: systemd-run's words, and with them all that the command may do. Pure.
///
/// It is systemd's child, not ours: of ztunnel it has no capability, no descriptor but the pipe, no mount and no environment.
package struct CommandUnit: Equatable, Sendable {
    /// The slice of commands that run in no workload's.
    package static let slice = "ambit-probe.slice"
    /// Processes and threads of one command.
    package static let taskLimit = 64
    /// Bytes of memory of one command.
    package static let memoryLimit = 256 << 20

    /// The unit's name without its suffix.
    package let name: String
    /// The workload, `namespace/name`.
    package let workload: String
    package let place: CommandPlace
    /// The file of the workload's network namespace, for `CommandPlace.namespace`.
    package let namespacePath: String
    /// Who runs it; nil: a user that systemd makes for it.
    package let user: String?
    /// Where the program is.
    package let program: String
    package let arguments: [String]
    /// After that systemd kills all of its processes.
    package let seconds: UInt32
    /// Directories that it does not see: those of ztunnel.
    package let hidden: [String]

    /// One run of a command.
    package init(
        name: String, workload: String, place: CommandPlace, namespacePath: String, user: String?, program: String,
        arguments: [String], seconds: UInt32, hidden: [String]
    ) {
        self.name = name
        self.workload = workload
        self.place = place
        self.namespacePath = namespacePath
        self.user = user
        self.program = program
        self.arguments = arguments
        self.seconds = seconds
        self.hidden = hidden
    }

    /// The command line. Its exit status is that of the command; or 1, if systemd ended it or could not start it.
    package var words: [String] {
        [
            "systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--service-type=exec", "--unit=\(name)",
            "--description=Ambit probe of \(workload)",
        ]
            + properties.map { "--property=\($0)" } + ["--"]
            // systemd takes a program that a signal like SIGTERM has ended for one that ended well; the shell says 128 and more.
            + (["/bin/sh", "-c", "\"$@\"; exit $?", "sh", program] + arguments).map(Self.literal)
    }

    private var properties: [String] {
        [
            user.map { "User=\($0)" } ?? "DynamicUser=yes",
            "RuntimeMaxSec=\(seconds)", "KillSignal=SIGKILL", "TimeoutStopSec=2",
            "CapabilityBoundingSet=", "NoNewPrivileges=yes", "UMask=0077",
            "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
            "ProtectKernelTunables=yes", "ProtectControlGroups=yes", "RestrictNamespaces=yes", "RestrictSUIDSGID=yes",
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
            "TasksMax=\(Self.taskLimit)", "MemoryMax=\(Self.memoryLimit)", "LimitCORE=0", "OOMScoreAdjust=500",
            // Each run would be two lines of the journal, and ztunnel says what becomes of it.
            "LogLevelMax=err",
        ] + hidden.map { "InaccessiblePaths=-\($0)" } + whereabouts
    }

    private var whereabouts: [String] {
        switch place {
        case .namespace: ["Slice=\(Self.slice)", "NetworkNamespacePath=\(namespacePath)"]
        case .slice(let slice): ["Slice=\(slice)"]
        case .user, .host: ["Slice=\(Self.slice)"]
        }
    }

    /// systemd replaces `$NAME` in arguments by variables; `$$` is a `$`.
    private static func literal(_ word: String) -> String {
        word.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
    }
}
