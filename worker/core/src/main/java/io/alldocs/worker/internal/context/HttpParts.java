package io.alldocs.worker.internal.context;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpListener;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings that an application passes to a worker for the HTTP clients that the worker creates.
 *
 * @param builder returns a new builder for each client
 * @param npmConfig null for that of the worker's environment
 * @param transport null for one that the worker creates and closes
 * @param listener receives the requests of these clients
 */
public record HttpParts(
        Supplier<BaseHttpClient.Builder> builder,
        @Nullable NpmConfig npmConfig,
        @Nullable HttpTransport transport,
        HttpListener listener) {}
