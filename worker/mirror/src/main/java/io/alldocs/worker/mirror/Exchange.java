package io.alldocs.worker.mirror;

import io.alldocs.packument.PackumentForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request and its response. All methods except {@link #accept} run in the channel's own thread. */
final class Exchange implements MirrorHandler.Taker {
    private static final System.Logger ACCESS = System.getLogger("io.alldocs.worker.mirror.access");
    private static final byte[] KEEP_ALIVE = "connection: keep-alive\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Space for the connection headers after a reply's head. */
    private static final int LINES_BYTES = 128;

    /**
     * Bodies up to this size are copied after their head, because one write of one buffer costs less than a write of
     * two.
     */
    private static final int COPIED_BYTES = 16 * 1024;

    private final Connection connection;
    private final MirrorEndpoint server;
    private final ChannelHandlerContext context;
    private final HttpRequest request;
    private final long begun = System.nanoTime();
    private Target target = new Target.Unknown("Bad request");
    private boolean closesAfter;

    /** The body of an audit until the response is sent; null for all other requests. */
    private @Nullable RequestBody body;

    Exchange(Connection connection, MirrorEndpoint server, ChannelHandlerContext context, HttpRequest request) {
        this.connection = connection;
        this.server = server;
        this.context = context;
        this.request = request;
        this.closesAfter = !HttpUtil.isKeepAlive(request);
    }

    void begin() {
        Response refusal = refusal();
        if (refusal != null) {
            send(refusal);
            return;
        }
        target = Target.of(request.uri());
        if (isPost()) {
            body = new RequestBody(server.requestBytes());
            if (HttpUtil.is100ContinueExpected(request)) {
                Connection.ignore(context.writeAndFlush(Unpooled.copiedBuffer(CONTINUE)));
            }
            connection.await(server.idleTimeout().toNanos());
            return;
        }
        if (target instanceof Target.Metrics) {
            String accept = Accepts.list(request.headers(), HttpHeaderNames.ACCEPT);
            server.answers().metrics(accept, server::status, this);
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

    /** Receives a part of a request's body. */
    void part(HttpContent content) {
        if (body == null) {
            closesAfter = true; // this request must not have a body; ignore whatever follows
            return;
        }
        body.add(content.content());
        connection.await(server.idleTimeout().toNanos());
        connection.readPart(context);
    }

    /** Receives the end of the request. */
    void end(LastHttpContent last) {
        RequestBody whole = body;
        if (whole == null || !(target instanceof Target.SecurityAudit audit)) {
            return;
        }
        whole.add(last.content());
        connection.letWait();
        if (last.decoderResult().isFailure()) {
            closesAfter = true; // the bytes that follow cannot be distinguished from the body
            send(Responses.error(400, "The body of the request cannot be read"));
        } else if (whole.isTooLarge()) {
            send(Responses.error(413, "The audit is larger than the limit of " + RequestBody.LARGEST_BYTES + " bytes"));
        } else if (whole.isWithoutRoom()) {
            send(Responses.error(503, "This mirror is busy", "retry-after", "1"));
        } else {
            String coding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity");
            if (coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("identity")) {
                server.answers().audit(audit, whole.bytes(), coding.equalsIgnoreCase("gzip"), this);
            } else {
                send(Responses.error(415, "An audit must be uncompressed or compressed with gzip"));
            }
        }
    }

    void releaseBody() {
        if (body != null) {
            body.release();
            body = null;
        }
    }

    private @Nullable Response refusal() {
        if (request.decoderResult().isFailure()) {
            closesAfter = true;
            Throwable cause = request.decoderResult().cause();
            if (cause instanceof TooLongHttpLineException) {
                return Responses.error(414, "The URL is too long");
            }
            return cause instanceof TooLongHttpHeaderException
                    ? Responses.error(431, "The headers are too large")
                    : Responses.error(400, "Bad request");
        }
        if (request.headers().getAll(HttpHeaderNames.HOST).size() > 1) {
            closesAfter = true;
            return Responses.error(400, "A request must have exactly one Host header"); // RFC 9112 §3.2
        }
        if (isPost() && Target.of(request.uri()) instanceof Target.SecurityAudit) {
            return null;
        }
        if (!request.method().equals(HttpMethod.GET) && !isHead()) {
            closesAfter = true; // the body is not read
            return Responses.error(405, "This mirror is read-only", "allow", "GET, HEAD");
        }
        boolean body = HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
        closesAfter |= body;
        return null;
    }

    /** Returns whether the client requires revalidation, as npm does with {@code --prefer-online}. */
    private boolean isInsisting() {
        String control = Accepts.list(request.headers(), HttpHeaderNames.CACHE_CONTROL);
        return control != null && (control.contains("no-cache") || control.contains("max-age=0"));
    }

    private boolean isHead() {
        return request.method().equals(HttpMethod.HEAD);
    }

    /** Receives the response from the thread that found it. */
    @Override
    public void accept(@Nullable Response reply, @Nullable Throwable error) {
        Response answer = reply == null ? Failures.reply(Objects.requireNonNull(error)) : reply;
        if (context.executor().inEventLoop()) {
            sendOrClose(answer);
            return;
        }
        try {
            context.executor().execute(() -> sendOrClose(answer));
        } catch (RuntimeException e) {
            answer.release(); // the server was closed meanwhile
        }
    }

    /** Sends a reply, or closes the connection on failure so that it does not wait forever. */
    private void sendOrClose(Response reply) {
        try {
            send(reply);
        } catch (RuntimeException | Error e) {
            Connection.ignore(context.close());
            throw e;
        }
    }

    private void send(Response reply) {
        closesAfter |= server.isDraining();
        if (Conditions.isUnchanged(request.headers(), reply)) {
            reply.release();
            finish(context.writeAndFlush(head(reply.notModifiedHead(), false, 0)), 304);
            return;
        }
        boolean chunked = reply.length() < 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        closesAfter |= reply.length() < 0 && !chunked && !isHead(); // HTTP/1.0: closing the connection ends the body
        if (isHead() || reply.length() == 0) {
            reply.release();
            finish(context.writeAndFlush(head(reply.head(), chunked, 0)), reply.status());
        } else if (reply.memory() != null && reply.length() <= COPIED_BYTES) {
            sendWhole(reply, reply.memory());
        } else {
            Connection.ignore(context.write(head(reply.head(), chunked, 0)));
            waitForClient();
            new BodyWriter(context, server, this::waitForClient, connection::letWait)
                    .write(reply, chunked, written -> finish(written, reply.status()));
        }
    }

    private void sendWhole(Response reply, ByteBuf body) {
        int length = body.readableBytes();
        ByteBuf whole = head(reply.head(), false, length);
        whole.writeBytes(body, body.readerIndex(), length);
        reply.release();
        server.listener().sent(length);
        finish(context.writeAndFlush(whole), reply.status());
    }

    private void waitForClient() {
        connection.await(server.writeTimeout().toNanos());
    }

    /** @param room extra space for a body after the head */
    private ByteBuf head(byte[] head, boolean chunked, int room) {
        ByteBuf lines = context.alloc().ioBuffer(head.length + LINES_BYTES + room);
        lines.writeBytes(head).writeBytes(HttpDate.line());
        if (chunked) {
            lines.writeBytes(CHUNKED);
        }
        if (closesAfter) {
            lines.writeBytes(Connection.CLOSE);
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
            Connection.ignore(written.addListener(done -> finished(written, status)));
        }
    }

    private void finished(ChannelFuture written, int status) {
        long nanos = System.nanoTime() - begun;
        MirrorListener listener = server.listener();
        if (listener != MirrorListener.NONE) {
            listener.answered(Target.route(target.getClass()), status, Duration.ofNanos(nanos));
        }
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
        connection.finished(closesAfter || !written.isSuccess() || server.isDraining());
    }
}
