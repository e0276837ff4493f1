// The choices that retrieval and listing leave to whoever asks.

/// Whether a disabled secret may be used.
public enum DisabledUse: Hashable, Sendable {
    case refuse
    /// The person asked for it.
    case allow
}

/// Whether secrets that `rm` hid are listed.
public enum RemovedListing: Hashable, Sendable {
    case hide
    case only
}
