package io.alldocs.worker.mirror;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection: takes a request, has it answered, writes the answer, takes the next. Nothing is read from the socket meanwhile, and nothing is
 * prepared that the socket does not take: a client that is slow, or that sends a thousand requests at once, costs what one answer's piece costs.
 * Everything happens in the channel's own thread.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    static final byte[] CLOSE = "connection: close\r\n".getBytes(StandardCharsets.US_ASCII);

    private final MirrorListener server;
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

    Connection(MirrorListener server) {
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

    /** Asks for the next part of a request. */
    void readPart(ChannelHandlerContext context) {
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
    void letWait() {
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
                exchange = new Exchange(this, server, context, request);
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

    /** The request is answered, or cannot be any more. */
    void finished(boolean closes) {
        exchange = null;
        if (closes && context != null) {
            ignore(context.close());
            return;
        }
        await(server.idleTimeout().toNanos());
        readNextIfDone();
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
}
