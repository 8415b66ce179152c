package io.alldocs.cli.worker;

/** Thrown if a fleet's workers cannot work. */
public final class FleetException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int exitCode;

    FleetException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** Returns the exit code of the program, which is that of the process that could not work. */
    public int exitCode() {
        return exitCode;
    }
}
