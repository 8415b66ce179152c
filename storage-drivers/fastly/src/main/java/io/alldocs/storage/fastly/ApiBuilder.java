package io.alldocs.storage.fastly;

import io.alldocs.Env;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.TransportOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Options shared by both drivers. Not thread-safe. */
abstract class ApiBuilder<B extends ApiBuilder<B>> {
    private static final URI FASTLY = URI.create("https://api.fastly.com");

    private final String driver;
    private URI endpoint = FASTLY;
    private @Nullable String token;
    private @Nullable BaseHttpClient client;
    private NpmConfig npmConfig = NpmConfig.empty();
    private int maxAttempts = RetryPolicy.defaults().attempts();
    private Duration retryDelay = RetryPolicy.defaults().baseDelay();

    ApiBuilder(String driver) {
        this.driver = driver;
    }

    abstract B self();

    /**
     * Sets the API token, which is required. It must permit reading and writing items; a read-only driver needs
     * {@code global} or {@code global:read}. It is sent only to the endpoint.
     *
     * @throws IllegalArgumentException if the token is blank or cannot be sent in a header; the message does not
     *     contain it
     */
    public B token(String token) {
        if (token.isBlank() || !token.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new IllegalArgumentException(
                    "The API token is empty or contains characters that are not allowed in an HTTP header.");
        }
        this.token = token;
        return self();
    }

    /**
     * Sets the address of the API, for proxies and tests. Default: {@code https://api.fastly.com}.
     *
     * @throws IllegalArgumentException if the address is neither https nor http on this machine, or contains a user, a
     *     query or a fragment
     */
    public B endpoint(URI endpoint) {
        this.endpoint = Credentials.requireSafe(endpoint);
        return self();
    }

    /**
     * Sets the proxies, certificate authorities and client certificates of the driver's own client. Other settings are
     * ignored. Default: none.
     */
    public B npmConfig(NpmConfig config) {
        this.npmConfig = config;
        return self();
    }

    /**
     * Sets the client to use. It stays open when the driver is closed. Its own retries, limits and timeouts apply, and
     * {@link #maxAttempts} is ignored. Default: the driver's own client, with the limiters that all clients of this JVM
     * share.
     */
    public B client(BaseHttpClient client) {
        this.client = Objects.requireNonNull(client, "client");
        return self();
    }

    /**
     * Sets the maximum number of attempts per request, including the first. Default: 5, as in the HTTP client.
     *
     * @throws IllegalArgumentException if {@code maxAttempts} is below 1
     */
    public B maxAttempts(int maxAttempts) {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be at least 1, but is " + maxAttempts + ".");
        }
        this.maxAttempts = maxAttempts;
        return self();
    }

    /** For tests. */
    B retryDelay(Duration delay) {
        this.retryDelay = delay;
        return self();
    }

    /** Applies the variables that both providers share. */
    B env(Env env) {
        npmConfig(NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder()));
        token(env.require("FASTLY_API_TOKEN", "by the " + driver + " storage driver to authenticate"));
        env.getAddress("FASTLY_API_URL", FASTLY.toString()).ifPresent(address -> {
            try {
                endpoint(address);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("FASTLY_API_URL: " + e.getMessage(), e);
            }
        });
        return maxAttempts((int) env.getLong("FASTLY_MAX_ATTEMPTS", maxAttempts, 1, 100));
    }

    FastlyApi api() {
        if (token == null) {
            throw new IllegalArgumentException("The " + driver + " storage driver requires a Fastly API token.");
        }
        if (client != null) {
            return new FastlyApi(endpoint, token, client, () -> {});
        }
        HttpTransport transport = new ResetAsRetryAfter(HttpTransports.create(TransportOptions.of(npmConfig)));
        BaseHttpClient own = BaseHttpClient.builder()
                .transport(transport)
                .retry(new RetryPolicy(
                        maxAttempts, retryDelay, RetryPolicy.defaults().maxDelay()))
                .build();
        return new FastlyApi(endpoint, token, own, () -> {
            own.close();
            transport.close();
        });
    }

    static String requireId(String what, String id) {
        if (!id.matches("[A-Za-z0-9_-]{1,100}")) {
            throw new IllegalArgumentException("The id of the " + what
                    + " must consist of letters, digits, - and _, but is " + KeyNames.shown(id) + ".");
        }
        return id;
    }
}
