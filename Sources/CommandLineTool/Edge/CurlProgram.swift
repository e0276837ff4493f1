// The program curl(1), which speaks to issuers (docs/decisions/0029-calls-through-curl.md).
//
// Its configuration stands on its standard input and nowhere else: it holds secrets. What it prints
// is the issuer's reply, which may hold some too.

internal import CLinux
internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// Why nothing was heard of a call.
struct Unheard: Error {
    let complaint: Complaint
    /// Whether it is certain that the issuer has not got it.
    let isUnsent: Bool

    init(_ complaint: Complaint, isUnsent: Bool = false) {
        self.complaint = complaint
        self.isUnsent = isUnsent
    }
}

@safe
struct CurlProgram {
    /// Milliseconds for a connection and for all of a call.
    private static let connecting = 10
    private static let whole = 60
    /// What is given on of our environment: where a proxy and the authorities of certificates are.
    /// Nothing that names a file to write to, a library or a setting of curl's.
    private static let variables = [
        "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
        "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ]

    private let path: String

    /// Finds it, so that what is missing is told before there is anything to send.
    static func find() throws(Complaint) -> CurlProgram {
        do throws(Programs.Missing) {
            let path = try Programs.find("curl")
            guard path.hasPrefix("/") else { throw .notFound }
            return CurlProgram(path: path)
        } catch {
            throw Complaint(
                .failed, "the program curl, which speaks to issuers, is not there",
                hint: "install it: it is in the package `curl`")
        }
    }

    /// Makes the call that `lines` say; what the issuer answers, or why nothing was heard of it.
    func run(_ lines: borrowing SecretBytes) throws(Unheard) -> CallReply {
        let input = try Self.beforeSending { () throws(Complaint) in try Pipe() }
        let output = try Self.beforeSending { () throws(Complaint) in try Pipe() }
        let errors = try Self.beforeSending { () throws(Complaint) in try Pipe() }
        let child = try Self.beforeSending { () throws(Complaint) in
            try start(input, output, errors)
        }
        input.closeReadEnd()
        // It reads all of it before it says anything; if it ends before, its code says why.
        try? OutputSink(descriptor: input.writeEnd).write(Self.settings.span)
        try? OutputSink(descriptor: input.writeEnd).write(lines.bytes)
        input.closeWriteEnd()
        let manner = Listener.Manner(
            patience: Int64(Self.whole + 5) * 1_000, longest: CallReply.longest,
            stopsAtLongest: true)
        return try Self.reply(Listener(to: child, output, errors, manner).hearOut())
    }

    /// What fails here, the issuer has not heard of.
    private static func beforeSending<R: ~Copyable>(
        _ body: () throws(Complaint) -> R
    ) throws(Unheard) -> R {
        do throws(Complaint) { return try body() } catch { throw Unheard(error, isUnsent: true) }
    }

    private func start(
        _ input: borrowing Pipe, _ output: borrowing Pipe, _ errors: borrowing Pipe
    ) throws(Complaint) -> Child {
        let words = ArgumentVector([path, "--disable", "--config", "-"])
        let environment = ArgumentVector(
            Self.variables.compactMap { name in Places.variable(name).map { "\(name)=\($0)" } })
        let descriptors = [input.readEnd, output.writeEnd, errors.writeEnd]
        // A key that is pressed must not end it between what the issuer did and its reply.
        let child = unsafe coffer_start_bound(
            path, words.pointers, environment.pointers, descriptors, 1)
        guard child > 0 else {
            throw Complaint(.failed, "curl cannot be run: \(SystemError.words(errno))")
        }
        return Child(child)
    }

    /// What every call has in common. The status goes to the other pipe, apart from the reply.
    private static let settings: [UInt8] = {
        let lines = """
            silent
            globoff
            path-as-is
            proto = "=https"
            max-redirs = 0
            tlsv1.2
            connect-timeout = \(connecting)
            max-time = \(whole)
            max-filesize = \(CallReply.longest)
            user-agent = "coffer"
            output = "-"
            write-out = "%{stderr}%{response_code} %header{retry-after}"

            """
        return Array(lines.utf8)
    }()

    private static func reply(_ outcome: consuming ChildOutcome) throws(Unheard) -> CallReply {
        let code = outcome.exitCode
        guard outcome.output.count <= CallReply.longest, code != 63 else {
            throw Unheard(Complaint(.failed, "the issuer's reply is longer than 1 MiB"))
        }
        guard code == 0 else { throw Unheard(failure(code), isUnsent: unsent.contains(code)) }
        // The issuer chooses what stands behind the status: it may be no text at all.
        let (number, wait) = statusLine(outcome.messages.text.bytes)
        guard let status = number, (100...999).contains(status) else {
            throw Unheard(
                Complaint(
                    .failed, "curl did not say how the call ended",
                    hint: "coffer needs curl 7.84 or later"))
        }
        return CallReply(status: status, retryAfter: wait, body: outcome.takeOutput())
    }

    private static func statusLine(_ said: Span<UInt8>) -> (status: Int?, wait: String) {
        var end = 0
        while end < said.count, said[end] != UInt8(ascii: " ") { end += 1 }
        let status = String(validUTF8: said.extracting(first: end)).flatMap { Int($0) }
        let rest = said.extracting(droppingFirst: min(end + 1, said.count))
        return (status, String(validUTF8: rest) ?? "")
    }

    /// Codes of curl's that say that no request was sent: no address, no connection, no trust.
    private static let unsent: Set<Int32> = [
        2, 5, 6, 7, 26, 35, 43, 48, 51, 53, 54, 58, 59, 60, 66, 77, 82, 83, 90, 91, 97, 98,
    ]

    /// Why there is no reply, by curl's exit code (curl(1)). Its own words are not shown: they may
    /// repeat what an address holds.
    private static func failure(_ code: Int32) -> Complaint {
        switch code {
        case 5: unheard("its proxy has no address")
        case 6: unheard("its name has no address")
        case 7: unheard("it cannot be reached")
        case 28: unheard("it did not answer in time")
        case 35, 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91, 98:
            unheard("its certificate, or the connection, is not to be trusted")
        case 52, 55, 56: unheard("the connection broke off")
        case 97: unheard("the proxy refused")
        case 2, 26, 43, 48:
            Complaint(
                .failed, "curl does not understand the call",
                hint: "coffer needs curl 7.84 or later")
        case 130: Complaint(.interrupted, "interrupted")
        case 129...: Complaint(.failed, "curl was ended before the issuer answered")
        default: unheard("curl failed with code \(code)")
        }
    }

    private static func unheard(_ why: String) -> Complaint {
        Complaint(.failed, "the issuer was not heard: \(why)")
    }
}
