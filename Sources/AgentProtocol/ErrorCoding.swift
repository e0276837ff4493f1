// Failures between an agent and a client: the words of VaultError, never of a request.

internal import SecretMemory
internal import VaultModel

/// `u8 kind ‖ u8 n ‖ n × u64 ‖ u8 n ‖ n × lp(text)`. What is not exactly one of ours is nil.
enum ErrorCoding {
    static func write(_ error: VaultError, into writer: inout FrameWriter) {
        let form = ErrorForm(error)
        writer.add(form.kind)
        writer.add(UInt8(form.numbers.count))
        for number in form.numbers { writer.add(number) }
        writer.add(UInt8(form.texts.count))
        for text in form.texts { writer.add(text) }
    }

    @_lifetime(reader: copy reader)
    static func read(_ reader: inout CanonicalReader) -> VaultError? {
        guard let kind = reader.number(UInt8.self), let count = reader.number(UInt8.self) else {
            return nil
        }
        var form = ErrorForm(kind)
        for _ in 0..<count {
            guard let number = reader.number(UInt64.self) else { return nil }
            form.numbers.append(number)
        }
        guard let texts = reader.number(UInt8.self) else { return nil }
        for _ in 0..<texts {
            guard let text = reader.text(atMost: ErrorForm.longestText) else { return nil }
            form.texts.append(text)
        }
        guard reader.isAtEnd, let error = form.error, ErrorForm(error) == form else { return nil }
        return error
    }
}
