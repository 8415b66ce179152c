package io.alldocs.worker.redis;

import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.lettuce.core.RedisURI;
import java.time.Duration;

/** Settings of a queue. Not thread-safe. */
public final class RedisWorkQueueBuilder {
    final RedisURI uri;
    QueueOptions options = QueueOptions.DEFAULT;
    Duration timeout = Duration.ofSeconds(10);
    boolean evictionAllowed;

    RedisWorkQueueBuilder(String url) {
        this.uri = parse(url);
    }

    private static RedisURI parse(String url) {
        try {
            return RedisURI.create(url.trim());
        } catch (RuntimeException e) {
            throw notAnAddress(); // no cause: its message contains the value, which may include a password
        }
    }

    private static IllegalArgumentException notAnAddress() {
        return new IllegalArgumentException(
                "The address of a Redis server must have the form redis://user:password@host:6379/0, or"
                        + " rediss://… for TLS, with special characters of user and password percent-encoded.");
    }

    /** Sets the options of the queue. Default: {@link QueueOptions#DEFAULT}. */
    public RedisWorkQueueBuilder options(QueueOptions options) {
        this.options = options;
        return this;
    }

    /**
     * Sets how long a call waits for the server before it fails. Default: 10 s.
     *
     * @throws IllegalArgumentException if {@code timeout} is below 100 ms
     */
    public RedisWorkQueueBuilder timeout(Duration timeout) {
        if (timeout.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("The timeout must be at least 100 ms, but is " + timeout + ".");
        }
        this.timeout = timeout;
        return this;
    }

    /**
     * Sets whether to accept a server that may evict keys when memory is short. Evicted keys are lost work items.
     * Default: false.
     */
    public RedisWorkQueueBuilder evictionAllowed(boolean allowed) {
        this.evictionAllowed = allowed;
        return this;
    }

    /**
     * Connects, and checks the version and eviction policy of the server. Logs a warning if the server has no
     * append-only file.
     *
     * @throws QueueException if the server is unreachable ({@code retryable}), rejects the credentials, is older
     *     than 6.2, or may evict work
     */
    public RedisWorkQueue build() {
        Server server = Server.connect(uri, timeout, evictionAllowed, options.name());
        RedisWorkQueue queue = new RedisWorkQueue(options, server);
        try {
            queue.start();
            return queue;
        } catch (RuntimeException e) {
            queue.close();
            throw e;
        }
    }
}
