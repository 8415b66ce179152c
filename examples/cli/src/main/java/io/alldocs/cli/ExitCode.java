package io.alldocs.cli;

/** What a program's exit says. */
public final class ExitCode {
    /** All that was asked for is there. */
    public static final int COMPLETE = 0;
    /** Something is missing, or the run was interrupted: running the same command again goes on. */
    public static final int PARTIAL = 1;
    /** The command line, or a file or folder it names, cannot be used; nothing was asked of any origin. */
    public static final int USAGE = 2;
    /** The origin refused us, answers something else than a registry does, or cannot be reached. */
    public static final int REFUSED = 3;

    private ExitCode() {}
}
