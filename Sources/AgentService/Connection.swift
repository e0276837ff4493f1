// One connection of the agent: frames that come in, answers that go out, how long they may take.

internal import AgentProtocol
internal import Glibc
internal import SecretMemory
internal import VaultModel

/// A peer of our own user, and what is between us.
final class Connection {
    /// What became of an attempt to read or write.
    enum Progress: Hashable {
        case waiting, frame, over
    }

    let descriptor: Int32
    let asker: Asker
    /// What it said of itself, once it has greeted.
    private(set) var greeting: Greeting?
    /// When something last came or went, in milliseconds.
    private(set) var moved: Int64
    private var input = SecretBytes(capacity: 1_024)
    /// The answer to the greeting, until it is sent in front of the next one.
    private var welcome = SecretBytes()
    private var output = SecretBytes()
    private var isHeld = false
    private var written = 0
    /// When the frame that is coming, or the answer that is going, must be through.
    private(set) var deadline: Int64?
    /// It is closed when its last answer is out.
    private var isLast = false

    init(_ descriptor: Int32, _ peer: consuming Peer, at now: Int64) {
        self.descriptor = descriptor
        asker = Asker(peer)
        moved = now
        // Whoever connects has something to say.
        deadline = now + Frame.patience
    }

    deinit { close(descriptor) }

    var isWriting: Bool { isHeld && written < welcome.count + output.count }

    /// Takes the greeting; its answer waits for that to the first question, or for a `send`.
    func greet(_ greeting: Greeting, answering answer: consuming SecretBytes) {
        self.greeting = greeting
        asker.saying = greeting.saying
        welcome = answer
    }

    /// Whether it is entered in the log that this peer reads it.
    var readsLog = false

    /// Reads what is there, at most to the end of one frame.
    func read(at now: Int64) -> Progress {
        while true {
            guard let wanted = missing else { return .over }
            guard wanted > 0 else {
                deadline = nil
                return .frame
            }
            let before = input.count
            input.append(zeros: wanted)
            let count = SocketBytes.receive(descriptor, into: &input, from: before)
            input.truncate(to: before + max(0, count))
            guard count > 0 else {
                guard count < 0, errno == EAGAIN || errno == EINTR else { return .over }
                return .waiting
            }
            moved = now
            if before == 0 { deadline = now + Frame.patience }
        }
    }

    /// Bytes that are missing of the frame's head, or of its rest; nil if no such frame may come.
    private var missing: Int? {
        guard input.count >= Frame.headCount else { return Frame.headCount - input.count }
        let length = Frame.length(
            input.bytes.extracting(first: Frame.headCount), isGreeting: greeting == nil)
        // Not all at once: whoever announces much must send it.
        let most = max(Self.leastAtOnce, input.count)
        return length.map { min($0 + Frame.headCount - input.count, most) }
    }

    private static let leastAtOnce = 4_096

    /// The question that was read; the place is wiped for the next one.
    func takeRequest() throws(VaultError) -> Request {
        defer { input = SecretBytes(capacity: 1_024) }
        return try Request.read(input.bytes.extracting(Frame.headCount...))
    }

    /// Begins to send an answer; the last one if `isLast`.
    func send(_ answer: consuming SecretBytes, isLast: Bool, at now: Int64) -> Progress {
        hold(answer)
        self.isLast = isLast
        return write(at: now)
    }

    /// Keeps an answer until it may be sent, in the place of one that was kept.
    func hold(_ answer: consuming SecretBytes) {
        output = answer
        isHeld = true
        written = 0
    }

    func write(at now: Int64) -> Progress {
        deadline = deadline ?? now + Frame.patience
        while isWriting {
            let count = SocketBytes.send(descriptor, welcome, output, from: written)
            guard count > 0 else {
                guard count < 0, errno == EAGAIN || errno == EINTR else { return .over }
                return .waiting
            }
            written += count
            moved = now
            // As long as it goes on, it may take as long as it takes.
            deadline = now + Frame.patience
        }
        welcome = SecretBytes()
        output = SecretBytes()
        isHeld = false
        written = 0
        // Of a question that has begun to come.
        deadline = input.isEmpty ? nil : now + Frame.patience
        return isLast ? .over : .waiting
    }
}
