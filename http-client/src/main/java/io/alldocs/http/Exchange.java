package io.alldocs.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One call with its attempts and redirects. Used once, by one thread. */
final class Exchange<T> {

    private static final Logger LOG = System.getLogger(BaseHttpClient.class.getName());

    private final BaseHttpClient client;
    private final ClientRequest call;
    private final ResponseReader<T> reader;
    private final AddressCheck check;
    private final boolean keepsBody;
    private final Timeouts timeouts;
    private final String traceId;
    private final SentSecrets secrets;
    private int attempt;

    /** @param keepsBody whether the body stays open for the caller */
    Exchange(
            BaseHttpClient client,
            ClientRequest call,
            ResponseReader<T> reader,
            AddressCheck check,
            boolean keepsBody,
            String traceId) {
        this.client = client;
        this.call = call;
        this.reader = reader;
        this.check = check;
        this.keepsBody = keepsBody;
        Duration bound = call.timeout();
        this.timeouts = bound == null ? client.timeouts : client.timeouts.withRequest(bound);
        this.traceId = traceId;
        this.secrets = new SentSecrets(client.traceHeader, client.secrets);
    }

    T run() {
        for (attempt = 1; ; attempt++) {
            FaultException failed;
            try {
                return follow(call, true, new HashSet<>(), 0);
            } catch (FaultException e) {
                failed = e;
            }
            if (attempt >= client.retry.attempts() || !failed.fault.retries(call)) {
                throw failed.toThrow(call, failed.fault.isBeforeSending() ? attempt - 1 : attempt, secrets.all());
            }
            LOG.log(
                    Level.DEBUG,
                    "{0}, trace {1}, attempt {2}: {3}; retrying.",
                    call,
                    traceId,
                    attempt,
                    failed.fault.when);
            backOff(failed);
        }
    }

    /**
     * Sends {@code next} and follows its redirects.
     *
     * @param atHome whether no redirect has left the first origin yet
     * @param seen the addresses already requested in this attempt
     * @param redirect status of the redirect to {@code next}; 0 for none
     */
    private T follow(ClientRequest next, boolean atHome, Set<String> seen, int redirect) throws FaultException {
        check.check(next.uri(), !seen.isEmpty());
        ClientRequest hop = prepare(next, atHome);
        if (!seen.add(hop.method() + " " + hop.uri()) || seen.size() > BaseHttpClient.MAX_REDIRECTS + 1) {
            throw Redirects.loop(hop, redirect);
        }
        HostLimiter limiter = client.limiter(hop.uri());
        long started = start(hop, limiter);
        boolean answered = false;
        int status = 0;
        FaultException failure = null;
        ClientRequest redirected;
        try {
            ClientResponse reply = send(hop);
            answered = true;
            status = reply.status();
            InputStream body = reply.body();
            boolean kept = false;
            try {
                if (hop.accepts(reply.status())) {
                    T value = reader.read(reply);
                    limiter.succeeded();
                    kept = keepsBody;
                    return value;
                }
                redirected = redirect(hop, reply, limiter, started);
            } finally {
                if (!kept) {
                    body.close();
                }
            }
        } catch (InterruptedException e) {
            failure = interrupted(hop, e);
            throw failure;
        } catch (UncheckedIOException e) {
            failure = failed(hop, limiter, started, answered, Objects.requireNonNull(e.getCause()));
            throw failure;
        } catch (IOException e) {
            failure = failed(hop, limiter, started, answered, e);
            throw failure;
        } finally {
            tell(hop, status, failure, started);
        }
        return follow(redirected, atHome && Origins.same(call.uri(), redirected.uri()), seen, status);
    }

    private void tell(ClientRequest hop, int status, @Nullable FaultException failure, long started) {
        if (client.listener != HttpListener.NONE) {
            client.listener.requested(new HttpAttempt(
                    hop.method(),
                    Origins.of(hop.uri()),
                    status,
                    failure == null ? null : failure.fault.when,
                    attempt,
                    Duration.ofNanos(client.time.nanos() - started)));
        }
    }

    /**
     * Sends one request. A RuntimeException of a transport becomes a ProtocolException, because it concerns the
     * exchange and never the caller's request. UncheckedIOException and the IllegalStateException of a closed transport
     * are passed on.
     */
    private ClientResponse send(ClientRequest hop) throws IOException, InterruptedException {
        try {
            ClientResponse reply = client.transport.send(hop, timeouts);
            Optional<String> broken = Headers.brokenFraming(reply.headers());
            if (broken.isPresent()) {
                reply.body().close();
                throw new ProtocolException(broken.get());
            }
            return reply;
        } catch (UncheckedIOException | IllegalStateException e) {
            throw e;
        } catch (RuntimeException e) {
            throw (IOException) new ProtocolException("The transport cannot parse the response: " + e).initCause(e);
        }
    }

    /** Waits for the host's limiter and returns the time at which the request starts. */
    private long start(ClientRequest hop, HostLimiter limiter) throws FaultException {
        try {
            limiter.acquire();
            return client.time.nanos();
        } catch (InterruptedException e) {
            throw interrupted(hop, e);
        }
    }

    /**
     * Returns the request for the redirect target. Throws a {@link FaultException} for any other response that the
     * reader does not accept.
     */
    private ClientRequest redirect(ClientRequest hop, ClientResponse reply, HostLimiter limiter, long started)
            throws FaultException {
        if (Redirects.isRedirect(reply.status())) {
            limiter.succeeded();
            return Redirects.next(hop, reply);
        }
        FailureKind fault = FailureKind.ofStatus(reply.status());
        Optional<Duration> retryAfter = fault.kind == FailureKind.Kind.TEMPORARY
                ? RetryAfter.parse(
                        reply.headers().firstValue("retry-after"),
                        reply.headers().firstValue("date"),
                        client.time.now())
                : Optional.empty();
        if (fault.effect == FailureKind.Effect.THROTTLED) {
            limiter.throttled(started, retryAfter);
            client.listener.throttled(Origins.of(hop.uri()), limiter.pauseLeft());
        } else if (fault.kind == FailureKind.Kind.TEMPORARY) {
            retryAfter.ifPresent(limiter::pauseAsked);
        } else {
            limiter.succeeded();
        }
        throw new FaultException(fault, hop, reply.status(), retryAfter, ErrorExcerpt.of(reply), null);
    }

    private FaultException failed(
            ClientRequest hop, HostLimiter limiter, long started, boolean answered, IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            return interrupted(hop, e);
        }
        if (e instanceof HungClientException) {
            client.listener.clientReplaced(Origins.of(hop.uri()));
        }
        FailureKind fault = FailureKind.ofException(e, answered);
        if (fault.effect == FailureKind.Effect.TIMED_OUT) {
            limiter.timedOut(started);
        }
        return fault(fault, hop, e);
    }

    private FaultException interrupted(ClientRequest hop, Exception e) {
        Thread.currentThread().interrupt();
        return fault(FailureKind.INTERRUPTED, hop, e);
    }

    /**
     * Waits a random time before the next attempt. If the host requested a longer wait, the limiter applies it to all
     * requests to the host.
     */
    private void backOff(FaultException failed) {
        Duration delay = client.retry.delay(attempt - 1, client.random);
        client.listener.retrying(Origins.of(failed.hop.uri()), failed.fault.when, delay);
        if (failed.retryAfter != null && failed.retryAfter.compareTo(delay) >= 0) {
            return;
        }
        try {
            client.time.sleep(delay);
        } catch (InterruptedException e) {
            throw interrupted(failed.hop, e).toThrow(call, attempt, secrets.all());
        }
    }

    /**
     * Adds the client's headers: encoding, user agent, trace id, and credentials as long as the request stays at the
     * first origin.
     */
    private ClientRequest prepare(ClientRequest hop, boolean atHome) throws FaultException {
        Map<String, String> headers = new TreeMap<>(hop.headers());
        headers.putIfAbsent("accept-encoding", "gzip");
        headers.putIfAbsent("user-agent", client.userAgent);
        headers.putIfAbsent(client.traceHeader, traceId);
        if (atHome) {
            client.traceparent.get().ifPresent(value -> headers.putIfAbsent("traceparent", value));
        }
        if (atHome && !call.headers().containsKey(Headers.AUTHORIZATION)) {
            // Credentials may belong to a path, so they are looked up for each address.
            headers.remove(Headers.AUTHORIZATION);
            client.credentials
                    .authorizationFor(hop.uri())
                    .ifPresent(value -> headers.put(Headers.AUTHORIZATION, value));
        }
        ClientRequest prepared = new ClientRequest(
                hop.method(), hop.uri(), headers, hop.body(), hop.accepted(), hop.timeout(), hop.repeatable());
        secrets.add(prepared);
        if (headers.containsKey(Headers.AUTHORIZATION) && !isSafe(hop)) {
            throw fault(FailureKind.INSECURE, prepared, null);
        }
        return prepared;
    }

    private boolean isSafe(ClientRequest hop) {
        return client.credentialsOverHttp || Origins.isSafe(hop.uri());
    }

    private static FaultException fault(FailureKind fault, ClientRequest hop, @Nullable Throwable cause) {
        if (cause instanceof ProxyException refusal) {
            return new FaultException(
                    fault, hop, refusal.status(), Optional.empty(), String.valueOf(refusal.getMessage()), cause);
        }
        return new FaultException(fault, hop, 0, Optional.empty(), describe(cause), cause);
    }

    /**
     * Returns the type and message of the first cause that has a message. This distinguishes, for example, an expired
     * certificate from an unknown authority.
     */
    private static String describe(@Nullable Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t.getMessage() != null) {
                return t.getClass().getSimpleName() + ": " + t.getMessage();
            }
        }
        return "";
    }
}
