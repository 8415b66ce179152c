package io.alldocs.examples.programs;

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
}
