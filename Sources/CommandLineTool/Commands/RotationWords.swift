// What is said when a rotation is in the way, or is not where it was.

internal import VaultModel

enum RotationWords {
    static func complaint(_ error: VaultError) -> Complaint {
        switch error {
        case .rotationRunning(let name):
            Complaint(
                .refused, "a rotation of \"\(name)\" is under way",
                hint: "it is gone on with or abandoned first; `coffer history \(name)` says where"
                    + " it stands")
        case .rotationMoved(let name):
            Complaint(
                .busy, "\"\(name)\" is not as it was: another process rotated or changed it",
                hint: "`coffer history \(name)` says where it stands")
        case .rotationUnfit(let name):
            Complaint(.refused, "this step does not follow in the rotation of \"\(name)\"")
        default: preconditionFailure("command line: a failure that is about no rotation")
        }
    }
}
