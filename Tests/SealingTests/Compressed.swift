// Bytes that a public vector compressed with zlib.

import Glibc

/// Inflates through the libz of the system, found while the tests run: nothing of ours links it.
enum Compressed {
    private typealias Uncompress =
        @convention(c) (
            UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt>?, UnsafePointer<UInt8>?, UInt
        ) -> Int32

    struct Failure: Error {
        let words: String
    }

    /// The bytes that `deflated` holds, at most `longest`.
    static func inflate(_ deflated: [UInt8], longest: Int) throws -> [UInt8] {
        guard let library = dlopen("libz.so.1", RTLD_NOW),
            let symbol = dlsym(library, "uncompress")
        else { throw Failure(words: "libz.so.1 is not there") }
        let uncompress = unsafeBitCast(symbol, to: Uncompress.self)
        var inflated = [UInt8](repeating: 0, count: longest)
        var count = UInt(longest)
        let status = uncompress(&inflated, &count, deflated, UInt(deflated.count))
        guard status == 0 else { throw Failure(words: "uncompress says \(status)") }
        return Array(inflated.prefix(Int(count)))
    }
}
