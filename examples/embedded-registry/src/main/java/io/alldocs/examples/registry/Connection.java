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
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection: reads requests one after another, has them answered, and does to the answers what the faults demand. */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final int TRICKLES_PER_SECOND = 20;

    private final Router router;
    private final Faults faults;
    private final Requests requests;
    private final @Nullable String token;
    private final ChannelGroup open;
    private boolean waiting;

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
                received(context, request);
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
        context.close(); // the client went away; what it missed shows on its side
    }

    private void received(ChannelHandlerContext context, HttpRequest request) {
        Router.Target target = Router.Target.of(request.uri());
        requests.started(target.endpoint(), target.name());
        Exchange exchange = new Exchange(context, request, target);
        Optional<Fault> latency = faults.strike(Fault.Kind.LATENCY, target.endpoint());
        if (faults.strike(Fault.Kind.RESET, target.endpoint()).isPresent()) {
            exchange.reset();
            return;
        }
        Optional<Fault> stall = faults.strike(Fault.Kind.STALL, target.endpoint());
        Duration delay = latency.map(Fault::duration)
                .orElse(Duration.ZERO)
                .plus(stall.map(Fault::duration).orElse(Duration.ZERO));
        if (delay.isZero()) {
            exchange.answer();
        } else {
            exchange.later(delay, exchange::answer);
        }
    }

    /** One request and its answer. */
    private final class Exchange {
        private final ChannelHandlerContext context;
        private final HttpRequest request;
        private final Router.Target target;

        Exchange(ChannelHandlerContext context, HttpRequest request, Router.Target target) {
            this.context = context;
            this.request = request;
            this.target = target;
        }

        void later(Duration delay, Runnable step) {
            hold(true);
            context.executor()
                    .schedule(
                            () -> {
                                if (context.channel().isActive()) {
                                    step.run();
                                    context.flush();
                                } else {
                                    requests.finished();
                                }
                            },
                            delay.toNanos(),
                            TimeUnit.NANOSECONDS);
        }

        /** While an answer is delayed nothing further is read, so answers keep the order of their requests. */
        private void hold(boolean held) {
            context.channel().config().setAutoRead(!held);
        }

        void reset() {
            requests.finished();
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            context.close();
        }

        void answer() {
            Reply reply = reply();
            boolean gzip = !reply.gzip
                    && reply.body.length > 0
                    && isCompressible(reply)
                    && Accepts.gzip(request.headers().get(HttpHeaderNames.ACCEPT_ENCODING));
            byte[] body = gzip ? Gzip.compress(reply.body) : reply.body;
            HttpResponse head = head(reply);
            if (gzip || reply.gzip) {
                head.headers().set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
            }
            send(head, body, !HttpUtil.isKeepAlive(request) || reply.closes());
        }

        private boolean isCompressible(Reply reply) {
            return reply.status == 200;
        }

        private Reply reply() {
            if (request.decoderResult().isFailure()) {
                return Reply.error(400, "Bad Request").header("connection", "close");
            }
            if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
                return Reply.error(405, "Method Not Allowed")
                        .header("allow", "GET, HEAD")
                        .header("connection", "close");
            }
            for (int status = 0; ; ) {
                Optional<Fault> fault = faults.strike(Fault.Kind.STATUS, target.endpoint());
                if (fault.isPresent()) {
                    return Misfortune.status(fault.get());
                }
                break;
            }
            Optional<Reply> wrong = Misfortune.wrongBody(faults, target.endpoint());
            if (wrong.isPresent()) {
                return wrong.get();
            }
            if (token != null && !("Bearer " + token).equals(request.headers().get(HttpHeaderNames.AUTHORIZATION))) {
                return Reply.error(401, "Unauthorized").header("www-authenticate", "Bearer");
            }
            return router.reply(target, request.headers());
        }

        private HttpResponse head(Reply reply) {
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
            int status = head.status().code();
            if (close) {
                head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            boolean empty = body.length == 0 || request.method().equals(HttpMethod.HEAD) || status == 304;
            requests.answered(status, empty ? 0 : body.length);
            if (empty) {
                whole(head, body, close);
            } else if (strikes(Fault.Kind.CUT)) {
                cut(head, body);
            } else if (strikes(Fault.Kind.CUT_CHUNKED)) {
                cutChunked(head, body);
            } else if (strikes(Fault.Kind.CUT_GZIP)) {
                whole(head, java.util.Arrays.copyOf(body, body.length / 2), close);
            } else {
                slowOrWhole(head, body, close);
            }
        }

        private boolean strikes(Fault.Kind kind) {
            return faults.strike(kind, target.endpoint()).isPresent();
        }

        private void slowOrWhole(HttpResponse head, byte[] body, boolean close) {
            Optional<Fault> stall = faults.strike(Fault.Kind.STALL_BODY, target.endpoint());
            if (stall.isPresent()) {
                begin(head, body);
                context.writeAndFlush(new DefaultHttpContent(slice(body, 0, body.length / 2)));
                later(stall.get().duration(), () -> end(body, body.length / 2, close));
                return;
            }
            Optional<Fault> trickle = faults.strike(Fault.Kind.TRICKLE, target.endpoint());
            if (trickle.isPresent()) {
                begin(head, body);
                trickle(body, 0, Math.max(1, trickle.get().number() / TRICKLES_PER_SECOND), close);
                return;
            }
            whole(head, body, close);
        }

        private void trickle(byte[] body, int from, int step, boolean close) {
            if (body.length - from <= step) {
                end(body, from, close);
                return;
            }
            context.writeAndFlush(new DefaultHttpContent(slice(body, from, from + step)));
            later(Duration.ofSeconds(1).dividedBy(TRICKLES_PER_SECOND), () -> trickle(body, from + step, step, close));
        }

        private void begin(HttpResponse head, byte[] body) {
            head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
            context.write(head);
        }

        private void end(byte[] body, int from, boolean close) {
            context.write(new DefaultHttpContent(slice(body, from, body.length)));
            finish(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT), close);
        }

        private void whole(HttpResponse head, byte[] body, boolean close) {
            if (head.status().code() != 304) {
                head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
            }
            finish(
                    context.write(new DefaultFullHttpResponse(
                            head.protocolVersion(),
                            head.status(),
                            Unpooled.wrappedBuffer(body),
                            head.headers(),
                            io.netty.handler.codec.http.EmptyHttpHeaders.INSTANCE)),
                    close);
        }

        private void cut(HttpResponse head, byte[] body) {
            begin(head, body);
            finish(context.writeAndFlush(new DefaultHttpContent(slice(body, 0, body.length / 2))), true);
        }

        private void cutChunked(HttpResponse head, byte[] body) {
            HttpUtil.setTransferEncodingChunked(head, true);
            context.write(head);
            finish(context.writeAndFlush(new DefaultHttpContent(slice(body, 0, body.length / 2))), true);
        }

        private void finish(ChannelFuture written, boolean close) {
            written.addListener(done -> requests.finished());
            if (close) {
                written.addListener(ChannelFutureListener.CLOSE);
            }
            hold(false);
        }

        private static ByteBuf slice(byte[] body, int from, int to) {
            return Unpooled.wrappedBuffer(body, from, to - from);
        }
    }
}
