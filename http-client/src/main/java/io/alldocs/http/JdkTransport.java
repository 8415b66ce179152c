package io.alldocs.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A transport that uses the JDK's HTTP client. It uses one {@link HttpClient}, and therefore one connection pool, for
 * all calls; redirects and cookies are off. Its callbacks only queue buffers, so they run on the client's selector
 * thread and need no thread pool. Safe for concurrent use.
 *
 * <p>The number of connections equals the number of concurrent calls: the JDK does not limit HTTP/1.1 connections. The
 * system property {@code jdk.httpclient.keepalive.timeout} sets the keep-alive time of idle connections (seconds, 1200
 * on JDK 17). The JDK reads it once, so set it on the command line of the program, for example to 30.
 *
 * <p>Over HTTP/2 the JDK opens one connection to a host. It fails requests that exceed the server's stream limit,
 * commonly 100, instead of queueing them (JDK-8225647). Before 17.0.17 and 24 it also loses requests when a server ends
 * a connection (JDK-8335181); they are retried.
 */
public final class JdkTransport implements HttpTransport {

    /**
     * From JDK 26 on, {@code HttpRequest.timeout} also covers the body (JDK-8208693), so a stall timeout set there
     * would cut off long bodies.
     */
    private static final boolean TIMEOUT_ENDS_AT_HEADERS = Runtime.version().feature() < 26;

    /**
     * The number of stuck threads ({@link #stuckThreads}) at which all transports of this class refuse to send until
     * the process is restarted.
     */
    public static final int MAX_STUCK_THREADS = 3;

    static {
        ParserChecks.enable();
    }

    private final @Nullable Semaphore streams;
    private final ProxyDiagnosis proxy;
    private final JdkClients clients;

    private JdkTransport(TransportOptions options) {
        int maxStreams = options.http2Streams();
        HttpClient.Builder http = HttpClient.newBuilder()
                .version(maxStreams > 0 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(options.connectTimeout());
        options.sslContext().ifPresent(http::sslContext);
        this.proxy = options.proxies(true);
        proxy.chosen().ifPresent(http::proxy);
        this.streams = maxStreams > 0 ? new Semaphore(maxStreams, true) : null;
        this.clients = new JdkClients(http);
    }

    /** Returns a new transport with the default options, which the caller must close. */
    public static JdkTransport create() {
        return of(TransportOptions.of(NpmConfig.empty()));
    }

    /**
     * Returns a new transport, which the caller must close.
     *
     * @throws IllegalArgumentException if the npm configuration names a proxy, certificate or key that cannot be used;
     *     the message names the setting and its source
     */
    public static JdkTransport of(TransportOptions options) {
        return new JdkTransport(options);
    }

    /** @throws IllegalStateException if this transport was closed */
    @Override
    public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
        Deadline deadline = Deadline.in(timeouts.request());
        try (ProxyDiagnosis.Use use = proxy.use(call.uri())) {
            return send(call, timeouts, deadline, use);
        }
    }

    private ClientResponse send(ClientRequest call, Timeouts timeouts, Deadline deadline, ProxyDiagnosis.Use use)
            throws IOException, InterruptedException {
        takeStream(deadline);
        JdkClients.Watched client = null;
        Sending sending = null;
        boolean answered = false;
        try {
            client = clients.get();
            sending = new Sending(call, client);
            HttpResponse<InputStream> response = exchange(sending, client, use.authorization(), timeouts, deadline);
            answered = true;
            use.accepted();
            return new ClientResponse(
                    response.statusCode(),
                    call.uri(),
                    response.headers(),
                    body(call, response),
                    Headers.contentLength(response.headers()));
        } catch (ProxyException | HungClientException e) {
            throw e;
        } catch (IOException e) {
            if (answered) {
                throw e;
            }
            replace(Objects.requireNonNull(client));
            throw proxy.explain(call.uri(), e);
        } finally {
            if (sending == null) {
                returnStream();
            } else if (!answered) {
                sending.released();
            }
        }
    }

    /** Throws if the proxy in use sent a 407. The JDK's client provides no body for a 407 to a tunnel request. */
    private void refuseProxys(ClientRequest call, HttpResponse<InputStream> response) throws IOException {
        if (response.statusCode() != 407) {
            return;
        }
        Optional<IOException> refusal = proxy.refusal(call.uri(), response.statusCode());
        if (refusal.isPresent()) {
            if (response.body() != null) {
                response.body().close();
            }
            throw refusal.get();
        }
    }

    private HttpResponse<InputStream> exchange(
            Sending sending,
            JdkClients.Watched client,
            @Nullable String proxyAuthorization,
            Timeouts timeouts,
            Deadline deadline)
            throws IOException, InterruptedException {
        SelectorWatch watch = client.watch();
        ClientRequest call = sending.call;
        Duration left = Duration.ofNanos(Math.max(1, deadline.nanosLeft()));
        boolean stallIsNearer = TIMEOUT_ENDS_AT_HEADERS
                && call.body() == null
                && timeouts.stall().compareTo(left) < 0;
        Duration bound = stallIsNearer ? timeouts.stall() : left;
        AtomicReference<HttpHeaders> received = new AtomicReference<>();
        BodyHandler<InputStream> body = head -> {
            received.set(head.headers());
            return new BodyStream(deadline, timeouts.stall().toNanos(), bodyLength(call, head), watch, sending);
        };
        try {
            HttpRequest request = request(call, proxyAuthorization, bound);
            HttpResponse<InputStream> response = SendWatch.SHARED.send(client, request, body, bound, sending::lost);
            refuseProxys(call, response);
            return response;
        } catch (RuntimeException e) {
            // The JDK's client throws these when it cannot parse a response: NumberFormatException,
            // NullPointerException and others.
            throw (IOException) new ProtocolException(Optional.ofNullable(received.get())
                            .flatMap(Headers::brokenFraming)
                            .orElse("The JDK's client cannot parse the response: " + e))
                    .initCause(e);
        } catch (HttpConnectTimeoutException e) {
            throw e;
        } catch (HttpTimeoutException e) {
            if (!stallIsNearer) {
                throw e;
            }
            throw (IOException) new StallTimeoutException(
                            "No response arrived within " + timeouts.stall().toMillis() + " ms.")
                    .initCause(e);
        }
    }

    private static HttpRequest request(ClientRequest call, @Nullable String proxyAuthorization, Duration timeout) {
        HttpRequest.Builder request = HttpRequest.newBuilder(call.uri())
                .timeout(timeout)
                .method(
                        call.method(),
                        call.body() == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(call.body()));
        call.headers().forEach(request::setHeader);
        if (proxyAuthorization != null) {
            request.setHeader("proxy-authorization", proxyAuthorization);
        }
        return request.build();
    }

    /** Returns the body. The JDK's client passes on bytes that an HTTP/2 server sends where no body is allowed. */
    private static InputStream body(ClientRequest call, HttpResponse<InputStream> response) throws IOException {
        if (response.version() == HttpClient.Version.HTTP_1_1 || !isBodiless(call, response.statusCode())) {
            return response.body();
        }
        response.body().close();
        return InputStream.nullInputStream();
    }

    /** Returns whether the response has no body, RFC 9110 §6.4.1. */
    private static boolean isBodiless(ClientRequest call, int status) {
        return call.method().equals("HEAD") || status == 204 || status == 304;
    }

    /**
     * Returns the number of bytes that the body must have. Where no body is allowed, a declared length does not
     * describe this body.
     */
    private static OptionalLong bodyLength(ClientRequest call, HttpResponse.ResponseInfo head) {
        return isBodiless(call, head.statusCode()) ? OptionalLong.empty() : Headers.contentLength(head.headers());
    }

    /** Waits for one of the limited HTTP/2 streams. */
    private void takeStream(Deadline deadline) throws IOException, InterruptedException {
        if (streams != null && !streams.tryAcquire(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
            throw new HttpTimeoutException("No HTTP/2 stream became available within " + deadline + ".");
        }
    }

    private void returnStream() {
        if (streams != null) {
            streams.release();
        }
    }

    /**
     * Replaces the client over HTTP/2, because its connection would be reused. An HTTP/1.1 connection ends with its
     * failed exchange.
     */
    private void replace(JdkClients.Watched client) {
        if (streams != null) {
            clients.replace(client);
        }
    }

    /**
     * One exchange and the client that serves it. An idle connection in the client's pool keeps a reference to its last
     * exchange. The exchange must therefore not refer to the client after its end, because the JDK stops a client only
     * when nothing refers to it.
     */
    private final class Sending implements BodyStream.Owner {
        final ClientRequest call;
        private final AtomicReference<JdkClients.@Nullable Watched> client;

        Sending(ClientRequest call, JdkClients.Watched client) {
            this.call = call;
            this.client = new AtomicReference<>(client);
            if (streams != null) {
                client.watch().begin();
            }
        }

        @Override
        public void lost() {
            JdkClients.Watched used = client.get();
            if (used != null) {
                clients.giveUp(used, call.uri());
            }
        }

        @Override
        public void failed() {
            JdkClients.Watched used = client.get();
            if (used != null) {
                replace(used);
            }
        }

        @Override
        public void released() {
            JdkClients.Watched used = client.getAndSet(null);
            if (streams != null && used != null) {
                used.watch().end();
                returnStream();
            }
        }
    }

    /**
     * Refuses further calls and releases the JDK's client; its idle connections are closed. Bodies in progress can be
     * read to their end.
     */
    @Override
    public void close() {
        clients.close();
    }

    /**
     * Returns the number of selector threads of given-up clients that currently hang in the whole process; 0 in normal
     * operation. Each of them uses a CPU core.
     */
    public static int stuckThreads() {
        return JdkClients.stuckThreads();
    }

    /**
     * Returns the number of JDK clients that this process gave up because their selector thread no longer responded.
     */
    public static long abandonedClients() {
        return JdkClients.givenUp();
    }
}
