import LinuxSystem
package import MeshRuntime

extension ConnectionFailure {
    /// Why a TCP connect failed, in the words of the access log.
    package static func connect(_ failure: ConnectFailure) -> ConnectionFailure { .connectFailed(failure.description) }

    /// Why a tunnel did not come about, in the words of the access log.
    package static func tunnel(_ failure: TunnelFailure) -> ConnectionFailure {
        switch failure.stage {
        case .timeout: .tunnelTimeout
        case .connect where failure.system == .connectionRefused || failure.system == .connectionReset:
            .peerAbsent(failure.message)
        case .connect, .local: .connectFailed(failure.message)
        case .handshake: .tls(failure.message, isBroken: failure.tls == nil)
        }
    }
}

extension RelayReport {
    /// What went wrong, if this node is to blame; ends and resets by either side are no failures (Z 2.6).
    package var failure: ConnectionFailure? {
        switch outcome {
        case .closed, .resetByFirst, .resetBySecond, .terminated: nil
        case .failed(let reason): .relay(reason)
        }
    }
}
