package io.alldocs.storage.cloudflare;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiter;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Options of a client that the driver creates itself. */
final class ClientOptions {
    @Nullable
    String token;

    @Nullable
    Double rate;

    RetryPolicy retry = RetryPolicy.defaults();
    NpmConfig npmConfig = NpmConfig.empty();

    /**
     * Creates the client.
     *
     * @throws IllegalArgumentException if there is no token
     */
    BaseHttpClient client(URI endpoint) {
        if (token == null) {
            throw new IllegalArgumentException(
                    "Cloudflare's API requires a token. Set CLOUDFLARE_API_TOKEN, or pass a client with credentials.");
        }
        BaseHttpClient client = BaseHttpClient.builder()
                .npmConfig(npmConfig)
                .credentials(Credentials.bearer(endpoint, token))
                .retry(retry)
                .build();
        pace(client.limiter(endpoint), endpoint);
        return client;
    }

    /** Sets the rate of a limiter: an explicit rate always, the default only if the limiter has none. */
    private void pace(HostLimiter limiter, URI endpoint) {
        if (rate != null) {
            limiter.setRate(rate);
        } else if (limiter.currentRate() == 0 && !HostLimiters.isLoopback(endpoint)) {
            limiter.setRate(CloudflareStorageDriver.Builder.DEFAULT_RATE);
        }
    }
}
