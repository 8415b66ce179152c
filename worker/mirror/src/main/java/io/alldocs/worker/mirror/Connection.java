package io.alldocs.worker.mirror;

import io.alldocs.packument.PackumentForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection: takes a request, has it answered, writes the answer, takes the next. Nothing is read from the socket meanwhile, and nothing is
 * prepared that the socket does not take: a client that is slow, or that sends a thousand requests at once, costs what one answer's piece costs.
 * Everything happens in the channel's own thread.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final System.Logger ACCESS = System.getLogger("io.alldocs.worker.mirror.access");
    private static final byte[] CLOSE = "connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = "connection: keep-alive\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Room for the lines of the connection after a reply's head. */
    private static final int LINES_BYTES = 128;

    private final MirrorServer server;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> watch;

    /** The request that is being answered; null while one is waited for. */
    private @Nullable Exchange exchange;

    /** When what is waited for must have come: a whole request, or the client taking a piece of an answer. */
    private long deadline;

    private boolean waitsForClient;
    private boolean wholeRequest;

    /** A part of a request was asked for and has not come yet. */
    private boolean reads;

    Connection(MirrorServer server) {
        this.server = server;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        this.context = context;
        if (!server.admit(context.channel())) {
            ByteBuf refusal = context.alloc().buffer();
            Reply reply = Replies.error(503, "Too many connections", "retry-after", "1");
            refusal.writeBytes(reply.head()).writeBytes(HttpDate.line()).writeBytes(CLOSE);
            refusal.writeBytes(new byte[] {'\r', '\n'}).writeBytes(memory(reply));
            reply.release();
            ignore(context.writeAndFlush(refusal).addListener(ChannelFutureListener.CLOSE));
            return;
        }
        long period = Math.max(10, Math.min(1_000, server.shortestTimeout().toMillis() / 4));
        watch = context.executor().scheduleWithFixedDelay(this::closeIfTooLate, period, period, TimeUnit.MILLISECONDS);
        await(server.idleTimeout().toNanos());
        readPart(context);
    }

    private void readPart(ChannelHandlerContext context) {
        reads = true;
        ignore(context.read());
    }

    private static ByteBuf memory(Reply reply) {
        ByteBuf memory = reply.memory();
        if (memory == null) {
            throw new IllegalStateException("An error's text is in memory");
        }
        return memory.duplicate();
    }

    /** Starts the clock for what the client must do next. */
    void await(long nanos) {
        deadline = System.nanoTime() + nanos;
        waitsForClient = true;
    }

    /** Stops it: what is next is not the client's to do. */
    private void letWait() {
        waitsForClient = false;
    }

    private void closeIfTooLate() {
        if (waitsForClient && System.nanoTime() - deadline > 0 && context != null) {
            if (exchange != null) {
                server.metrics().tooSlow();
            }
            ignore(context.close());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        reads = false;
        try {
            if (message instanceof HttpRequest request) {
                letWait();
                wholeRequest = false;
                exchange = new Exchange(context, request);
                exchange.begin();
                readPart(context); // the request's end
            } else if (message instanceof LastHttpContent last) {
                if (exchange != null) {
                    exchange.end(last);
                }
                wholeRequest = true;
                readNextIfDone();
            } else if (exchange != null && message instanceof HttpContent content) {
                exchange.part(content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Netty ends a read with this event, also a read that brought no part of a request: then another one is needed. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (reads) {
            readPart(context);
        }
        context.fireChannelReadComplete();
    }

    private void readNextIfDone() {
        if (exchange == null && wholeRequest && context != null) {
            readPart(context);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (watch != null) {
            watch.cancel(false);
        }
        if (exchange != null) {
            exchange.releaseBody();
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        ignore(context.close()); // the client went away; what it missed shows on its side
    }

    /** Ends the connection unless it is at work; then it ends with its answer. */
    void closeIfIdle() {
        if (context != null && exchange == null) {
            ignore(context.close());
        }
    }

    /** What fails to be written or closed has lost its client, and that is noticed elsewhere. */
    static void ignore(Object future) {
        assert future != null;
    }

    /** One request and its answer. */
    private final class Exchange implements Answers.Taker {
        private final ChannelHandlerContext context;
        private final HttpRequest request;
        private final long begun = System.nanoTime();
        private Target target = new Target.Unknown("Bad request");
        private boolean closesAfter;

        /** Of an audit, while it arrives and until it is answered; all other requests have none that matters. */
        private @Nullable RequestBody body;

        Exchange(ChannelHandlerContext context, HttpRequest request) {
            this.context = context;
            this.request = request;
            this.closesAfter = !HttpUtil.isKeepAlive(request);
        }

        void begin() {
            Reply refusal = refusal();
            if (refusal != null) {
                send(refusal);
                return;
            }
            target = Target.of(request.uri());
            if (isPost()) {
                body = new RequestBody(server.requestBytes());
                await(server.idleTimeout().toNanos());
                return;
            }
            PackumentForm form = Accepts.form(Accepts.list(request.headers(), HttpHeaderNames.ACCEPT));
            boolean gzip = Accepts.gzip(Accepts.list(request.headers(), HttpHeaderNames.ACCEPT_ENCODING));
            TarballProxy.Part part = TarballProxy.Part.of(request.headers(), isHead());
            server.answers().find(target, form, gzip, isInsisting(), part, this);
        }

        private boolean isPost() {
            return request.method().equals(HttpMethod.POST);
        }

        /** A part of a request's body. */
        void part(HttpContent content) {
            if (body == null) {
                closesAfter = true; // a body that no such request has: what follows it is not looked for
                return;
            }
            body.add(content.content());
            await(server.idleTimeout().toNanos());
            readPart(context);
        }

        /** The end of the request. */
        void end(LastHttpContent last) {
            RequestBody whole = body;
            if (whole == null || !(target instanceof Target.SecurityAudit audit)) {
                return;
            }
            whole.add(last.content());
            letWait();
            if (whole.isTooLarge()) {
                send(Replies.error(413, "An audit has at most " + RequestBody.LARGEST_BYTES + " bytes"));
            } else if (whole.isWithoutRoom()) {
                send(Replies.error(503, "This mirror is busy", "retry-after", "1"));
            } else {
                String coding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity");
                if (coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("identity")) {
                    server.answers().audit(audit, whole.bytes(), coding.equalsIgnoreCase("gzip"), this);
                } else {
                    send(Replies.error(415, "An audit is plain or compressed by gzip"));
                }
            }
        }

        void releaseBody() {
            if (body != null) {
                body.release();
                body = null;
            }
        }

        private @Nullable Reply refusal() {
            if (request.decoderResult().isFailure()) {
                closesAfter = true;
                Throwable cause = request.decoderResult().cause();
                if (cause instanceof TooLongHttpLineException) {
                    return Replies.error(414, "The address is too long");
                }
                return cause instanceof TooLongHttpHeaderException
                        ? Replies.error(431, "The headers are too large")
                        : Replies.error(400, "Bad request");
            }
            if (isPost() && Target.of(request.uri()) instanceof Target.SecurityAudit) {
                return null;
            }
            if (!request.method().equals(HttpMethod.GET) && !isHead()) {
                closesAfter = true; // its body is not read
                return Replies.error(405, "This mirror is read-only", "allow", "GET, HEAD");
            }
            boolean body = HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
            closesAfter |= body;
            return null;
        }

        /** As npm's clients say {@code --prefer-online}. */
        private boolean isInsisting() {
            String control = Accepts.list(request.headers(), HttpHeaderNames.CACHE_CONTROL);
            return control != null && (control.contains("no-cache") || control.contains("max-age=0"));
        }

        private boolean isHead() {
            return request.method().equals(HttpMethod.HEAD);
        }

        /** From whatever thread found the answer. */
        @Override
        public void accept(@Nullable Reply reply, @Nullable Throwable error) {
            Reply answer = reply == null ? Failures.reply(Objects.requireNonNull(error)) : reply;
            if (context.executor().inEventLoop()) {
                sendOrClose(answer);
                return;
            }
            try {
                context.executor().execute(() -> sendOrClose(answer));
            } catch (RuntimeException e) {
                answer.release(); // the server ended meanwhile
            }
        }

        /** A connection that cannot be answered must not wait for ever. */
        private void sendOrClose(Reply reply) {
            try {
                send(reply);
            } catch (RuntimeException | Error e) {
                ignore(context.close());
                throw e;
            }
        }

        private void send(Reply reply) {
            closesAfter |= server.isDraining();
            boolean unchanged = Conditions.isUnchanged(request.headers(), reply);
            if (unchanged) {
                ignore(context.write(head(reply.notModifiedHead(), false)));
                reply.release();
                finish(context.writeAndFlush(Unpooled.EMPTY_BUFFER), 304);
                return;
            }
            boolean chunked = reply.length() < 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_1);
            closesAfter |= reply.length() < 0 && !chunked && !isHead(); // HTTP/1.0: the body ends with the connection
            ignore(context.write(head(reply.head(), chunked)));
            if (isHead() || reply.length() == 0) {
                reply.release();
                finish(context.writeAndFlush(Unpooled.EMPTY_BUFFER), reply.status());
            } else {
                waitForClient();
                new BodyWriter(context, server, this::waitForClient, Connection.this::letWait)
                        .write(reply, chunked, written -> finish(written, reply.status()));
            }
        }

        private void waitForClient() {
            await(server.writeTimeout().toNanos());
        }

        private ByteBuf head(byte[] head, boolean chunked) {
            ByteBuf lines = context.alloc().ioBuffer(head.length + LINES_BYTES);
            lines.writeBytes(head).writeBytes(HttpDate.line());
            if (chunked) {
                lines.writeBytes(CHUNKED);
            }
            if (closesAfter) {
                lines.writeBytes(CLOSE);
            } else if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                lines.writeBytes(KEEP_ALIVE);
            }
            return lines.writeByte('\r').writeByte('\n');
        }

        private void finish(ChannelFuture written, int status) {
            if (written.isDone()) {
                finished(written, status);
            } else {
                waitForClient();
                ignore(written.addListener(done -> finished(written, status)));
            }
        }

        private void finished(ChannelFuture written, int status) {
            long nanos = System.nanoTime() - begun;
            server.metrics().answered(target.route(), status, nanos);
            if (ACCESS.isLoggable(System.Logger.Level.DEBUG)) {
                ACCESS.log(
                        System.Logger.Level.DEBUG,
                        "{0} {1} {2} {3} us",
                        request.method(),
                        request.uri(),
                        status,
                        nanos / 1_000);
            }
            releaseBody();
            exchange = null;
            if (closesAfter || !written.isSuccess() || server.isDraining()) {
                ignore(context.close());
                return;
            }
            await(server.idleTimeout().toNanos());
            readNextIfDone();
        }
    }
}
