package io.alldocs.examples.registry;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.stream.ChunkedStream;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Handles one connection. Reads requests one after another, obtains the responses, and applies the faults to them. */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final int TRICKLES_PER_SECOND = 20;
    /** Larger bodies are written in several pieces, because the transport copies each piece into direct memory. */
    private static final int PIECE_BYTES = 1 << 18;

    private static final int LARGE_BYTES = 1 << 22;

    private final Router router;
    private final Faults faults;
    private final Requests requests;
    private final @Nullable String token;
    private final ChannelGroup open;

    Connection(Router router, Faults faults, Requests requests, @Nullable String token, ChannelGroup open) {
        this.router = router;
        this.faults = faults;
        this.requests = requests;
        this.token = token;
        this.open = open;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        requests.connected();
        open.add(context.channel());
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof HttpRequest request) {
                new Exchange(context, request).begin();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close(context); // the client disconnected and will notice the missing response
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing to do after the connection is closed
    private static void close(ChannelHandlerContext context) {
        context.close();
    }

    /** One request and its response. */
    private final class Exchange {
        private final ChannelHandlerContext context;
        private final HttpRequest request;
        private final Router.Target target;
        private final ChannelFutureListener onClose = closed -> finished();
        private @Nullable ScheduledFuture<?> nextStep;
        private boolean finished;

        Exchange(ChannelHandlerContext context, HttpRequest request) {
            this.context = context;
            this.request = request;
            this.target = Router.Target.of(request.uri());
        }

        void begin() {
            requests.started(target.endpoint(), target.name());
            context.channel().closeFuture().addListener(onClose);
            Optional<Fault> latency = strike(Fault.Kind.LATENCY);
            if (strike(Fault.Kind.RESET).isPresent()) {
                reset();
                return;
            }
            Duration delay = lasting(latency).plus(lasting(strike(Fault.Kind.STALL)));
            if (delay.isZero()) {
                answer();
            } else {
                later(delay, this::answer);
            }
        }

        private Optional<Fault> strike(Fault.Kind kind) {
            return faults.strike(kind, target.endpoint());
        }

        private static Duration lasting(Optional<Fault> fault) {
            return fault.map(Fault::duration).orElse(Duration.ZERO);
        }

        /**
         * Runs the next step after a delay. The connection reads no other request until the response is complete, so
         * responses keep the order of their requests.
         */
        private void later(Duration delay, Runnable step) {
            context.channel().config().setAutoRead(false);
            nextStep = context.executor()
                    .schedule(
                            () -> {
                                step.run();
                                context.flush();
                            },
                            delay.toNanos(),
                            TimeUnit.NANOSECONDS);
        }

        /** Called when the response is complete, or the connection is closed. */
        private void finished() {
            if (finished) {
                return;
            }
            finished = true;
            requests.finished();
            context.channel().closeFuture().removeListener(onClose);
            if (nextStep != null) {
                nextStep.cancel(false);
            }
            context.channel().config().setAutoRead(true);
        }

        private void reset() {
            finished();
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            close(context);
        }

        private void answer() {
            Response reply = reply();
            boolean compress = reply.status == 200
                    && !reply.gzip
                    && Accepts.gzip(request.headers().get(HttpHeaderNames.ACCEPT_ENCODING));
            byte[] body = compress && reply.body.length > 0 ? Gzip.compress(reply.body) : reply.body;
            HttpResponse head = head(reply);
            if (compress || reply.gzip) {
                head.headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
            }
            boolean close = reply.closes() || !HttpUtil.isKeepAlive(request);
            if (close) {
                head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            send(head, body, close);
        }

        private Response reply() {
            if (request.decoderResult().isFailure()) {
                boolean tooLong = request.decoderResult().cause() instanceof TooLongHttpLineException;
                return Response.error(tooLong ? 414 : 400, tooLong ? "URI Too Long" : "Bad Request")
                        .header("connection", "close");
            }
            if (!request.method().equals(HttpMethod.GET) && !isHead()) {
                return Response.error(405, "Method Not Allowed")
                        .header("allow", "GET, HEAD")
                        .header("connection", "close");
            }
            return Misfortune.instead(faults, target.endpoint())
                    .or(this::unauthorized)
                    .orElseGet(() -> router.reply(target, request.headers()));
        }

        private Optional<Response> unauthorized() {
            if (token == null || ("Bearer " + token).equals(request.headers().get(HttpHeaderNames.AUTHORIZATION))) {
                return Optional.empty();
            }
            return Optional.of(Response.error(401, "Unauthorized").header("www-authenticate", "Bearer"));
        }

        private boolean isHead() {
            return request.method().equals(HttpMethod.HEAD);
        }

        private static HttpResponse head(Response reply) {
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status));
            HttpHeaders headers = head.headers();
            headers.set(HttpHeaderNames.DATE, Router.httpDate(Instant.now()));
            if (!reply.contentType.isEmpty()) {
                headers.set(HttpHeaderNames.CONTENT_TYPE, reply.contentType);
            }
            for (int i = 0; i < reply.headers.size(); i += 2) {
                headers.set(reply.headers.get(i), reply.headers.get(i + 1));
            }
            return head;
        }

        private void send(HttpResponse head, byte[] body, boolean close) {
            boolean bodiless = body.length == 0 || isHead();
            requests.answered(target.endpoint(), target.name(), head.status().code(), bodiless ? 0 : body.length);
            if (bodiless) {
                whole(head, body, close);
            } else if (strike(Fault.Kind.CUT).isPresent()) {
                declareLength(head, body);
                cut(head, body);
            } else if (strike(Fault.Kind.CUT_CHUNKED).isPresent()) {
                HttpUtil.setTransferEncodingChunked(head, true);
                cut(head, body);
            } else if (strike(Fault.Kind.CUT_GZIP).isPresent()) {
                whole(head, Arrays.copyOf(body, body.length / 2), close);
            } else {
                slowOrWhole(head, body, close);
            }
        }

        private void cut(HttpResponse head, byte[] body) {
            write(head);
            finish(context.write(content(body, 0, body.length / 2)), true);
        }

        private void slowOrWhole(HttpResponse head, byte[] body, boolean close) {
            Optional<Fault> stall = strike(Fault.Kind.STALL_BODY);
            Optional<Fault> trickle = strike(Fault.Kind.TRICKLE);
            if (stall.isEmpty() && trickle.isEmpty()) {
                whole(head, body, close);
                return;
            }
            declareLength(head, body);
            write(head);
            if (stall.isPresent()) {
                write(content(body, 0, body.length / 2));
                later(stall.get().duration(), () -> rest(body, body.length / 2, close));
            } else {
                trickle(body, 0, Math.max(1, trickle.orElseThrow().number() / TRICKLES_PER_SECOND), close);
            }
        }

        private void trickle(byte[] body, int from, int step, boolean close) {
            if (body.length - from <= step) {
                rest(body, from, close);
                return;
            }
            write(content(body, from, from + step));
            later(Duration.ofSeconds(1).dividedBy(TRICKLES_PER_SECOND), () -> trickle(body, from + step, step, close));
        }

        private void rest(byte[] body, int from, boolean close) {
            write(content(body, from, body.length));
            finish(context.write(LastHttpContent.EMPTY_LAST_CONTENT), close);
        }

        private void whole(HttpResponse head, byte[] body, boolean close) {
            if (head.status().code() != HttpResponseStatus.NOT_MODIFIED.code()) {
                declareLength(head, body);
            }
            if (body.length > LARGE_BYTES && !isHead()) {
                write(head);
                HttpChunkedInput pieces =
                        new HttpChunkedInput(new ChunkedStream(new ByteArrayInputStream(body), PIECE_BYTES));
                finish(context.write(pieces), close);
                return;
            }
            finish(
                    context.write(new DefaultFullHttpResponse(
                            head.protocolVersion(),
                            head.status(),
                            Unpooled.wrappedBuffer(body),
                            head.headers(),
                            EmptyHttpHeaders.INSTANCE)),
                    close);
        }

        private static void declareLength(HttpResponse head, byte[] body) {
            head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }

        private static HttpObject content(byte[] body, int from, int to) {
            ByteBuf slice = Unpooled.wrappedBuffer(body, from, to - from);
            return new DefaultHttpContent(slice);
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the last write fails too and closes the connection
        private void write(HttpObject part) {
            context.write(part);
        }

        private void finish(ChannelFuture written, boolean close) {
            written.addListener(done -> finished());
            if (close) {
                written.addListener(ChannelFutureListener.CLOSE);
            }
        }
    }
}
