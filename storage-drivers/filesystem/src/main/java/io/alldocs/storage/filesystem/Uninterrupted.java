package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Runs file operations to completion even if the thread is interrupted, because an interrupt would close a
 * {@link java.nio.channels.FileChannel} during a write. The operations are short, and the interrupt flag is restored
 * afterwards.
 */
final class Uninterrupted {
    private Uninterrupted() {}

    /** An operation that opens its own channels, so that it can be restarted. */
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
