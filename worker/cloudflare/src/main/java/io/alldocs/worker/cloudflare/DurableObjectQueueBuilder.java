package io.alldocs.worker.cloudflare;

import io.alldocs.http.Credentials;
import io.alldocs.http.NpmConfig;
import io.alldocs.worker.spi.QueueOptions;
import java.net.URI;
import java.time.Duration;

/** Options of a queue. The address and token are required; everything else has a default. */
public final class DurableObjectQueueBuilder {
    final URI endpoint;
    final String token;
    QueueOptions options = QueueOptions.DEFAULT;
    int maxAttempts = 5;
    Duration firstRetryDelay = Duration.ofMillis(200);
    NpmConfig npmConfig = NpmConfig.empty();

    DurableObjectQueueBuilder(URI endpoint, String token) {
        this.endpoint = Credentials.requireSafe(endpoint);
        this.token = token;
        Credentials.bearer(endpoint, token);
    }

    /** Sets proxies, certificate authorities and client certificates. Other settings are ignored. Default: none. */
    public DurableObjectQueueBuilder npmConfig(NpmConfig config) {
        this.npmConfig = config;
        return this;
    }

    /**
     * Sets the options of the queue. They are sent with each request, so all workers of a queue should use the
     * same. Default: {@link QueueOptions#DEFAULT}.
     */
    public DurableObjectQueueBuilder options(QueueOptions options) {
        this.options = options;
        return this;
    }

    /**
     * Sets the maximum number of attempts per request. Default: 5.
     *
     * @throws IllegalArgumentException if {@code attempts} is below 1
     */
    public DurableObjectQueueBuilder maxAttempts(int attempts) {
        if (attempts < 1) {
            throw new IllegalArgumentException("The number of attempts must be at least 1, but is " + attempts + ".");
        }
        this.maxAttempts = attempts;
        return this;
    }

    DurableObjectQueueBuilder firstRetryDelay(Duration delay) {
        this.firstRetryDelay = delay;
        return this;
    }

    /** Creates the queue. Sends no requests. */
    public DurableObjectQueue build() {
        return new DurableObjectQueue(this);
    }
}
