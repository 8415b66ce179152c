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
 * One connection. It reads a request, obtains and writes the response, then reads the next request. While it writes a
 * response, it reads nothing from the socket, and prepares only as many bytes as the socket accepts. A client that is
 * slow, or sends a thousand requests at once, therefore needs no more memory than one piece of a response. All methods
 * run in the channel's own thread.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    static final byte[] CLOSE = "connection: close\r\n".getBytes(StandardCharsets.US_ASCII);

    private final MirrorEndpoint server;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> watch;

    /** The request in progress; null while waiting for one. Volatile for {@link #isBusy} only. */
    private volatile @Nullable Exchange exchange;

    /** Deadline for the client to send a whole request, or to accept a piece of a response. */
    private long deadline;

    private boolean waitsForClient;
    private boolean wholeRequest;

    /** Whether a read was started and has not completed. */
    private boolean reads;

    Connection(MirrorEndpoint server) {
        this.server = server;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        this.context = context;
        if (!server.admit(context.channel())) {
            ByteBuf refusal = context.alloc().buffer();
            Response reply = Responses.error(503, "Too many connections", "retry-after", "1");
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

    /** Starts a read of the next part of a request. */
    void readPart(ChannelHandlerContext context) {
        reads = true;
        ignore(context.read());
    }

    private static ByteBuf memory(Response reply) {
        ByteBuf memory = reply.memory();
        if (memory == null) {
            throw new IllegalStateException("An error's text is in memory");
        }
        return memory.duplicate();
    }

    /** Starts the timeout for the client's next action. */
    void await(long nanos) {
        deadline = System.nanoTime() + nanos;
        waitsForClient = true;
    }

    /** Stops the timeout, because the next action is not the client's. */
    void letWait() {
        waitsForClient = false;
    }

    private void closeIfTooLate() {
        if (waitsForClient && System.nanoTime() - deadline > 0 && context != null) {
            if (exchange != null) {
                server.listener().happened(MirrorEvent.SLOW_CLIENTS);
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
                readPart(context); // read the end of the request
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

    /**
     * Called by Netty at the end of each read, including one that returned no part of a request. In that case another
     * read is needed.
     */
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
        ignore(context.close()); // the client disconnected and will notice the missing response
    }

    /** Called when the request was answered, or can no longer be answered. */
    void finished(boolean closes) {
        exchange = null;
        if (closes && context != null) {
            ignore(context.close());
            return;
        }
        await(server.idleTimeout().toNanos());
        readNextIfDone();
    }

    /** Returns whether a request is in progress, from any thread. */
    boolean isBusy() {
        return exchange != null;
    }

    /** Closes the connection if it is idle; otherwise it closes after the current response. */
    void closeIfIdle() {
        if (context != null && exchange == null) {
            ignore(context.close());
        }
    }

    /** Ignores a failed write or close, because other code detects that the client has disconnected. */
    static void ignore(Object future) {
        assert future != null;
    }
}
