package io.alldocs.http;

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
 * Sends requests: adds credentials and the trace header, pays the host's limiter, retries what is temporary, follows
 * redirects, and turns what is left into a {@link RequestException}. Safe for concurrent use; blocks the calling
 * thread.
 *
 * <p>Every request carries {@code accept-encoding: gzip} unless the call says otherwise, and the body is handed on as
 * it came: nothing is decoded here.
 *
 * <p>Redirects (301, 302, 303, 307, 308) are followed, 10 at most, never from https to http. Beyond the first origin no
 * credentials and none of the caller's own headers but the harmless ones (accept and its kin, conditions, range,
 * content type, user agent) go along.
 *
 * <p>The trace header is that of the JavaScript project's client, {@code x-trace-id}. Its value is 16 random hex digits
 * for the client and a number for the call, the same for all attempts of one call: an operator can tell one run from
 * another, and a retry from a new request.
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
        this.listener = builder.listener;
        this.traceparent = builder.traceparent;
        this.time = builder.time;
        this.random = builder.random;
        byte[] id = new byte[8];
        new SecureRandom().nextBytes(id);
        this.session = HexFormat.of().formatHex(id);
    }

    /** A builder in which everything has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Sends {@code call} and reads the answer, as often as the retry policy allows.
     *
     * @throws AuthException on 401, and on 403 unless the call accepts it; also when credentials would go over plain
     *     http to another machine
     * @throws TemporaryException when every attempt was throttled, refused by a 5xx, timed out or cut
     * @throws PermanentException on any other status that is not accepted
     * @throws CancelledException when the thread was interrupted; its interrupt flag is set again
     */
    public <T> T send(HttpCall call, ReplyReader<T> reader) {
        return new Exchange<>(this, call, reader, (address, redirected) -> {}, false, nextTrace()).run();
    }

    /**
     * Sends {@code call} as {@link #send} does and returns the answer while its body is still arriving, for a caller
     * that hands the bytes on. What happens to the body after that is not retried. The timeout of the call covers the
     * body too.
     *
     * @param check may refuse the address of the call and of each redirect
     * @return the answer, whose body the caller closes, in whatever thread
     * @throws RuntimeException what {@code check} throws, and what {@link #send} throws
     */
    public HttpReply open(HttpCall call, AddressCheck check) {
        return new Exchange<>(this, call, reply -> reply, check, true, nextTrace()).run();
    }

    private String nextTrace() {
        return session + "-" + calls.incrementAndGet();
    }

    /** The limiter of the host of {@code uri}. */
    public HostLimiter limiter(URI uri) {
        return limiters.of(uri);
    }

    /** Closes the transport, unless it was given to the builder. Calls under way may finish. */
    @Override
    public void close() {
        if (ownsTransport) {
            transport.close();
        }
    }

    /** Everything has a default; a transport or limiters that were given are shared and not closed. */
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
         * Credentials, proxies, certificate authorities and client certificates. Where {@link #credentials} or a
         * {@link #transport} is given, that one counts. Default: none of these.
         */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = config;
            return this;
        }

        /**
         * Default: the one that the npm configuration's variable {@code HTTP_TRANSPORT} names, else a
         * {@link JdkTransport}; over HTTP/1.1, with the npm configuration. One that is given keeps its own proxies and
         * connect timeout.
         */
        public Builder transport(HttpTransport transport) {
            this.transport = transport;
            return this;
        }

        /** Default: those of the npm configuration. */
        public Builder credentials(Credentials credentials) {
            this.credentials = credentials;
            return this;
        }

        /**
         * Whether credentials may go over plain http to a host that is not this machine. Default: false, such calls
         * fail before anything is sent, unless the npm configuration was loaded with the variable
         * {@code NPM_CREDENTIALS_OVER_HTTP=true}.
         */
        public Builder allowCredentialsOverHttp(boolean allowed) {
            this.credentialsOverHttp = allowed;
            return this;
        }

        /** Default: {@link HostLimiters#shared()}. */
        public Builder limiters(HostLimiters limiters) {
            this.limiters = limiters;
            return this;
        }

        /** Default: {@link Timeouts#defaults()}. */
        public Builder timeouts(Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /** Default: {@link RetryPolicy#defaults()}. */
        public Builder retry(RetryPolicy policy) {
            this.retry = policy;
            return this;
        }

        /**
         * A product and contact that the origin's operators can reach, as registries' crawling policies ask. Default:
         * {@code all-docs-java/} and the version.
         *
         * @throws IllegalArgumentException if it is blank or cannot be sent in a header
         */
        public Builder userAgent(String userAgent) {
            if (userAgent.isBlank()) {
                throw new IllegalArgumentException("The user agent is blank.");
            }
            Headers.check("user-agent", userAgent);
            this.userAgent = userAgent;
            return this;
        }

        /**
         * The default's product followed by {@code (+contact)}, an address where the operators of an origin find
         * whoever runs this.
         */
        public Builder contact(URI contact) {
            return userAgent(defaultUserAgent() + " (+" + contact.toASCIIString() + ")");
        }

        /**
         * Name of the trace header. Default: {@code x-trace-id}.
         *
         * @throws IllegalArgumentException if it is not a header name
         */
        public Builder traceHeader(String name) {
            Headers.check(name, "");
            this.traceHeader = name;
            return this;
        }

        /** Receives what the client sends and what comes back. Default: {@link HttpListener#NONE}. */
        public Builder listener(HttpListener listener) {
            this.listener = listener;
            return this;
        }

        /**
         * Sends the header {@code traceparent} of W3C Trace Context (https://www.w3.org/TR/trace-context/) with each
         * request to the first origin of a call, where {@code current} has a value. Called for each request, on the
         * thread that sends it. Default: none is sent.
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
         * A client that is ready.
         *
         * @throws IllegalArgumentException as {@link HttpTransports#create} throws it, where no transport was given
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
