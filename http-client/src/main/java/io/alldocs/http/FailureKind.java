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
            "The origin refuses this address or these credentials."),
    PROXY_AUTH(
            "407",
            status(407),
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Check the user and password in the address of the proxy."),
    REQUEST_TIMEOUT("408", status(408), Kind.TEMPORARY, Retried.IDEMPOTENT, Effect.NONE, "Try again later."),
    TOO_EARLY("425", status(425), Kind.TEMPORARY, Retried.IDEMPOTENT, Effect.NONE, "Try again later."),
    RATE_LIMITED(
            "429", status(429), Kind.TEMPORARY, Retried.ALWAYS, Effect.THROTTLED, "Lower the rate or try again later."),
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
            "The origin does not take this request."),
    UNAVAILABLE("503", status(503), Kind.TEMPORARY, Retried.ALWAYS, Effect.NONE, "Try again later."),
    UNSUPPORTED(
            "501, 505",
            status(501, 505),
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "The origin cannot do this; check its address."),
    SERVER_ERROR(
            "other 5xx, 520-526 of a CDN's edge included",
            s -> s >= 500 && s < 600,
            Kind.TEMPORARY,
            Retried.IDEMPOTENT,
            Effect.NONE,
            "Try again later."),
    UNEXPECTED_STATUS(
            "any other status",
            s -> true,
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Check the address of the origin."),
    REDIRECT_LOOP(
            "redirects that loop, or more than 10",
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
            "no connection in time",
            Kind.TEMPORARY,
            Retried.ALWAYS,
            Effect.TIMED_OUT,
            "Check network and origin, try again later."),
    STALLED(
            "silence longer than the stall timeout",
            Kind.TEMPORARY,
            Retried.IDEMPOTENT,
            Effect.TIMED_OUT,
            "Try again later."),
    /** Not retried: an exchange that used the whole timeout would use it again, up to 25 minutes for one name. */
    REQUEST_DEADLINE(
            "exchange longer than the request timeout",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.TIMED_OUT,
            "Try again later, or allow more time."),
    UNKNOWN_HOST(
            "host name not known to DNS",
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
            "Check that the proxy can reach this host, or try again later."),
    PROXY_UNREACHABLE(
            "proxy unreachable", Kind.TEMPORARY, Retried.ALWAYS, Effect.NONE, "Check the address of the proxy."),
    PROXY_PASSWORD_DROPPED(
            "password of a proxy for https, which this JVM does not send (nothing is sent)",
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Start Java with -Djdk.http.auth.tunneling.disabledSchemes= (an empty value)."),
    TLS(
            "certificate not trusted, or not for this host",
            Kind.PERMANENT,
            Retried.NEVER,
            Effect.NONE,
            "Set cafile in .npmrc, or NODE_EXTRA_CA_CERTS, to the certificate of the origin's authority."),
    RESET(
            "connection closed or reset before an answer, or TLS handshake broken off",
            Kind.TEMPORARY,
            Retried.IDEMPOTENT,
            Effect.NONE,
            "Try again later."),
    CUT("answer cut short, or not readable", Kind.TEMPORARY, Retried.IDEMPOTENT, Effect.NONE, "Try again later."),
    PROTOCOL(
            "answer that breaks HTTP, such as a Content-Length that is no number",
            Kind.TEMPORARY,
            Retried.IDEMPOTENT,
            Effect.NONE,
            "Check the gateway or proxy in front of the origin, try again later."),
    UNKNOWN_CODING(
            "answer in a content coding that was not requested",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.NONE,
            "Check the gateway or proxy in front of the origin."),
    FOREIGN(
            "answer that is not the origin's, such as the page of a login or a filter",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.NONE,
            "Check the network and the address of the origin, try again later."),
    INSECURE(
            "credentials for plain http to another machine (nothing is sent)",
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Use https, or allow it with allowCredentialsOverHttp(true) or NPM_CREDENTIALS_OVER_HTTP=true."),
    CLIENT_HANGS(
            "answer in which the JDK's HTTP client hangs (the client is replaced)",
            Kind.TEMPORARY,
            Retried.NEVER,
            Effect.NONE,
            "Use another transport, such as that of all-docs-http-okhttp."),
    CLIENTS_HANG(
            "three or more threads of the JDK's HTTP client that hang (nothing is sent)",
            Kind.AUTH,
            Retried.NEVER,
            Effect.NONE,
            "Restart this process, and use another transport, such as that of all-docs-http-okhttp."),
    INTERRUPTED("thread interrupted", Kind.CANCELLED, Retried.NEVER, Effect.NONE, "");

    /** The exception that a fault becomes. */
    enum Kind {
        AUTH("AuthException"),
        TEMPORARY("TemporaryException"),
        PERMANENT("PermanentException"),
        CANCELLED("RequestInterruptedException");

        final String exception;

        Kind(String exception) {
            this.exception = exception;
        }
    }

    /** The requests that are retried. */
    enum Retried {
        NEVER("no"),
        IDEMPOTENT("yes, but POST and PATCH"),
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
        if (e instanceof ForeignAnswerException) {
            return FOREIGN;
        }
        if (e instanceof UnknownCodingException) {
            return UNKNOWN_CODING;
        }
        if (e instanceof ProxyException refusal) {
            return refusal.fault();
        }
        if (e instanceof LostClientException lost) {
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

    boolean retries(HttpCall call) {
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
