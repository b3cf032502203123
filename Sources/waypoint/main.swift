import Glibc
import WaypointCore

exit(WaypointProgram.main(arguments: CommandLine.arguments))
