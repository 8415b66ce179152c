package io.alldocs.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Lists every failure, the exception it becomes, and whether the client retries it. The client decides by this table
 * alone.
 */
enum FailureKind {
    UNAUTHORIZED(
            "401",
            status(401),
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Check the token for this origin in .npmrc, NPM_TOKEN or code."),
    FORBIDDEN(
            "403",
            status(403),
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Check that the origin allows these credentials and this IP address."),
    PROXY_AUTH(
            "407",
            status(407),
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Check the user and password in the address of the proxy."),
    REQUEST_TIMEOUT("408", status(408), Kind.TEMPORARY, Retried.IDEMPOTENT, Effect.NONE, "Retry later."),
    TOO_EARLY("425", status(425), Kind.TEMPORARY, Retried.IDEMPOTENT, Effect.NONE, "Retry later."),
    RATE_LIMITED(
            "429", status(429), Kind.TEMPORARY, Retried.ALWAYS, Effect.THROTTLED, "Lower the rate, or retry later."),
    ABSENT(
            "404, 410, 451",
            status(404, 410, 451),
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Check the name and the origin."),
    CLIENT_ERROR(
            "other 4xx",
            s -> s >= 400 && s < 500,
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "The origin does not accept this request."),
    UNAVAILABLE("503", status(503), Kind.TEMPORARY, Retried.ALWAYS, Effect.NONE, "Retry later."),
    UNSUPPORTED(
            "501, 505",
            status(501, 505),
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "The origin does not support this request. Check its address."),
    SERVER_ERROR(
            "other 5xx, 520-526 of a CDN's edge included",
            s -> s >= 500 && s < 600,
            Kind.TEMPORARY,
            Retried.IDEMPOTENT,
            Effect.NONE,
            "Retry later."),
    UNEXPECTED_STATUS(
            "any other status",
            s -> true,
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Check the address of the origin."),
    REDIRECT_LOOP(
            "redirect loop, or more than 10 redirects",
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Check the address of the origin."),
    REDIRECT_REFUSED(
            "redirect from https to http, to another scheme, or without a usable Location",
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Check the address of the origin."),
    CONNECT_TIMEOUT(
            "no connection within the connect timeout",
            Kind.TEMPORARY,
            Retried.ALWAYS,
            Effect.TIMED_OUT,
            "Check the network and the origin, or retry later."),
    STALLED("no data within the stall timeout", Kind.TEMPORARY, Retried.IDEMPOTENT, Effect.TIMED_OUT, "Retry later."),
    /**
     * Not retried, because an exchange that used the whole timeout would use it again on each attempt: up to 25 minutes
     * for one name.
     */
    REQUEST_DEADLINE(
            "response incomplete after the request timeout",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.TIMED_OUT,
            "Retry later, or raise the request timeout."),
    UNKNOWN_HOST(
            "host name not found in DNS",
            Kind.TEMPORARY,
            Retried.ALWAYS,
            Effect.NONE,
            "Check the host name and the network."),
    REFUSED(
            "connection refused, or no route",
            Kind.TEMPORARY,
            Retried.ALWAYS,
            Effect.NONE,
            "Check that the origin runs and is reachable."),
    PROXY_REFUSED(
            "tunnel refused by a proxy with a 4xx",
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Ask the operator of the proxy to allow this host, or list it in noproxy."),
    PROXY_FAILED(
            "tunnel refused by a proxy with 408, 429 or a 5xx",
            Kind.TEMPORARY,
            Retried.ALWAYS,
            Effect.NONE,
            "Check that the proxy can reach this host, or retry later."),
    PROXY_UNREACHABLE(
            "proxy unreachable", Kind.TEMPORARY, Retried.ALWAYS, Effect.NONE, "Check the address of the proxy."),
    PROXY_PASSWORD_DROPPED(
            "proxy password for https, which this JVM does not send (request not sent)",
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Start Java with -Djdk.http.auth.tunneling.disabledSchemes= (an empty value)."),
    TLS(
            "certificate not trusted, or not for this host",
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Set cafile in .npmrc, or NODE_EXTRA_CA_CERTS, to the CA certificate of the origin."),
    RESET(
            "connection closed or reset before a response, or TLS handshake aborted",
            Kind.TEMPORARY,
            Retried.IDEMPOTENT,
            Effect.NONE,
            "Retry later."),
    CUT("response truncated or not readable", Kind.TEMPORARY, Retried.IDEMPOTENT, Effect.NONE, "Retry later."),
    PROTOCOL(
            "response that violates HTTP, such as one with an invalid Content-Length",
            Kind.TEMPORARY,
            Retried.IDEMPOTENT,
            Effect.NONE,
            "Check the gateway or proxy in front of the origin, or retry later."),
    UNKNOWN_CODING(
            "response in a content coding that was not requested",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.NONE,
            "Check the gateway or proxy in front of the origin."),
    FOREIGN(
            "response that is not from the origin, such as the page of a login or a filter",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.NONE,
            "Check the network and the address of the origin, or retry later."),
    INSECURE(
            "credentials over plain http to another machine (request not sent)",
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Use https, or allow it with allowCredentialsOverHttp(true) or NPM_CREDENTIALS_OVER_HTTP=true."),
    CLIENT_HANGS(
            "response that made the JDK's HTTP client hang (the client was replaced)",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.NONE,
            "Use another transport, such as the one in all-docs-http-okhttp."),
    CLIENTS_HANG(
            "three or more hanging threads of the JDK's HTTP client (request not sent)",
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Restart this process, and use another transport, such as the one in all-docs-http-okhttp."),
    INTERRUPTED("thread interrupted", Kind.CANCELLED, Retried.NEVER, Effect.NONE, "");

    /** The exception that a fault becomes. */
    enum Kind {
        AUTH("AuthException"),
        TEMPORARY("TemporaryException"),
        PERMANENT("PermanentException"),
        CANCELLED("OperationInterruptedException");

        final String exception;

        Kind(String exception) {
            this.exception = exception;
        }
    }

    /** The requests that are retried. */
    enum Retried {
        NEVER("no"),
        IDEMPOTENT("yes, except POST and PATCH"),
        ALWAYS("yes");

        final String text;

        Retried(String text) {
            this.text = text;
        }
    }

    /** The effect on the host's limiter. */
    enum Effect {
        NONE,
        THROTTLED,
        TIMED_OUT
    }

    final String when;
    final Kind kind;
    final Retried retried;
    final Effect effect;
    final String advice;

    @SuppressWarnings("ImmutableEnumChecker") // stateless functions
    private final IntPredicate statuses;

    FailureKind(String when, IntPredicate statuses, Kind kind, Retried retried, Effect effect, String advice) {
        this.when = when;
        this.statuses = statuses;
        this.kind = kind;
        this.retried = retried;
        this.effect = effect;
        this.advice = advice;
    }

    FailureKind(String when, Kind kind, Retried retried, Effect effect, String advice) {
        this(when, s -> false, kind, retried, effect, advice);
    }

    /** Returns the first row that covers {@code status}. */
    static FailureKind ofStatus(int status) {
        for (FailureKind fault : values()) {
            if (fault.statuses.test(status)) {
                return fault;
            }
        }
        return UNEXPECTED_STATUS;
    }

    /** @param answered whether status and headers had arrived */
    static FailureKind ofException(IOException e, boolean answered) {
        if (e instanceof ProtocolException) {
            return PROTOCOL;
        }
        if (e instanceof IntermediaryResponseException) {
            return FOREIGN;
        }
        if (e instanceof UnknownCodingException) {
            return UNKNOWN_CODING;
        }
        if (e instanceof ProxyException refusal) {
            return refusal.fault();
        }
        if (e instanceof HungClientException lost) {
            return lost.fault();
        }
        if (e instanceof HttpConnectTimeoutException) {
            return CONNECT_TIMEOUT;
        }
        if (e instanceof StallTimeoutException) {
            return STALLED;
        }
        if (e instanceof HttpTimeoutException) {
            return REQUEST_DEADLINE;
        }
        if (answered) {
            return CUT;
        }
        if (has(e, UnresolvedAddressException.class) || has(e, UnknownHostException.class)) {
            return UNKNOWN_HOST;
        }
        if (has(e, ConnectException.class) || has(e, NoRouteToHostException.class)) {
            return REFUSED;
        }
        // A handshake that failed for another reason looks the same as a handshake on a lost connection, so it is
        // retried.
        if (has(e, GeneralSecurityException.class) || has(e, SSLPeerUnverifiedException.class)) {
            return TLS;
        }
        return RESET;
    }

    /** Returns whether the client refused the request before sending it. */
    boolean isBeforeSending() {
        return this == INSECURE || this == PROXY_PASSWORD_DROPPED || this == CLIENTS_HANG;
    }

    boolean retries(ClientRequest call) {
        return retried == Retried.ALWAYS || (retried == Retried.IDEMPOTENT && call.idempotent());
    }

    private static boolean has(Throwable thrown, Class<? extends Throwable> type) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    private static IntPredicate status(int... statuses) {
        return status -> {
            for (int s : statuses) {
                if (s == status) {
                    return true;
                }
            }
            return false;
        };
    }
}
