// The entries that libFuzzer calls: `DECODER=slot fuzz CORPUS…`.

import Glibc

nonisolated(unsafe) private var decoder = Decoder.slot

@_cdecl("LLVMFuzzerInitialize")
func begin(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    guard let name = getenv("DECODER"), let chosen = Decoder(rawValue: String(cString: name)) else {
        print("DECODER is one of \(Decoder.allCases.map(\.rawValue).joined(separator: " "))")
        exit(2)
    }
    decoder = chosen
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
func take(_ start: UnsafePointer<UInt8>?, _ length: Int) -> CInt {
    decoder.take(Array(UnsafeBufferPointer(start: start, count: length)))
    return 0
}
