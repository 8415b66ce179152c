package io.alldocs.http;

import io.alldocs.OperationInterruptedException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends HTTP requests. The client adds credentials and a trace header, waits for the host's rate limiter, retries
 * temporary failures and follows redirects. It reports every other failure as a {@link RequestException}. Safe for
 * concurrent use; blocks the calling thread.
 *
 * <p>Every request has the header {@code accept-encoding: gzip} unless the call sets another value. The client does not
 * decode bodies; it returns them as received.
 *
 * <p>The client follows redirects (301, 302, 303, 307, 308), at most 10 per call, and never from https to http. When a
 * redirect leaves the first origin, the client drops the credentials and the caller's own headers. It keeps only
 * headers that do not identify the caller: accept and its variants, conditions, range, content type and user agent.
 *
 * <p>The trace header is that of the JavaScript project's client, {@code x-trace-id}. Its value is 16 random hex digits
 * for the client and a number for the call, the same for all attempts of one call. An operator can therefore
 * distinguish one run from another, and a retry from a new request.
 */
public final class BaseHttpClient implements AutoCloseable {

    static final int MAX_REDIRECTS = 10;

    final HttpTransport transport;
    final Credentials credentials;
    final Set<String> secrets;
    final HostLimiters limiters;
    final Timeouts timeouts;
    final RetryPolicy retry;
    final String userAgent;
    final String traceHeader;
    final boolean credentialsOverHttp;
    final HttpListener listener;
    final Supplier<Optional<String>> traceparent;
    final Time time;
    final DoubleSupplier random;

    private final boolean ownsTransport;
    private final String session;
    private final AtomicLong calls = new AtomicLong();

    private BaseHttpClient(Builder builder) {
        this.ownsTransport = builder.transport == null;
        this.transport = builder.transport != null
                ? builder.transport
                : HttpTransports.create(TransportOptions.builder()
                        .npmConfig(builder.npmConfig)
                        .connectTimeout(builder.timeouts.connect())
                        .build());
        this.credentials = builder.credentials != null ? builder.credentials : builder.npmConfig;
        this.secrets = builder.npmConfig.secrets();
        this.limiters = builder.limiters;
        this.timeouts = builder.timeouts;
        this.retry = builder.retry;
        this.userAgent = builder.userAgent;
        this.traceHeader = builder.traceHeader;
        this.credentialsOverHttp = builder.credentialsOverHttp || builder.npmConfig.allowsCredentialsOverHttp();
        this.listener = GuardedHttpListener.of(builder.listener);
        this.traceparent = builder.traceparent;
        this.time = builder.time;
        this.random = builder.random;
        byte[] id = new byte[8];
        new SecureRandom().nextBytes(id);
        this.session = HexFormat.of().formatHex(id);
    }

    /** Returns a builder in which every option has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Sends {@code call} and reads the response. Failed attempts are retried as the retry policy allows.
     *
     * @throws AuthException on 401, and on 403 unless the call accepts it; also when credentials would go over plain
     *     http to another machine
     * @throws TemporaryException when every attempt was throttled, failed with a 5xx status, timed out or was cut off
     * @throws PermanentException on any other status that is not accepted
     * @throws OperationInterruptedException when the thread was interrupted; its interrupt flag is set again
     */
    public <T> T send(ClientRequest call, ResponseReader<T> reader) {
        return new Exchange<>(this, call, reader, (address, redirected) -> {}, false, nextTrace()).run();
    }

    /**
     * Sends {@code call} as {@link #send} does and returns the response while its body is still arriving, for a caller
     * that streams the body. Failures while the body is read are not retried. The timeout of the call covers the body
     * too.
     *
     * @param check may refuse the address of the call and of each redirect
     * @return the response, whose body the caller must close, on any thread
     * @throws RuntimeException what {@code check} throws, and what {@link #send} throws
     */
    public ClientResponse open(ClientRequest call, AddressCheck check) {
        return new Exchange<>(this, call, reply -> reply, check, true, nextTrace()).run();
    }

    private String nextTrace() {
        return session + "-" + calls.incrementAndGet();
    }

    /** Returns the limiter of the host of {@code uri}. */
    public HostLimiter limiter(URI uri) {
        return limiters.of(uri);
    }

    /** Closes the transport, unless it was passed to the builder. Calls in progress may finish. */
    @Override
    public void close() {
        if (ownsTransport) {
            transport.close();
        }
    }

    /**
     * Builds a client. Every option has a default, and nothing is read from the environment of the process. A transport
     * or limiters that are passed in are shared and not closed.
     */
    public static final class Builder {
        private @Nullable HttpTransport transport;
        private @Nullable Credentials credentials;
        private NpmConfig npmConfig = NpmConfig.empty();
        private HostLimiters limiters = HostLimiters.shared();
        private Timeouts timeouts = Timeouts.defaults();
        private RetryPolicy retry = RetryPolicy.defaults();
        private String userAgent = defaultUserAgent();
        private String traceHeader = "x-trace-id";
        private boolean credentialsOverHttp;
        private HttpListener listener = HttpListener.NONE;
        private Supplier<Optional<String>> traceparent = Optional::empty;
        private Time time = Time.SYSTEM;
        private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

        private Builder() {}

        /**
         * Sets the npm configuration, which holds credentials, proxies, certificate authorities and client
         * certificates. {@link #credentials} and {@link #transport} take precedence over it. Default: an empty
         * configuration.
         */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = config;
            return this;
        }

        /**
         * Sets the transport. A transport that is passed in keeps its own proxies and connect timeout. Default: the one
         * that the npm configuration's variable {@code HTTP_TRANSPORT} names, else a {@link JdkTransport}; over
         * HTTP/1.1, with the npm configuration.
         */
        public Builder transport(HttpTransport transport) {
            this.transport = transport;
            return this;
        }

        /** Sets the credentials. Default: those of the npm configuration. */
        public Builder credentials(Credentials credentials) {
            this.credentials = credentials;
            return this;
        }

        /**
         * Sets whether credentials may be sent over plain http to a host other than this machine. Default: false, so
         * that such calls fail before anything is sent, unless the npm configuration was loaded with the variable
         * {@code NPM_CREDENTIALS_OVER_HTTP=true}.
         */
        public Builder allowCredentialsOverHttp(boolean allowed) {
            this.credentialsOverHttp = allowed;
            return this;
        }

        /** Sets the limiters. Default: {@link HostLimiters#shared()}. */
        public Builder limiters(HostLimiters limiters) {
            this.limiters = limiters;
            return this;
        }

        /** Sets the timeouts of an attempt. Default: {@link Timeouts#defaults()}. */
        public Builder timeouts(Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /** Sets the retry policy. Default: {@link RetryPolicy#defaults()}. */
        public Builder retry(RetryPolicy policy) {
            this.retry = policy;
            return this;
        }

        /**
         * Sets the user agent: a product and a contact that the origin's operators can reach, as the crawling policies
         * of registries require. Default: {@code all-docs-java/} and the version.
         *
         * @throws IllegalArgumentException if it is blank or cannot be sent in a header
         */
        public Builder userAgent(String userAgent) {
            if (userAgent.isBlank()) {
                throw new IllegalArgumentException("The user agent must not be blank.");
            }
            Headers.check("user-agent", userAgent);
            this.userAgent = userAgent;
            return this;
        }

        /**
         * Sets the user agent to the default product followed by {@code (+contact)}. At this address, operators of an
         * origin can reach the person who runs this client.
         */
        public Builder contact(URI contact) {
            return userAgent(defaultUserAgent() + " (+" + contact.toASCIIString() + ")");
        }

        /**
         * Sets the name of the trace header. Default: {@code x-trace-id}.
         *
         * @throws IllegalArgumentException if it is not a header name
         */
        public Builder traceHeader(String name) {
            Headers.check(name, "");
            this.traceHeader = name;
            return this;
        }

        /**
         * Sets the listener, which receives the client's requests and their outcomes. Default:
         * {@link HttpListener#NONE}.
         */
        public Builder listener(HttpListener listener) {
            this.listener = listener;
            return this;
        }

        /**
         * Sends the header {@code traceparent} of W3C Trace Context (https://www.w3.org/TR/trace-context/) with each
         * request to the first origin of a call, if {@code current} returns a value. The client calls {@code current}
         * for each request, on the thread that sends it. Default: the header is not sent.
         */
        public Builder traceparent(Supplier<Optional<String>> current) {
            this.traceparent = current;
            return this;
        }

        Builder time(Time time) {
            this.time = time;
            return this;
        }

        Builder random(DoubleSupplier random) {
            this.random = random;
            return this;
        }

        /**
         * Returns a new client.
         *
         * @throws IllegalArgumentException under the conditions of {@link HttpTransports#create}, if no transport was
         *     passed in
         */
        public BaseHttpClient build() {
            return new BaseHttpClient(this);
        }

        private static String defaultUserAgent() {
            String version = BaseHttpClient.class.getPackage().getImplementationVersion();
            return "all-docs-java/" + (version == null ? "dev" : version);
        }
    }
}
