import Glibc
import ZtunnelCore

exit(ZtunnelProgram.main(arguments: CommandLine.arguments))
