package io.alldocs.examples.registry;

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
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A registry on a port of 127.0.0.1. One origin serves both APIs: {@code /}, {@code /_all_docs} and {@code /_changes}
 * (also below {@code /registry}) as {@code replicate.npmjs.com} does, and {@code /name} and {@code /@scope%2fname} as
 * {@code registry.npmjs.com} does.
 *
 * <pre>{@code
 * try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(50_000).seed(7).start()) {
 *     registry.faults().set(Fault.tooManyRequests(0.05).retryAfter(Duration.ofSeconds(2)));
 *     run(registry.origin());
 *     assertThat(registry.requests().mostWithin(Duration.ofSeconds(1))).isLessThanOrEqualTo(50);
 * }
 * }</pre>
 *
 * <p>Safe for concurrent use. {@link #close} closes open connections immediately.
 */
public final class EmbeddedRegistry implements AutoCloseable {
    /**
     * Maximum length of the request line and of the headers. A request for a page by {@code keys} has a long line. The
     * limit of npm is not known.
     */
    private static final int MAX_LINE_BYTES = 1 << 16;

    static {
        // If slf4j-api is on the class path without a backend, Netty's default logger would print a warning.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    private final Database database;
    private final Packuments packuments;
    private final Faults faults;
    private final Requests requests;
    private final Churn churn;
    private final EventLoopGroup loops;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listener;
    private final URI origin;

    EmbeddedRegistry(EmbeddedRegistryBuilder builder) {
        NameArena names = builder.explicitNames == null
                ? new NameRule(builder.seed).names(builder.count)
                : NameArena.of(builder.explicitNames);
        boolean byRule = builder.explicitNames == null;
        int deleted = builder.deletedNames >= 0 ? builder.deletedNames : byRule ? names.size() / 3 : 0;
        boolean mixed = builder.mixedStates == null ? byRule : builder.mixedStates;
        database = new Database(names, deleted, builder.seed, mixed, builder.states);
        packuments =
                new Packuments(builder.seed, database.revision(), new LargePackuments(builder.seed, builder.giants));
        builder.giants.keySet().stream().filter(name -> !names().contains(name)).forEach(database::publish);
        faults = new Faults(builder.seed);
        faults.set(builder.faults);
        requests = new Requests(names);
        churn = new Churn(database);
        loops = new MultiThreadIoEventLoopGroup(
                builder.threads, new DefaultThreadFactory("embedded-registry", true), NioIoHandler.newFactory());
        Router router = new Router(database, packuments, faults, builder.opaqueSequences);
        String token = builder.token;
        listener = listen(builder.port, () -> new Connection(router, faults, requests, token, connections));
        origin = URI.create("http://127.0.0.1:" + ((InetSocketAddress) listener.localAddress()).getPort());
    }

    private Channel listen(int port, Supplier<Connection> connection) {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(MAX_LINE_BYTES, MAX_LINE_BYTES, MAX_LINE_BYTES),
                                        new FlowControlHandler(),
                                        new ChunkedWriteHandler(),
                                        connection.get());
                    }
                })
                .bind(new InetSocketAddress(NetUtil.LOCALHOST4, port))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
            throw new UncheckedIOException(
                    "Cannot listen on 127.0.0.1:" + port
                            + ": the port is in use; choose another one, or 0 for a free one",
                    new IOException(bound.cause()));
        }
        return bound.channel();
    }

    /** Returns a builder for a registry of 1,000 names on a free port. */
    public static EmbeddedRegistryBuilder builder() {
        return new EmbeddedRegistryBuilder();
    }

    /** Returns {@code http://127.0.0.1:PORT}, without a trailing slash. */
    public URI origin() {
        return origin;
    }

    /** Returns the faults, which can be switched on and off. */
    public Faults faults() {
        return faults;
    }

    /** Returns the counts of received requests. */
    public Requests requests() {
        return requests;
    }

    /**
     * Returns how many requests for packuments were redundant. The first request for a name is not redundant. Neither
     * is one request for each 429 or 5xx response, or for each change of the name since the registry started.
     * Meaningful only if {@link Requests#reset()} was not called.
     */
    public long repeatedRequests() {
        return requests.repeats(database::changesOf);
    }

    /**
     * Returns a snapshot of the live names in byte order; later changes are not visible in the list. Elements are
     * decoded on access.
     */
    public List<String> names() {
        return new Names(database.names());
    }

    private static final class Names extends AbstractList<String> implements RandomAccess {
        private final NameIndex index;

        Names(NameIndex index) {
            this.index = index;
        }

        @Override
        public String get(int rank) {
            Objects.checkIndex(rank, index.size());
            return Database.text(index.get(rank));
        }

        @Override
        public int size() {
            return index.size();
        }

        @Override
        public boolean contains(@Nullable Object name) {
            return name instanceof String text && index.contains(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Returns the current revision of a live name, as in {@code _all_docs}, {@code _changes} and the packument. */
    public Optional<String> rev(String name) {
        return document(name).map(found -> database.revision().of(found.name(), found.generation()));
    }

    /** Returns the state of a live name, which determines its response. */
    public Optional<NameState> state(String name) {
        return document(name).map(Database.Document::state);
    }

    /** Returns the uncompressed full packument; empty if the response for the name is not 200. */
    public Optional<byte[]> packument(String name) {
        return packument(name, PackumentForm.FULL);
    }

    /** Returns the uncompressed packument in a form; empty if the response for the name is not 200. */
    public Optional<byte[]> packument(String name, PackumentForm form) {
        return document(name)
                .filter(found -> switch (found.state()) {
                    case NOT_FOUND, BLOCKED, FORBIDDEN -> false;
                    default -> true;
                })
                .map(found -> packuments.body(found, form));
    }

    /**
     * Returns the entity tag of the full packument, including quotes; empty if the response for the name is not 200.
     */
    public Optional<String> etag(String name) {
        return packument(name)
                .flatMap(body -> document(name))
                .map(found ->
                        database.revision().etag(found.name(), found.generation(), found.state(), PackumentForm.FULL));
    }

    private Optional<Database.Document> document(String name) {
        return Optional.ofNullable(database.find(name.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns the sequence of the last change. */
    public long updateSeq() {
        return database.feed().updateSeq();
    }

    /** Publishes a version of a new or existing name; the name's state becomes {@link NameState#PRESENT}. */
    public void publish(String name) {
        database.publish(requireServable(name));
    }

    /**
     * Deletes a name. The name disappears from {@code _all_docs}, the feed reports it as {@code deleted}, and requests
     * for its packument get 404.
     */
    public void delete(String name) {
        database.delete(name);
    }

    /** Sets the state of a live name, for example to unpublish or block it, and adds the change to the feed. */
    public void set(String name, NameState state) {
        database.become(name, state);
    }

    /** Sets a name to {@link NameState#UNPUBLISHED}; see {@link #set}. */
    public void unpublish(String name) {
        set(name, NameState.UNPUBLISHED);
    }

    /** Sets a name to {@link NameState#SECURITY_HOLDER}; see {@link #set}. */
    public void securityHold(String name) {
        set(name, NameState.SECURITY_HOLDER);
    }

    /** Sets a name to {@link NameState#BLOCKED}; see {@link #set}. */
    public void block(String name) {
        set(name, NameState.BLOCKED);
    }

    /** Publishes a new name and deletes another one. The seed determines both. */
    public void drift() {
        database.drift();
    }

    /**
     * Changes names at this rate from now on. Most changes are new versions. Others are new names, deletions,
     * unpublishes and security holders. The seed determines the changes.
     *
     * @param perSecond 0 to 10,000; 0 stops the changes before the call returns
     */
    public void churn(double perSecond) {
        churn.rate(perSecond);
    }

    /**
     * Starts a new epoch of the feed. The sequences restart below the present ones, and the documents and revisions do
     * not change.
     */
    public void resetSequence() {
        database.restartSequences();
    }

    /**
     * Closes the port and every connection, including those with requests in progress. Returns when the port is free.
     */
    @Override
    public void close() {
        churn.close();
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    static String requireServable(String name) {
        if (name.isEmpty() || name.equals("registry") || name.equals("_all_docs") || name.equals("_changes")) {
            throw new IllegalArgumentException(
                    "Cannot serve the name \"" + name + "\": its path on this origin is not the path of a packument");
        }
        return name;
    }
}
