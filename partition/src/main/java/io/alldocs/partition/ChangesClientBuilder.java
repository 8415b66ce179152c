package io.alldocs.partition;

import io.alldocs.Env;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Builds a {@link ChangesClient}. Not thread-safe. */
public final class ChangesClientBuilder {
    Env env = Env.NONE;

    @Nullable
    BaseHttpClient http;

    @Nullable
    URI origin;

    @Nullable
    NpmConfig npmConfig;

    int pageLimit = Database.MAX_PAGE;

    ChangesClientBuilder() {}

    /**
     * Sets the environment, which provides the options that are not set here: {@code NPM_ORIGIN}, {@code NPM_TOKEN} and
     * those of {@link io.alldocs.cache.body.BodyReceiver#of(Env)}. {@link Env#system()} is that of the process.
     * Default: {@link Env#NONE}; nothing is read.
     */
    public ChangesClientBuilder env(Env env) {
        this.env = Objects.requireNonNull(env, "env");
        return this;
    }

    /**
     * Sets a shared HTTP client, which this client does not close. Default: a new one with the credentials of
     * {@link #npmConfig} or the environment.
     */
    public ChangesClientBuilder http(BaseHttpClient http) {
        this.http = http;
        return this;
    }

    /** Sets the URL of the database; see {@link PartitionClientBuilder#origin(URI)}. */
    public ChangesClientBuilder origin(URI origin) {
        this.origin = origin;
        return this;
    }

    /**
     * Sets the configuration that contains the credentials, for a client that creates its own HTTP client. Default:
     * {@code NPM_TOKEN} of the environment.
     */
    public ChangesClientBuilder npmConfig(NpmConfig config) {
        this.npmConfig = config;
        return this;
    }

    /**
     * Sets the maximum number of results per page of a replay. Default: 10,000, the maximum of npm.
     *
     * @throws IllegalArgumentException if outside 1 to 10,000
     */
    public ChangesClientBuilder pageLimit(int results) {
        ChangesClient.requireLimit(results);
        this.pageLimit = results;
        return this;
    }

    /** Returns a client that is ready for use. */
    public ChangesClient build() {
        return new ChangesClient(this);
    }
}
