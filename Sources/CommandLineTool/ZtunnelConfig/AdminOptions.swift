import ArgumentParser
import Foundation
import MeshModel

/// Where a ztunnel's dump comes from, and how it is printed.
struct AdminOptions: ParsableArguments {
    /// ztunnel's admin pages, as long as ADMIN_ADDR does not move them.
    static let defaultAddress = "127.0.0.1:\(Ports.admin)"

    @Option(name: .customLong("admin-address"), help: "HOST:PORT of ztunnel's admin pages.")
    var address: String = AdminOptions.defaultAddress

    @Option(
        name: [.customShort("f"), .long], help: "Read a saved config dump instead of asking ztunnel.",
        completion: .file(extensions: ["json"]))
    var file: String?

    @Option(name: .shortAndLong, help: "table, short, json or yaml.")
    var output: OutputFormat = .table

    func validate() throws {
        try output.require(oneOf: [.table, .short, .json, .yaml])
    }

    /// Reads the dump from the file or from ztunnel.
    func dump() async throws -> ConfigDump {
        let bytes: [UInt8]
        let source: String
        if let file {
            source = file
            do {
                bytes =
                    file == "-"
                    ? try Terminal.current.readInput() : [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            } catch {
                throw FileFailure.failure(
                    reading: file, error: error,
                    whenMissing: "save one: curl -s http://\(address)/config_dump > \(file)", status: .data)
            }
        } else {
            source = "http://\(address)/config_dump"
            bytes = try await LocalClient.admin(address: address).send(.fetch, "/config_dump").body
        }
        guard let value = try? JSONValue(reading: bytes), case .object = value else {
            throw CommandFailure(
                "\(source): not a ztunnel config dump", next: "check that \(address) is ztunnel's admin address",
                status: .data)
        }
        return ConfigDump(value)
    }

    /// Prints a part of the dump: as it is for programs, or as the table that `table` makes of it.
    func print(_ value: JSONValue, table: () -> Table) {
        Terminal.current.write(output.text(value) ?? table().text())
    }
}
