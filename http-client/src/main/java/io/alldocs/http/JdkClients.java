package io.alldocs.http;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Holds the JDK HTTP client of a transport and replaces it when its selector thread no longer responds. A thread in an
 * endless loop cannot be stopped, so the number of such threads is limited for the whole process. Safe for concurrent
 * use.
 */
final class JdkClients {

    private static final Logger LOG = System.getLogger(JdkTransport.class.getName());

    private static final Set<SelectorWatch> GIVEN_UP = ConcurrentHashMap.newKeySet();
    private static final AtomicLong GIVEN_UP_SO_FAR = new AtomicLong();

    private final HttpClient.Builder builder;
    private @Nullable Watched current;

    /** One client and the watch of its selector thread. */
    record Watched(HttpClient http, SelectorWatch watch) {}

    JdkClients(HttpClient.Builder builder) {
        this.builder = builder;
        this.current = build();
    }

    private Watched build() {
        SelectorWatch watch = new SelectorWatch();
        return new Watched(builder.executor(watch).build(), watch);
    }

    /**
     * Returns the client for the next exchange.
     *
     * @throws IllegalStateException if this was closed
     * @throws HungClientException if too many threads of this process are stuck
     */
    synchronized Watched get() throws HungClientException {
        if (current == null) {
            throw new IllegalStateException("The transport is closed.");
        }
        if (current.watch().isDead()) {
            LOG.log(Level.WARNING, "The selector thread of the JDK''s HTTP client has ended. The client was replaced.");
            current = build();
        }
        int stuck = stuckThreads();
        if (stuck >= JdkTransport.MAX_STUCK_THREADS) {
            throw HungClientException.tooMany(stuck);
        }
        return current;
    }

    /**
     * Replaces {@code lost} by a new client, once. The exchanges of the lost client fail within a second, when they
     * next check its selector thread.
     */
    synchronized void giveUp(Watched lost, URI uri) {
        if (!lost.equals(current)) {
            return;
        }
        lost.watch().giveUp();
        GIVEN_UP.add(lost.watch());
        GIVEN_UP_SO_FAR.incrementAndGet();
        current = build();
        LOG.log(
                Level.WARNING,
                "The JDK''s HTTP client stopped responding during a request to {0} and was replaced. Hanging threads"
                        + " so far: {1}. From {2} on, requests are refused.",
                Redaction.uri(uri),
                stuckThreads(),
                JdkTransport.MAX_STUCK_THREADS);
    }

    /**
     * Replaces a client after an exchange over HTTP/2 has failed on it, once. All its exchanges share one connection,
     * which may be unusable: silent, or without a free stream. Exchanges in progress may finish on it.
     */
    synchronized void replace(Watched used) {
        if (used.equals(current)) {
            used.watch().replace();
            current = build();
        }
    }

    synchronized void close() {
        current = null;
    }

    static long givenUp() {
        return GIVEN_UP_SO_FAR.get();
    }

    /** Returns the number of threads that have not returned since their client was given up. */
    static int stuckThreads() {
        GIVEN_UP.removeIf(watch -> !watch.isStuck());
        return GIVEN_UP.size();
    }
}
