package io.alldocs.cli;

/** Exit codes of the program. */
public final class ExitCode {
    /** Success: everything that was requested is present. */
    public static final int COMPLETE = 0;
    /** Something is missing, or the run was interrupted. The same command resumes the work. */
    public static final int PARTIAL = 1;
    /** The command line, or a file or folder that it names, cannot be used. No request was sent to an origin. */
    public static final int USAGE = 2;
    /** The origin refused the requests, is not a registry, or is unreachable. */
    public static final int REFUSED = 3;

    private ExitCode() {}
}
