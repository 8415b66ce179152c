package io.alldocs.cli.worker;

/** A fleet whose workers cannot work. */
public final class FleetException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int exitCode;

    FleetException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** How the program ends: as what could not work did. */
    public int exitCode() {
        return exitCode;
    }
}
