package io.alldocs.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a proxy, not the origin, caused a request to fail; the cause of the {@link RequestException}. The message
 * names the proxy's host and port and, if it sent one, its status; it contains no user name or password.
 */
public final class ProxyException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient FailureKind fault;
    private final int status;

    private ProxyException(FailureKind fault, int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.fault = fault;
        this.status = status;
    }

    /** @param target the request to the proxy: an address, or {@code CONNECT host:port} */
    static ProxyException refused(String proxy, int status, String target, @Nullable Throwable cause) {
        return new ProxyException(
                faultOf(status), status, "the proxy " + proxy + " answered " + target + " with HTTP " + status, cause);
    }

    static ProxyException unreachable(String proxy, IOException cause) {
        return new ProxyException(FailureKind.PROXY_UNREACHABLE, 0, "no connection to the proxy " + proxy, cause);
    }

    static ProxyException passwordDropped(String proxy) {
        return new ProxyException(FailureKind.PROXY_PASSWORD_DROPPED, 0, "the proxy " + proxy, null);
    }

    /** Returns the same failure for another request, which was not sent because of this failure. */
    ProxyException again() {
        String message = fault == FailureKind.PROXY_AUTH
                ? getMessage() + "; the client does not send this password again for " + ProxyLogin.HOLD.toMinutes()
                        + " minutes"
                : String.valueOf(getMessage());
        return new ProxyException(fault, status, message, this);
    }

    private static FailureKind faultOf(int status) {
        return switch (status) {
            case 407 -> FailureKind.PROXY_AUTH;
            case 408, 425, 429 -> FailureKind.PROXY_FAILED;
            default -> status >= 500 ? FailureKind.PROXY_FAILED : FailureKind.PROXY_REFUSED;
        };
    }

    FailureKind fault() {
        return fault;
    }

    /** Returns the proxy's status, 0 if it sent none. */
    int status() {
        return status;
    }
}
