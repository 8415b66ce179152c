package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Runs file operations to their end although the thread is interrupted: an interrupt closes a {@link java.nio.channels.FileChannel} in the middle
 * of a write. The operations are short, and the interrupt flag is set again afterwards.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** An operation that opens the channels it uses, so that it can be run again from its start. */
    interface Operation<T> {
        T run() throws IOException;
    }

    static <T> T run(Operation<T> operation) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return operation.run();
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                    Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
