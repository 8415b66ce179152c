package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.BodyTooLargeException;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.ProxyException;
import io.alldocs.http.RedirectException;
import io.alldocs.http.RequestException;
import io.alldocs.http.TemporaryException;
import io.alldocs.packument.NotARegistryException;
import io.alldocs.packument.Outcome;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;

/**
 * Converts failures to responses. They never contain an address with a secret, and the status is 5xx only if a retry
 * may help.
 */
final class Failures {
    private static final System.Logger LOG = System.getLogger(Failures.class.getName());

    private Failures() {}

    /** Returns the response for an error, without internal details. */
    static Response reply(Throwable error) {
        if (error instanceof Responses.BusyException) {
            return Responses.error(503, "This mirror is busy", "retry-after", "1");
        }
        if (error instanceof Audit.UnreadableException) {
            return Responses.error(400, String.valueOf(error.getMessage()));
        }
        if (error instanceof TarballHosts.RefusedException) {
            return Responses.error(403, String.valueOf(error.getMessage()));
        }
        if (error instanceof RequestException failed && failed.getCause() instanceof ProxyException proxy) {
            String reason = "The registry behind this mirror is unreachable: " + proxy.getMessage();
            return failed instanceof TemporaryException
                    ? Responses.error(503, reason, "retry-after", "5")
                    : Responses.error(502, reason);
        }
        if (error.getCause() instanceof RedirectException redirect) {
            return Responses.error(
                    502,
                    "The registry behind this mirror sent a redirect that cannot be followed: "
                            + redirect.getMessage());
        }
        if (error instanceof AuthException) {
            return Responses.error(
                    502, "The registry behind this mirror refused the mirror's credentials, or the mirror has none");
        }
        if (error instanceof TemporaryException temporary) {
            String after = temporary
                    .retryAfter()
                    .map(wait -> Long.toString(wait.toSeconds()))
                    .orElse("5");
            return Responses.error(503, "The registry behind this mirror does not respond", "retry-after", after);
        }
        if (error instanceof RequestException || error instanceof NotARegistryException) {
            return Responses.error(502, "The registry behind this mirror refused the request");
        }
        if (error instanceof PolicyGate.UndecidedException) {
            return Responses.explained(503, String.valueOf(error.getMessage()), "retry-after", "5");
        }
        if (error instanceof JsonProcessingException
                || error instanceof EOFException
                || error instanceof StreamCorruptedException
                || (error instanceof UncheckedIOException && error.getCause() instanceof JsonProcessingException)) {
            return Responses.absent(Outcome.MALFORMED, 200);
        }
        if (error instanceof BodyTooLargeException) {
            return Responses.absent(Outcome.TOO_LARGE, 200);
        }
        if (error instanceof IntegrityException) {
            return Responses.error(500, "The stored document is damaged");
        }
        if (error instanceof StorageException) {
            LOG.log(System.Logger.Level.WARNING, "The store cannot be read", error);
            return Responses.error(503, "The store of this mirror cannot be read", "retry-after", "5");
        }
        if (error instanceof OperationInterruptedException) {
            return Responses.error(503, "The mirror is stopping", "retry-after", "5");
        }
        if (error instanceof IOException) {
            return Responses.error(502, "The response of the registry was truncated");
        }
        LOG.log(System.Logger.Level.WARNING, "A request failed", error);
        return Responses.error(500, "Internal error");
    }
}
