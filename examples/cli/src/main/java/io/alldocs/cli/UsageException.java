package io.alldocs.cli;

import io.alldocs.cache.StorageException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The command line, or a file or folder it names, cannot be used. The message is one paragraph that says what to do.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> details;

    /** Makes one from its message alone. */
    public UsageException(String message) {
        this(message, List.of(), null);
    }

    /** Makes one from message and cause; the cause is shown with {@code --verbose} only. */
    public UsageException(String message, @Nullable Throwable cause) {
        this(message, List.of(), cause);
    }

    /** Makes one whose message is followed by lines, such as a list to choose from. */
    public UsageException(String message, List<String> details) {
        this(message, details, null);
    }

    private UsageException(String message, List<String> details, @Nullable Throwable cause) {
        super(message, cause);
        this.details = List.copyOf(details);
    }

    /** Lines that are printed after the message. */
    List<String> details() {
        return details;
    }

    /**
     * What {@code open} gives. What cannot be opened or read at the very beginning is something the user named wrongly,
     * not something that went wrong meanwhile.
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
