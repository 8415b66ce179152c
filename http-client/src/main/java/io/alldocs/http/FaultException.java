package io.alldocs.http;

import io.alldocs.AllDocsException;
import io.alldocs.OperationInterruptedException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One failed attempt. It leads to a retry, or becomes a {@link RequestException} or an
 * {@link OperationInterruptedException}.
 */
final class FaultException extends Exception {

    private static final long serialVersionUID = 1L;

    final transient FailureKind fault;
    final transient ClientRequest hop;
    final int status;
    final @Nullable Duration retryAfter;
    final String detail;

    /**
     * @param hop the last request, after redirects
     * @param status 0 if no response arrived
     * @param detail further details as received; redacted when the message is built; empty for none
     */
    FaultException(
            FailureKind fault,
            ClientRequest hop,
            int status,
            Optional<Duration> retryAfter,
            String detail,
            @Nullable Throwable cause) {
        super(fault.when, cause, false, false);
        this.fault = fault;
        this.hop = hop;
        this.status = status;
        this.retryAfter = retryAfter.orElse(null);
        this.detail = detail;
    }

    /** @param secrets values that must not appear in the message, whatever their source */
    AllDocsException toThrow(ClientRequest call, int attempts, Set<String> secrets) {
        String message = Redaction.mask(message(call, attempts, secrets), secrets);
        return switch (fault.kind) {
            case AUTH -> new AuthException(message, status, attempts, retryAfter, getCause());
            case TEMPORARY -> new TemporaryException(message, status, attempts, retryAfter, getCause());
            case PERMANENT -> new PermanentException(message, status, attempts, retryAfter, getCause());
            case CANCELLED -> new OperationInterruptedException(message, getCause());
        };
    }

    private String message(ClientRequest call, int attempts, Set<String> secrets) {
        StringBuilder text = new StringBuilder(call.toString());
        if (!hop.uri().equals(call.uri())) {
            text.append(" (redirected to ").append(Redaction.uri(hop.uri())).append(')');
        }
        text.append(" failed");
        if (attempts > 1) {
            text.append(" after ").append(attempts).append(" attempts");
        }
        text.append(": ").append(status == 0 ? fault.when : "HTTP " + status);
        if (status != 0 && !fault.when.contains(Integer.toString(status))) {
            text.append(", ").append(fault.when);
        }
        String shown = Redaction.excerpt(detail, secrets);
        if (!shown.isEmpty()) {
            text.append(" (").append(shown).append(')');
        }
        text.append('.');
        if (retryAfter != null) {
            text.append(" The host requests a pause of ")
                    .append(retryAfter.toSeconds())
                    .append(" s.");
        }
        return fault.advice.isEmpty()
                ? text.toString()
                : text.append(' ').append(fault.advice).toString();
    }
}
