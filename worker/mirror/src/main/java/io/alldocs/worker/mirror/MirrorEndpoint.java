package io.alldocs.worker.mirror;

import io.alldocs.cache.metrics.Metric;
import io.alldocs.cache.metrics.MetricsPage;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Listens, accepts connections, and closes them after their responses when it is closed. Safe for concurrent use. */
final class MirrorEndpoint implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MirrorServer.class.getName());

    /** Interval at which the policy file is read again. */
    private static final Duration POLICY_INTERVAL = Duration.ofMillis(500);

    static {
        // If slf4j-api is on the class path without a backend, Netty's default logger would print a warning.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    private final int maxConnections;
    private final Duration idleTimeout;
    private final Duration writeTimeout;
    private final Duration drainTimeout;
    private final @Nullable MirrorMetrics metrics;
    private final MirrorListener listener;
    private final MirrorThreads threads = new MirrorThreads();

    /** Total bytes of request bodies that are arriving or being processed. */
    private final AtomicLong requestBytes = new AtomicLong();

    private final MirrorHandler answers;
    private final EventLoopGroup loops;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel channel;
    private final URI address;
    private volatile boolean draining;

    MirrorEndpoint(MirrorServerBuilder builder) {
        maxConnections = builder.maxConnections;
        idleTimeout = builder.idleTimeout;
        writeTimeout = builder.writeTimeout;
        drainTimeout = builder.drainTimeout;
        metrics = MetricsPage.isAvailable() ? new MirrorMetrics() : null;
        listener = MirrorListeners.of(metrics, builder.listener);
        answers = new MirrorHandler(builder, metrics, listener, threads);
        loops = new MultiThreadIoEventLoopGroup(
                Runtime.getRuntime().availableProcessors(),
                new DefaultThreadFactory("mirror", true),
                NioIoHandler.newFactory());
        refreshPolicy();
        channel = listen(builder);
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        address = addressOf(builder.host, local.getPort());
        if (builder.proxyTarballs && !local.getAddress().isLoopbackAddress()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The mirror listens on {0} and proxies tarballs with its own credentials: every client that can"
                            + " connect can install private packages of {1}. Restrict access to the mirror, or"
                            + " listen on 127.0.0.1.",
                    builder.host,
                    builder.registry);
        }
    }

    private void refreshPolicy() {
        MirrorPolicy policy = answers.policy();
        if (policy != null && policy.isOfFile()) {
            Connection.ignore(loops.next()
                    .scheduleWithFixedDelay(
                            () -> policy.refresh(threads.stores()),
                            POLICY_INTERVAL.toMillis(),
                            POLICY_INTERVAL.toMillis(),
                            TimeUnit.MILLISECONDS));
        }
    }

    private Channel listen(MirrorServerBuilder builder) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpRequestDecoder(),
                                        new FlowControlHandler(),
                                        new Connection(MirrorEndpoint.this));
                    }
                })
                .bind(new InetSocketAddress(builder.host, builder.port))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            release();
            boolean isUnknown = bound.cause() instanceof UnresolvedAddressException
                    || bound.cause() instanceof UnknownHostException;
            throw new UncheckedIOException(
                    "Cannot listen on " + builder.host + ":" + builder.port
                            + (isUnknown
                                    ? ": there is no such host; use an address of this machine, such as 127.0.0.1,"
                                            + " or 0.0.0.0 for all"
                                    : ": the port is in use, or the host is not this machine; choose another port,"
                                            + " or 0 for a free one"),
                    new IOException(bound.cause()));
        }
        return bound.channel();
    }

    private static URI addressOf(String host, int port) {
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }

    URI address() {
        return address;
    }

    boolean admit(Channel channel) {
        if (draining || connections.size() >= maxConnections) {
            listener.happened(MirrorEvent.REFUSED_CONNECTIONS);
            return false;
        }
        return connections.add(channel);
    }

    boolean isDraining() {
        return draining;
    }

    MirrorHandler answers() {
        return answers;
    }

    MirrorListener listener() {
        return listener;
    }

    /** Returns what the page of metrics describes; nothing if no module on the class path writes them. */
    List<Metric> metrics() {
        return metrics == null ? List.of() : metrics.metrics(this::status);
    }

    MirrorStatus status() {
        int requests = 0;
        for (Channel open : connections) {
            Connection connection = open.pipeline().get(Connection.class);
            requests += connection != null && connection.isBusy() ? 1 : 0;
        }
        return answers.status(connections.size(), requests);
    }

    AtomicLong requestBytes() {
        return requestBytes;
    }

    ExecutorService storeThreads() {
        return threads.stores();
    }

    Duration idleTimeout() {
        return idleTimeout;
    }

    Duration writeTimeout() {
        return writeTimeout;
    }

    Duration shortestTimeout() {
        return idleTimeout.compareTo(writeTimeout) < 0 ? idleTimeout : writeTimeout;
    }

    @Override
    public void close() {
        draining = true;
        channel.close().awaitUninterruptibly();
        for (Channel open : connections) {
            Connection connection = open.pipeline().get(Connection.class);
            if (connection != null) {
                open.eventLoop().execute(connection::closeIfIdle);
            }
        }
        boolean drained = connections.newCloseFuture().awaitUninterruptibly(drainTimeout.toMillis());
        if (!drained) {
            connections.close().awaitUninterruptibly();
        }
        release();
    }

    private void release() {
        threads.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        answers.close();
    }
}
