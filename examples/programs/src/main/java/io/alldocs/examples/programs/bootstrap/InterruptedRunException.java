package io.alldocs.examples.programs.bootstrap;

/** The run was interrupted while it waited; the thread's interrupt flag is set. */
final class InterruptedRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InterruptedRunException(InterruptedException cause) {
        super("Interrupted while waiting for the registry to catch up with its feed.", cause);
    }
}
