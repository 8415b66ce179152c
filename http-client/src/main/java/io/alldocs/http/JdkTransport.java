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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's HTTP client as a wire. One {@link HttpClient}, so one pool of connections, for all calls; redirects off,
 * cookies off. Its callbacks only queue buffers, so they run on its own selector thread and no pool of threads is
 * needed. Safe for concurrent use.
 *
 * <p>The number of connections is the number of calls at a time: the JDK has no bound of its own on HTTP/1.1.
 * Keep-alive of idle connections is the system property {@code jdk.httpclient.keepalive.timeout} (seconds, 1200 on JDK
 * 17), which the JDK reads once: a program sets it to 30 on its command line.
 *
 * <p>Over HTTP/2 the JDK opens one connection to a host and fails, rather than queues, what exceeds the server's limit
 * of streams (JDK-8225647), commonly 100. Before 17.0.17 and 24 it also loses requests when a server ends a connection
 * (JDK-8335181); they are retried.
 */
public final class JdkTransport implements HttpTransport {

    /**
     * From JDK 26 on {@code HttpRequest.timeout} covers the body as well (JDK-8208693), so a stall bound there would
     * cut long bodies.
     */
    private static final boolean TIMEOUT_ENDS_AT_HEADERS = Runtime.version().feature() < 26;

    /**
     * With so many threads that hang ({@link #stuckThreads}), all transports of this class refuse to send until the
     * process is restarted.
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

    /** Returns a new transport with the default options, to be closed by the caller. */
    public static JdkTransport create() {
        return of(TransportOptions.of(NpmConfig.empty()));
    }

    /**
     * Returns a new transport, to be closed by the caller.
     *
     * @throws IllegalArgumentException if the npm configuration names a proxy, certificate or key that cannot be used;
     *     the message names the setting and where it comes from
     */
    public static JdkTransport of(TransportOptions options) {
        return new JdkTransport(options);
    }

    /** @throws IllegalStateException if this transport was closed */
    @Override
    public HttpReply send(HttpCall call, Timeouts timeouts) throws IOException, InterruptedException {
        Deadline deadline = Deadline.in(timeouts.request());
        takeStream(deadline);
        Sending sending = null;
        boolean answered = false;
        try {
            sending = new Sending(call, clients.get());
            HttpResponse<InputStream> response = exchange(sending, timeouts, deadline);
            answered = true;
            return new HttpReply(
                    response.statusCode(),
                    call.uri(),
                    response.headers(),
                    body(call, response),
                    Headers.contentLength(response.headers()));
        } catch (ProxyException | LostClientException e) {
            throw e;
        } catch (IOException e) {
            if (answered) {
                throw e;
            }
            Objects.requireNonNull(sending).failed();
            throw proxy.explain(call.uri(), e);
        } finally {
            if (sending == null) {
                returnStream();
            } else if (!answered) {
                sending.released();
            }
        }
    }

    /** A 407 is the proxy's; of one for a tunnel the JDK's client has no body. */
    private void refuseProxys(HttpCall call, HttpResponse<InputStream> response) throws IOException {
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

    private HttpResponse<InputStream> exchange(Sending sending, Timeouts timeouts, Deadline deadline)
            throws IOException, InterruptedException {
        HttpCall call = sending.call;
        Duration left = Duration.ofNanos(Math.max(1, deadline.nanosLeft()));
        boolean stallIsNearer = TIMEOUT_ENDS_AT_HEADERS
                && call.body() == null
                && timeouts.stall().compareTo(left) < 0;
        Duration bound = stallIsNearer ? timeouts.stall() : left;
        AtomicReference<HttpHeaders> received = new AtomicReference<>();
        BodyHandler<InputStream> body = head -> {
            received.set(head.headers());
            return new BodyStream(
                    deadline, timeouts.stall().toNanos(), bodyLength(call, head), sending.client.watch(), sending);
        };
        try {
            HttpRequest request = request(call, proxy.authorization(call.uri()), bound);
            HttpResponse<InputStream> response =
                    SendWatch.SHARED.send(sending.client, request, body, bound, sending::lost);
            refuseProxys(call, response);
            return response;
        } catch (RuntimeException e) {
            // What the JDK's client throws when it cannot make sense of an answer: NumberFormatException,
            // NullPointerException and others.
            throw (IOException) new ProtocolException(Optional.ofNullable(received.get())
                            .flatMap(Headers::brokenFraming)
                            .orElse("An answer that the JDK's client cannot read: " + e))
                    .initCause(e);
        } catch (HttpConnectTimeoutException e) {
            throw e;
        } catch (HttpTimeoutException e) {
            if (!stallIsNearer) {
                throw e;
            }
            throw (IOException) new StallTimeoutException(
                            "No answer came for " + timeouts.stall().toMillis() + " ms.")
                    .initCause(e);
        }
    }

    private static HttpRequest request(HttpCall call, @Nullable String proxyAuthorization, Duration timeout) {
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

    /** The JDK's client gives on what an HTTP/2 server sends where no body is allowed. */
    private static InputStream body(HttpCall call, HttpResponse<InputStream> response) throws IOException {
        if (response.version() == HttpClient.Version.HTTP_1_1 || !isBodiless(call, response.statusCode())) {
            return response.body();
        }
        response.body().close();
        return InputStream.nullInputStream();
    }

    /** RFC 9110 §6.4.1. */
    private static boolean isBodiless(HttpCall call, int status) {
        return call.method().equals("HEAD") || status == 204 || status == 304;
    }

    /** How many bytes the body must have; a declared length speaks of no body here where none is allowed. */
    private static OptionalLong bodyLength(HttpCall call, HttpResponse.ResponseInfo head) {
        return isBodiless(call, head.statusCode()) ? OptionalLong.empty() : Headers.contentLength(head.headers());
    }

    /** Waits for one of the bounded HTTP/2 streams. */
    private void takeStream(Deadline deadline) throws IOException, InterruptedException {
        if (streams != null && !streams.tryAcquire(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
            throw new HttpTimeoutException("No HTTP/2 stream was free for " + deadline + ".");
        }
    }

    private void returnStream() {
        if (streams != null) {
            streams.release();
        }
    }

    /** One exchange, with the client that serves it. */
    private final class Sending implements BodyStream.Owner {
        final HttpCall call;
        final JdkClients.Watched client;
        private final AtomicBoolean released = new AtomicBoolean();

        Sending(HttpCall call, JdkClients.Watched client) {
            this.call = call;
            this.client = client;
            if (streams != null) {
                client.watch().begin();
            }
        }

        @Override
        public void lost() {
            clients.giveUp(client, call.uri());
        }

        /** A connection of HTTP/1.1 ends with its exchange that failed; one of HTTP/2 would be used further. */
        @Override
        public void failed() {
            if (streams != null) {
                clients.replace(client);
            }
        }

        @Override
        public void released() {
            if (streams != null && released.compareAndSet(false, true)) {
                client.watch().end();
                returnStream();
            }
        }
    }

    /**
     * Takes no further calls and lets the JDK's client go; its idle connections end with it. Bodies that are being read
     * may be read on.
     */
    @Override
    public void close() {
        clients.close();
    }

    /**
     * How many selector threads of given-up clients hang now, in the whole process: 0 when all is well. They take a CPU
     * core each.
     */
    public static int stuckThreads() {
        return JdkClients.stuckThreads();
    }

    /**
     * Returns the number of clients of the JDK's that this process gave up, because their selector thread no longer
     * reacted.
     */
    public static long givenUpClients() {
        return JdkClients.givenUp();
    }
}
