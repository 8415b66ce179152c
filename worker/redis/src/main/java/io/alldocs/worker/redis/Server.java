package io.alldocs.worker.redis;

import io.alldocs.worker.spi.QueueException;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubListener;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A queue's connections to a Redis server or cluster: one for commands, which all threads share, and one for events.
 * Lettuce reconnects automatically. Requests without a response are resent, by Lettuce or by {@link ScriptCall}, so a
 * script may run twice.
 */
final class Server implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RedisWorkQueue.class.getName());

    private static final Duration FIRST_RECONNECT = Duration.ofMillis(50);
    private static final Duration LAST_RECONNECT = Duration.ofSeconds(2);

    /**
     * {@link ScriptCall} does the retries. Commands that Lettuce buffered during an outage would stay in memory even
     * after their call has timed out.
     */
    private static final DisconnectedBehavior REFUSE = DisconnectedBehavior.REJECT_COMMANDS;

    private final Duration timeout;
    private final Failures failures;
    private final byte[][] keys;
    private final ClientResources resources;
    private final Reconnects reconnects;
    private final AbstractRedisClient client;
    private final StatefulConnection<byte[], byte[]> connection;
    private final Supplier<StatefulRedisPubSubConnection<byte[], byte[]>> subscriptions;
    private volatile boolean closed;

    private Server(
            Duration timeout,
            Failures failures,
            String queue,
            ClientResources resources,
            AbstractRedisClient client,
            StatefulConnection<byte[], byte[]> connection,
            Supplier<StatefulRedisPubSubConnection<byte[], byte[]>> subscriptions) {
        this.timeout = timeout;
        this.failures = failures;
        this.keys = keys(queue);
        this.resources = resources;
        this.reconnects = new Reconnects(resources.eventBus());
        this.client = client;
        this.connection = connection;
        this.subscriptions = subscriptions;
    }

    /** Returns the keys that the scripts expect; the braces put all of them on one node of a cluster. */
    private static byte[][] keys(String queue) {
        return Stream.of("items", "waiting", "delayed", "active", "dead", "letters", "state", "events")
                .map(name -> StoredItem.ascii("all-docs:{" + queue + "}:" + name))
                .toArray(byte[][]::new);
    }

    /**
     * Connects, and checks that the server is suitable for a queue.
     *
     * @param timeout of each call
     * @throws QueueException if it is not suitable, or does not respond in time
     */
    static Server connect(RedisURI uri, Duration timeout, boolean evictionAllowed, String queue) {
        Failures failures = new Failures(address(uri), queue);
        uri.setTimeout(timeout);
        ClientResources resources = ClientResources.builder()
                .reconnectDelay(Delay.equalJitter(FIRST_RECONNECT, LAST_RECONNECT, 2, TimeUnit.MILLISECONDS))
                .build();
        RedisClient client = RedisClient.create(resources, uri);
        client.setOptions(ClientOptions.builder()
                .socketOptions(socketOptions(timeout))
                .disconnectedBehavior(REFUSE)
                .build());
        try {
            StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
            ServerInfo info = new ServerInfo(connection.sync().info());
            check(info, evictionAllowed, failures);
            return info.isCluster()
                    ? connectCluster(uri, timeout, failures, queue, client, resources)
                    : new Server(
                            timeout,
                            failures,
                            queue,
                            resources,
                            client,
                            connection,
                            () -> client.connectPubSub(ByteArrayCodec.INSTANCE));
        } catch (RuntimeException e) {
            shutDown(client, resources);
            throw e instanceof RedisException ? failures.of("connect", e) : e;
        }
    }

    private static Server connectCluster(
            RedisURI uri,
            Duration timeout,
            Failures failures,
            String queue,
            RedisClient probe,
            ClientResources resources) {
        probe.shutdown(0, 1, TimeUnit.SECONDS);
        RedisClusterClient client = RedisClusterClient.create(resources, uri);
        client.setOptions(ClusterClientOptions.builder()
                .socketOptions(socketOptions(timeout))
                .disconnectedBehavior(REFUSE)
                .build());
        try {
            return new Server(
                    timeout,
                    failures,
                    queue,
                    resources,
                    client,
                    client.connect(ByteArrayCodec.INSTANCE),
                    () -> client.connectPubSub(ByteArrayCodec.INSTANCE));
        } catch (RuntimeException e) {
            client.shutdown(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    private static SocketOptions socketOptions(Duration timeout) {
        return SocketOptions.builder().connectTimeout(timeout).keepAlive(true).build();
    }

    private static void check(ServerInfo info, boolean evictionAllowed, Failures failures) {
        info.unusable(evictionAllowed).ifPresent(reason -> {
            throw failures.failed("use this server", reason, false, null);
        });
        info.warnings()
                .forEach(warning -> LOG.log(System.Logger.Level.WARNING, failures.place() + ": " + warning + "."));
    }

    /** Returns the address without user and password. */
    private static String address(RedisURI uri) {
        String host = uri.getHost();
        return host == null
                ? uri.getSentinels().stream()
                                .map(each -> each.getHost() + ":" + each.getPort())
                                .toList() + ", master " + uri.getSentinelMasterId()
                : host + ":" + uri.getPort();
    }

    Failures failures() {
        return failures;
    }

    /**
     * Returns the exception for a failed call. Without a connection, it names the reason for which none can be made.
     *
     * @param attempt completes the sentence "Cannot ..." in messages
     */
    QueueException failure(String attempt, Throwable failure) {
        Throwable reconnect = reconnects.failure();
        boolean isRefusal = failure instanceof RedisCommandExecutionException;
        return failures.of(attempt, isRefusal || reconnect == null ? failure : reconnect);
    }

    /**
     * Sends a script and waits for its response.
     *
     * @param attempt completes the sentence "Cannot ..." in messages
     * @throws QueueException if the server rejected the script, or did not respond in time
     */
    List<Object> call(String attempt, Script script, List<byte[]> args) {
        return new ScriptCall(this, connection, attempt, script, keys, args.toArray(byte[][]::new), timeout).await();
    }

    /** Subscribes to the queue's channel until {@link #close()}. */
    void subscribe(RedisPubSubListener<byte[], byte[]> listener) {
        try {
            StatefulRedisPubSubConnection<byte[], byte[]> connection = subscriptions.get();
            connection.addListener(listener);
            connection.sync().subscribe(keys[keys.length - 1]);
        } catch (RedisException e) {
            throw failures.of("listen", e);
        }
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        shutDown(client, resources);
    }

    private static void shutDown(AbstractRedisClient client, ClientResources resources) {
        client.shutdown(0, 1, TimeUnit.SECONDS);
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
