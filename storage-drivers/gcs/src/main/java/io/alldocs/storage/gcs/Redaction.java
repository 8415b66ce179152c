package io.alldocs.storage.gcs;

import com.google.cloud.BaseServiceException;
import com.google.cloud.storage.StorageException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Removes secrets from the SDK's exceptions. The SDK writes the requests and responses of a failed upload into its
 * messages, with the address of the upload session. Whoever knows this address can <a
 * href="https://cloud.google.com/storage/docs/resumable-uploads#session-uris">write to the object without
 * credentials</a>.
 */
final class Redaction {
    private static final Pattern SECRET = Pattern.compile(
            "(?i)((?:upload_?id|(?:access|refresh|id)_token|client_secret|assertion|signature)[\"']?\\s*[=:]\\s*[\"']?"
                    + "|\\b(?:Bearer|Basic)\\s+)[^\\s&\"',;<>]+");

    /** Deeper causes, which a chain with a cycle has too, are left out of copies. */
    private static final int MAX_DEPTH = 20;

    private Redaction() {}

    /** Returns the text with {@code ***} in place of secrets. */
    static String redacted(String text) {
        return SECRET.matcher(text).replaceAll("$1***");
    }

    /**
     * Returns the exception itself if no message of its chain contains a secret. Otherwise returns a copy with the same
     * status, reason and stack traces, and with redacted messages.
     */
    static BaseServiceException redacted(BaseServiceException e) {
        if (!hasSecret(e, 0)) {
            return e;
        }
        StorageException copy = new StorageException(
                e.getCode(), redacted(String.valueOf(e.getMessage())), e.getReason(), copy(e.getCause(), 1));
        copyTraces(e, copy, 1);
        return copy;
    }

    /** Like {@link #redacted(BaseServiceException)}, for exceptions whose type does not matter to the driver. */
    static Throwable redacted(Throwable e) {
        return hasSecret(e, 0) ? new RedactedException(e, 0) : e;
    }

    private static boolean hasSecret(@Nullable Throwable e, int depth) {
        if (e == null) {
            return false;
        }
        return depth > MAX_DEPTH
                || SECRET.matcher(String.valueOf(e.getMessage())).find()
                || hasSecret(e.getCause(), depth + 1)
                || Stream.of(e.getSuppressed()).anyMatch(each -> hasSecret(each, depth + 1));
    }

    private static @Nullable Throwable copy(@Nullable Throwable e, int depth) {
        return e == null || depth > MAX_DEPTH ? null : new RedactedException(e, depth);
    }

    private static void copyTraces(Throwable e, Throwable copy, int depth) {
        copy.setStackTrace(e.getStackTrace());
        for (Throwable each : e.getSuppressed()) {
            Throwable suppressed = copy(each, depth);
            if (suppressed != null) {
                copy.addSuppressed(suppressed);
            }
        }
    }

    /** A copy of an exception, with the name of its class in the message. */
    private static final class RedactedException extends Exception {
        private static final long serialVersionUID = 1L;

        RedactedException(Throwable e, int depth) {
            super(redacted(e.toString()), copy(e.getCause(), depth + 1));
            copyTraces(e, this, depth + 1);
        }
    }
}
