package io.alldocs.http.okhttp;

import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.Headers;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.JdkTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.ProxyDiagnosis;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.Challenge;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.Route;
import org.jspecify.annotations.Nullable;

/**
 * A transport that uses OkHttp. It uses one connection pool for all calls; redirects, cookies, compression and retries
 * are off. The calling thread reads and writes the sockets; an OkHttp watchdog closes them when a timeout expires. Safe
 * for concurrent use.
 *
 * <p>Proxy passwords require no system property. Header fields are read and written as UTF-8. Requests that OkHttp
 * cannot send unchanged are sent by a {@link JdkTransport} with the same settings. These are requests whose address has
 * {@code '} in the query, dot segments or non-ASCII characters, and GET or HEAD requests with a body. The connect
 * timeout applies to each address of a host.
 *
 * <p>Over HTTP/2, OkHttp opens another connection when the server's stream limit is reached.
 */
public final class OkHttpTransport implements HttpTransport {

    private static final int IDLE_CONNECTIONS = 512;
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    private final OkHttpClient client;
    private final ProxyDiagnosis proxies;
    private final TransportOptions options;
    private final @Nullable Semaphore streams;
    private volatile boolean closed;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable JdkTransport other;

    private OkHttpTransport(TransportOptions options) {
        this.options = options;
        this.proxies = options.proxies();
        this.streams = options.http2Streams() > 0 ? new Semaphore(options.http2Streams(), true) : null;
        SSLSocketFactory tls =
                options.sslContext().map(SSLContext::getSocketFactory).orElseGet(LazyTls::new);
        OkHttpClient.Builder http = new OkHttpClient.Builder()
                .protocols(streams == null ? List.of(Protocol.HTTP_1_1) : List.of(Protocol.HTTP_2, Protocol.HTTP_1_1))
                .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS))
                .connectionSpecs(List.of(asTheContextSays(), ConnectionSpec.CLEARTEXT))
                .sslSocketFactory(tls, LazyTls.NOT_ASKED)
                .socketFactory(new BoundedSockets())
                .proxySelector(proxies.selector())
                .proxyAuthenticator(this::authenticate)
                .followRedirects(false)
                .followSslRedirects(false)
                .connectTimeout(Attempt.millis(options.connectTimeout().toMillis()), TimeUnit.MILLISECONDS)
                .writeTimeout(0, TimeUnit.MILLISECONDS) // the timeout of the whole call covers it
                .eventListenerFactory(
                        call -> java.util.Objects.requireNonNull(call.request().tag(Attempt.class)))
                .addInterceptor(RawExchange::bounded)
                .addNetworkInterceptor(RawExchange::unchanged);
        if (options.acceptsAnyServer()) {
            http.hostnameVerifier((host, session) -> true);
        }
        this.client = http.build();
    }

    /** Uses the TLS versions and cipher suites that the JVM is configured with, instead of OkHttp's selection. */
    private static ConnectionSpec asTheContextSays() {
        return new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
                .allEnabledTlsVersions()
                .allEnabledCipherSuites()
                .build();
    }

    /** Returns a new transport with the default options, which the caller must close. */
    public static OkHttpTransport create() {
        return of(TransportOptions.of(NpmConfig.empty()));
    }

    /**
     * Returns a new transport, which the caller must close.
     *
     * @throws IllegalArgumentException if the npm configuration names a proxy, certificate or key that cannot be used;
     *     the message names the setting and where it comes from
     */
    public static OkHttpTransport of(TransportOptions options) {
        return new OkHttpTransport(options);
    }

    /** @throws IllegalStateException if this transport was closed */
    @Override
    public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
        if (closed) {
            throw new IllegalStateException("The transport is closed.");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        HttpUrl url = HttpUrl.parse(call.uri().toString());
        if (url == null || !isExact(url, call.uri()) || (call.body() != null && isBodiless(call.method()))) {
            return other().send(call, timeouts);
        }
        long start = System.nanoTime();
        try (ProxyDiagnosis.Use use = proxies.use(call.uri())) {
            ClientResponse reply = send(url, call, timeouts, start);
            use.accepted();
            return reply;
        }
    }

    private ClientResponse send(HttpUrl url, ClientRequest call, Timeouts timeouts, long start)
            throws IOException, InterruptedException {
        Semaphore bound = streams;
        if (bound != null && !bound.tryAcquire(timeouts.request().toNanos(), TimeUnit.NANOSECONDS)) {
            throw new HttpTimeoutException("No HTTP/2 stream became available within "
                    + timeouts.request().toMillis() + " ms.");
        }
        Attempt attempt = new Attempt(call, timeouts, start, bound == null ? () -> {} : bound::release);
        boolean answered = false;
        try {
            ClientResponse reply = reply(call, attempt, answer(url, call, attempt));
            answered = true;
            return reply;
        } finally {
            if (!answered) {
                attempt.cancel();
                attempt.end();
            }
        }
    }

    private Response answer(HttpUrl url, ClientRequest call, Attempt attempt) throws IOException, InterruptedException {
        okhttp3.Call wire = client.newCall(request(url, call, attempt));
        attempt.enter();
        try {
            attempt.begin(wire);
            return wire.execute();
        } catch (IOException e) {
            if (attempt.wasInterrupted()) {
                throw interrupted(e);
            }
            IOException meaning = attempt.beforeTheAnswer(e);
            throw proxies.explain(call.uri(), meaning);
        } catch (RuntimeException e) {
            throw (IOException) new ProtocolException("OkHttp cannot parse the response: " + e).initCause(e);
        } finally {
            attempt.leave();
        }
    }

    private static InterruptedException interrupted(Exception cause) {
        Thread.interrupted(); // the exception reports it now
        InterruptedException thrown = new InterruptedException("Interrupted while waiting for the response.");
        thrown.initCause(cause);
        return thrown;
    }

    private Request request(HttpUrl url, ClientRequest call, Attempt attempt) throws IOException {
        okhttp3.Headers.Builder headers = new okhttp3.Headers.Builder();
        call.headers().forEach(headers::addUnsafeNonAscii);
        if (!attempt.namesEncoding()) {
            // otherwise OkHttp requests gzip and decodes it; this header is not sent
            headers.add("Accept-Encoding", "identity");
        }
        if (!url.isHttps()) {
            String authorization = proxies.authorization(call.uri());
            if (authorization != null) {
                headers.set("Proxy-Authorization", authorization);
            }
        }
        byte[] body = call.body();
        boolean needsBody = switch (call.method()) {
            case "POST", "PUT", "PATCH", "PROPPATCH", "REPORT", "QUERY" -> true;
            default -> false;
        };
        return new Request.Builder()
                .url(url)
                .headers(headers.build())
                .method(
                        call.method(),
                        body != null ? RequestBody.create(body) : needsBody ? RequestBody.create(new byte[0]) : null)
                .tag(Attempt.class, attempt)
                .build();
    }

    private ClientResponse reply(ClientRequest call, Attempt attempt, Response response) throws IOException {
        boolean handedOn = false;
        try {
            int status = attempt.status();
            if (status == 407) {
                Optional<IOException> refusal = proxies.refusal(call.uri(), status);
                if (refusal.isPresent()) {
                    throw refusal.get();
                }
            }
            List<Map.Entry<String, String>> fields =
                    new ArrayList<>(response.headers().size());
            response.headers().forEach(field -> fields.add(Map.entry(field.getFirst(), field.getSecond())));
            HttpHeaders headers = Headers.received(fields);
            OptionalLong declared = Headers.contentLength(headers);
            InputStream body = body(call, attempt, response, declared);
            handedOn = true;
            return new ClientResponse(status, call.uri(), headers, body, declared);
        } finally {
            if (!handedOn) {
                attempt.cancel();
                response.close();
            }
        }
    }

    /**
     * Returns the body. In responses to HEAD and in 204 and 304, a declared length does not describe this body (RFC
     * 9110 §6.4.1). For 204 and 304, OkHttp would wait for a body.
     */
    private static InputStream body(ClientRequest call, Attempt attempt, Response response, OptionalLong declared) {
        int status = attempt.status();
        if (call.method().equals("HEAD") || status == 204 || status == 304) {
            if (response.body().contentLength() != 0) {
                attempt.cancel();
            }
            response.close();
            attempt.end();
            return InputStream.nullInputStream();
        }
        if (attempt.hasBody()) {
            response.body().source().timeout().timeout(attempt.stallMillis(), TimeUnit.MILLISECONDS);
        }
        return new ReplyBody(attempt, response, declared);
    }

    /**
     * Returns the CONNECT request with credentials for the proxy; null if there are none. If the proxy refused the
     * request, an exception is thrown here, because OkHttp reports the refusal only as text.
     */
    private @Nullable Request authenticate(@Nullable Route route, Response answer) throws IOException {
        URI target = answer.request().url().uri();
        List<Challenge> challenges = answer.challenges();
        boolean isBefore = challenges.size() == 1 && challenges.get(0).scheme().equalsIgnoreCase("OkHttp-Preemptive");
        if (!isBefore) {
            throw proxies.refusal(target, answer.code())
                    .orElseGet(() -> new IOException("The proxy does not accept the credentials."));
        }
        String authorization = proxies.authorization(target);
        return authorization == null
                ? null
                : answer.request()
                        .newBuilder()
                        .header("Proxy-Authorization", authorization)
                        .build();
    }

    /**
     * Returns whether OkHttp keeps the address unchanged. It removes dot segments from paths and encodes some
     * characters, such as {@code '} in a query.
     */
    private static boolean isExact(HttpUrl url, URI uri) {
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery();
        return url.encodedPath().equals(path)
                && (query == null ? url.encodedQuery() == null : query.equals(url.encodedQuery()));
    }

    private static boolean isBodiless(String method) {
        return method.equals("GET") || method.equals("HEAD");
    }

    private HttpTransport other() {
        lock.lock();
        try {
            JdkTransport jdks = other;
            if (jdks == null) {
                jdks = JdkTransport.of(options);
                other = jdks;
            }
            return jdks;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses further calls and closes idle connections. Bodies in progress can be read to their end. */
    @Override
    public void close() {
        closed = true;
        client.connectionPool().evictAll();
        lock.lock();
        try {
            if (other != null) {
                other.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
