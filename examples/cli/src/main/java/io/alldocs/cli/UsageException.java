package io.alldocs.cli;

import io.alldocs.cache.spi.StorageException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if the command line is invalid, or a file or folder that it names cannot be used. The message is one paragraph
 * that says what to do.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> details;

    /** Creates an exception with a message. */
    public UsageException(String message) {
        this(message, List.of(), null);
    }

    /** Creates an exception with a message and a cause. The cause is printed with {@code --verbose} only. */
    public UsageException(String message, @Nullable Throwable cause) {
        this(message, List.of(), cause);
    }

    /** Creates an exception whose message is followed by lines, such as a list to choose from. */
    public UsageException(String message, List<String> details) {
        this(message, details, null);
    }

    private UsageException(String message, List<String> details, @Nullable Throwable cause) {
        super(message, cause);
        this.details = List.copyOf(details);
    }

    /** Returns the lines that are printed after the message. */
    List<String> details() {
        return details;
    }

    /**
     * Returns the result of {@code open}. Use this method at the start of a command. There, a failure to open or read
     * means that the user named the wrong store or file.
     *
     * @throws UsageException if {@code open} throws an exception that means that a store or file cannot be used
     */
    public static <T> T unlessUsable(Supplier<T> open) {
        try {
            return open.get();
        } catch (StorageException | IllegalStateException | UncheckedIOException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Rejects the command line if {@code bad} is true.
     *
     * @throws UsageException if {@code bad} is true; the message is {@code words} with a full stop
     */
    public static void refuse(boolean bad, String words) {
        if (bad) {
            throw new UsageException(words + ".");
        }
    }
}
