// `coffer run`: starts a job with secrets in its hands and gets out of the way.

internal import Glibc

enum RunCommand {
    static let secret = Option.many(
        "--secret", "NAME", "set the variables that the issuer's profile names")
    static let environment = Option.many(
        "--env", "VAR=NAME#FIELD", "set one environment variable")
    static let file = Option.many(
        "--file", "VAR=NAME#FIELD",
        "write the value to a file (0600, in memory, gone afterwards) and set VAR to its path")
    static let descriptor = Option.many(
        "--fd", "N=NAME#FIELD", "hand the value over as descriptor N, which can be read and sought")
    static let token = Option.many(
        "--token", "VAR=NAME", "set VAR to a session token of the issuer, as `coffer token` gives")
    static let mask = Option.flag(
        "--mask", "take the values out of what the job prints, as well as that can be done")
    static let fallback = Option.flag(
        "--fallback",
        "if the job fails and the issuer refuses a secret, run it again with the version before")
    static let fallbackOn = Option.many(
        "--fallback-on", "CODE", "an exit code that says so: the issuer is not asked then")
    static let stdin = Option.one("--stdin", "NAME#FIELD", "hand the value over on standard input")

    static let verb = Verb(
        words: "run", summary: "run a job with secrets",
        details: [
            "Best first: --fd and --file keep a value out of the job's environment, which others"
                + " of the same user can read; --stdin suits a job that asks for a password;"
                + " --secret and --env are what most jobs expect.",
            "--secret sets what the issuer's own tools read, such as AWS_ACCESS_KEY_ID; for a"
                + " secret without such a profile the variable is its name in capitals, as in"
                + " ZPA_PROD_CI. Variables that say which code is run, such as PATH, are set by"
                + " --env alone.",
            "With --token the job gets what the issuer gives for the secret, good for an hour or"
                + " so, and never the secret: see `coffer token`.",
            "The job gets its exit code, signals and standard streams to itself, and nothing of"
                + " ours.",
            "With --mask [redacted] stands in the job's output for each secret value that"
                + " it was handed, for each line of at least 8 bytes of a value of several, and for"
                + " its base64, hexadecimal, URL, JSON and HTML forms; of wrapped ones for those"
                + " alone that `base64`, `openssl base64` and `xxd -p` print of it. That is"
                + " best effort against accidents in logs: a job that prints a value in another"
                + " form, in pieces or to another place is not stopped. Values of fewer than 4"
                + " bytes or more than 256 KiB are not masked, which is said; public fields are"
                + " not either.",
            "With --fallback a job that fails, by an exit code and not by a signal, is run once"
                + " more if the issuer refuses the current version of a secret that it was handed"
                + " and accepts the previous one: for the time in which a key was replaced and the"
                + " new one does not work everywhere yet. The profile's call `verify` or"
                + " `exchange` asks. A warning says which version of what the job ran with, or a"
                + " line why there was no second run. The exit code is that of the last one.",
            "--fallback-on names exit codes, as in 77 or 77,78, by which the job says itself that"
                + " it was not let in: then nobody is asked, and it gets the previous version of"
                + " every secret that has one. Only what is named without @VERSION is replaced."
                + " What the first run has read of standard input, the second one does not read"
                + " again. The vault is opened anew for the previous version, whose use is in the"
                + " log. A delivery to a job has the current version alone, so --job-file does not"
                + " go with it.",
        ],
        options: [
            secret, environment, token, file, descriptor, stdin, mask, fallback, fallbackOn,
            VerbTable.allowDisabled,
        ]
            + JobDoor.options,
        trailing: .required,
        examples: [
            Example("coffer run --secret aws/ci -- aws sts get-caller-identity", "AWS's variables"),
            Example("coffer run --env TOKEN=github/bot -- ./release.sh", "one variable"),
            Example(
                "coffer run --file GOOGLE_APPLICATION_CREDENTIALS=gcp/ci -- terraform plan",
                "a key file that exists only while the job runs"),
            Example(
                "coffer run --token TOKEN=zpa/prod/ci -- ./list-apps", "an hour's bearer, no secret"
            ),
            Example(
                "coffer run --mask --env TOKEN=github/bot -- make", "for a log that others read"),
            Example(
                "coffer run --fallback --fallback-on 77 --secret okta/ci -- ./sync",
                "through a rotation, with a new key that may not work yet"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let code = try start(call)
        exit(code)
    }

    private static func start(_ call: Invocation) throws(Complaint) -> Int32 {
        let wishes = try RunWishes(call)
        if let trial = try SecondTry(call) { return try trial.run(wishes, call) }
        var launch = try Launch(command: call.command ?? [])
        var handout = JobHandout(wishes, call)
        // The vault is closed behind it: its file and its keys must not be there when the job
        // starts.
        try handout.fill(&launch)
        return try launch.begin()
    }
}
