package io.alldocs.sync;

import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.RequestException;
import io.alldocs.packument.NotARegistryException;
import io.alldocs.partition.OriginException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Describes failures in one line. */
final class Failures {
    private static final int LONGEST_MESSAGE = 1_000;
    private static final Pattern LINE_END = Pattern.compile("\\R");

    private Failures() {}

    /**
     * Returns whether the origin or the registry refused the request, is not a registry, or was unreachable. An
     * interrupt does not count.
     */
    static boolean isRefusal(Throwable failure) {
        return failure instanceof RequestException
                || failure instanceof OriginException
                || failure instanceof NotARegistryException;
    }

    /** Returns whether the response did not come from the registry, but from an intermediary such as a proxy. */
    static boolean isForeign(Throwable failure) {
        return failure.getCause() instanceof IntermediaryResponseException || failure instanceof NotARegistryException;
    }

    /**
     * Returns whether waiting may resolve the failure: an origin, a registry or a store is unavailable, and does not
     * refuse access.
     */
    static boolean mayPass(Throwable failure) {
        return (failure instanceof RequestException && !(failure instanceof AuthException))
                || failure instanceof TooManyRetriesException
                || failure instanceof UnlistedException
                || (failure instanceof StorageException store && store.retryable());
    }

    /** Returns the message of {@code failure} in one line of limited length, or its type if it has no message. */
    static String message(Throwable failure) {
        String message = failure.getMessage();
        String line = oneLine(message == null || message.isBlank() ? failure.toString() : message);
        return line.length() <= LONGEST_MESSAGE
                ? line
                : line.substring(0, LONGEST_MESSAGE) + "… (" + line.length() + " characters)";
    }

    private static String oneLine(String text) {
        return LINE_END.splitAsStream(text)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining(" "));
    }
}
