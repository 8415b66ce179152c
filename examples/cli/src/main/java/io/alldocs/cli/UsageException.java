package io.alldocs.cli;

import io.alldocs.cache.StorageException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The command line, or a file or folder it names, cannot be used. The message is one paragraph that says what to do. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Makes one from its message alone. */
    public UsageException(String message) {
        this(message, null);
    }

    /** Makes one from message and cause; the cause is shown with {@code --verbose} only. */
    public UsageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * What {@code open} gives. What cannot be opened or read at the very beginning is something the user named wrongly, not something that went wrong
     * meanwhile.
     *
     * @throws UsageException in place of what says that a store or a file cannot be used
     */
    public static <T> T unlessUsable(Supplier<T> open) {
        try {
            return open.get();
        } catch (StorageException | IllegalStateException | UncheckedIOException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Refuses a command line that is {@code bad}.
     *
     * @throws UsageException with {@code words} and a full stop
     */
    public static void refuse(boolean bad, String words) {
        if (bad) {
            throw new UsageException(words + ".");
        }
    }
}
