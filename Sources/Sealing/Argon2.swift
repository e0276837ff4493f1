// Argon2id (RFC 9106) by libargon2, the only file that calls it.

internal import CArgon2
internal import Glibc
internal import SecretMemory
internal import VaultModel

/// The slow hash that makes each guess of a passphrase cost memory and time.
@safe
enum Argon2 {
    static let hashCount = 32

    /// Most memory in KiB that a slot may ask for: half of this machine's.
    static var memoryCeiling: UInt64 {
        let bytes =
            UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES))))
            * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
        return bytes / 1_024 / 2
    }

    /// Argon2id version 0x13. The work memory is wiped before it is freed; it is too large to be
    /// locked. Fails with `.noMemory`.
    static func hash(
        _ passphrase: Span<UInt8>, salt: [UInt8], _ parameters: KDFParameters
    ) throws(VaultError) -> SecretBytes {
        var code = run(passphrase, salt, parameters, threads: parameters.lanes)
        if code.status == ARGON2_THREAD_FAIL.rawValue {
            code = run(passphrase, salt, parameters, threads: 1)
        }
        switch code.status {
        case ARGON2_OK.rawValue: return code.hash
        case ARGON2_MEMORY_ALLOCATION_ERROR.rawValue:
            throw .noMemory(mebibytes: parameters.memory / 1_024)
        default: preconditionFailure("sealing: Argon2 refused parameters that were checked")
        }
    }

    private struct Outcome: ~Copyable {
        let status: Int32
        let hash: SecretBytes
    }

    private static func run(
        _ passphrase: Span<UInt8>, _ salt: [UInt8], _ parameters: KDFParameters, threads: UInt32
    ) -> Outcome {
        var hash = SecretBytes(zeros: hashCount)
        var output = hash.mutableBytes
        var salt = salt
        let status = unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe passphrase.withUnsafeBufferPointer { passphrase in
                unsafe salt.withUnsafeMutableBufferPointer { salt in
                    var context = unsafe argon2_context()
                    unsafe context.out = output.baseAddress
                    unsafe context.outlen = UInt32(output.count)
                    unsafe context.pwd = UnsafeMutablePointer(mutating: passphrase.baseAddress)
                    unsafe context.pwdlen = UInt32(passphrase.count)
                    unsafe context.salt = salt.baseAddress
                    unsafe context.saltlen = UInt32(salt.count)
                    unsafe context.t_cost = parameters.passes
                    unsafe context.m_cost = parameters.memory
                    unsafe context.lanes = parameters.lanes
                    unsafe context.threads = threads
                    unsafe context.version = KeySlot.argonVersion
                    return unsafe argon2_ctx(&context, Argon2_id)
                }
            }
        }
        return Outcome(status: status, hash: hash)
    }
}
