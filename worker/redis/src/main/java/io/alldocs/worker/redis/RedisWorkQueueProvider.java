package io.alldocs.worker.redis;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Creates the queue {@code redis}, which is selected by name only: {@code QUEUE_DRIVER=redis}. It reads these variables
 * in addition to those of {@link QueueOptions#of}:
 *
 * <table>
 * <caption>Variables</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code REDIS_URL}</td><td>address</td><td></td><td>yes</td><td>{@link RedisWorkQueue#builder}; a secret if it
 * holds a password</td></tr>
 * <tr><td>{@code REDIS_TIMEOUT_MS}</td><td>100 to
 * 3,600,000</td><td>10,000</td><td>no</td><td>{@link RedisWorkQueueBuilder#timeout}</td></tr>
 * <tr><td>{@code REDIS_ALLOW_EVICTION}</td><td>true or false</td><td>false</td><td>no</td>
 * <td>{@link RedisWorkQueueBuilder#evictionAllowed}</td></tr>
 * </table>
 */
public final class RedisWorkQueueProvider implements WorkQueueProvider {

    /** For ServiceLoader. */
    public RedisWorkQueueProvider() {}

    @Override
    public String name() {
        return RedisWorkQueue.NAME;
    }

    @Override
    public Set<String> runtimes() {
        return Set.of();
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Connects.
     *
     * @param storage is not used
     * @throws IllegalArgumentException if a variable is missing or has an invalid value; the message names the variable
     *     and never contains the address
     * @throws QueueException as {@link RedisWorkQueueBuilder#build} does
     */
    @Override
    public WorkQueue create(Env env, QueueOptions options, Supplier<StorageDriver> storage) {
        return builder(env.require(
                        "REDIS_URL", "by the redis queue (address of the server, such as redis://localhost:6379)"))
                .options(options)
                .timeout(Duration.ofMillis(env.getLong("REDIS_TIMEOUT_MS", 10_000, 100, 3_600_000)))
                .evictionAllowed(flag(env, "REDIS_ALLOW_EVICTION"))
                .build();
    }

    private static RedisWorkQueueBuilder builder(String url) {
        try {
            return RedisWorkQueue.builder(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("The environment variable REDIS_URL is invalid. " + e.getMessage(), e);
        }
    }

    private static boolean flag(Env env, String name) {
        return switch (env.get(name).orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException("The environment variable " + name + " must be true or false.");
        };
    }
}
