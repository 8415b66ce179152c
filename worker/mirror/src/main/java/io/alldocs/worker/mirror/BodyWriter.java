package io.alldocs.worker.mirror;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one body in pieces; each piece is written after the socket has accepted the previous one. Bodies in a store
 * are read by the threads for the store, which never wait for a client.
 */
final class BodyWriter {
    private static final System.Logger LOG = System.getLogger(BodyWriter.class.getName());

    /**
     * Size of a piece of a body in memory. It is larger than what a socket accepts at once, and a slow client can
     * receive it within the timeout.
     */
    private static final int MEMORY_PIECE_BYTES = 256 * 1024;

    private static final int SOURCE_PIECE_BYTES = 32 * 1024;

    /** Fixed length of a chunk's size line: the size in hexadecimal, and the line break. */
    private static final int CHUNK_HEAD_BYTES = 6;

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ChannelHandlerContext context;
    private final MirrorEndpoint server;
    private final Runnable eachPiece;
    private final Runnable eachRead;

    /**
     * @param eachPiece called before each piece, in the channel's thread: the client's write timeout starts
     * @param eachRead called before each read from the store, in the channel's thread: the write timeout stops
     */
    BodyWriter(ChannelHandlerContext context, MirrorEndpoint server, Runnable eachPiece, Runnable eachRead) {
        this.context = context;
        this.server = server;
        this.eachPiece = eachPiece;
        this.eachRead = eachRead;
    }

    /** @param finished receives the last write, or the failed one, in the channel's thread */
    void write(Response reply, boolean chunked, Consumer<ChannelFuture> finished) {
        ByteBuf memory = reply.memory();
        if (memory != null) {
            server.listener().sent(memory.readableBytes());
            piece(memory.duplicate(), finished);
        } else {
            new Stream(Objects.requireNonNull(reply.source()), chunked, finished).next();
        }
    }

    /** @param rest with one reference, which is released with the last piece */
    private void piece(ByteBuf rest, Consumer<ChannelFuture> finished) {
        if (rest.readableBytes() <= MEMORY_PIECE_BYTES) {
            finished.accept(context.writeAndFlush(rest));
            return;
        }
        eachPiece.run();
        ChannelFuture written = context.writeAndFlush(rest.readRetainedSlice(MEMORY_PIECE_BYTES));
        Connection.ignore(written.addListener(done -> {
            if (done.isSuccess()) {
                piece(rest, finished);
            } else {
                rest.release();
                finished.accept(written);
            }
        }));
    }

    /** A body that is read while it is written, by one thread at a time. */
    private final class Stream {
        private final Response.Source source;
        private final boolean chunked;
        private final Consumer<ChannelFuture> finished;
        private @Nullable InputStream in;

        Stream(Response.Source source, boolean chunked, Consumer<ChannelFuture> finished) {
            this.source = source;
            this.chunked = chunked;
            this.finished = finished;
        }

        void next() {
            eachRead.run();
            try {
                source.threads(server.storeThreads()).execute(this::read);
            } catch (RuntimeException e) {
                end(context.newFailedFuture(e));
            }
        }

        private void read() {
            ByteBuf piece = context.alloc().ioBuffer(CHUNK_HEAD_BYTES + SOURCE_PIECE_BYTES + 2 + LAST_CHUNK.length);
            try {
                boolean last = fill(piece);
                context.executor().execute(() -> write(piece, last));
            } catch (IOException | RuntimeException | Error e) {
                piece.release();
                // The response has begun, so the only way to signal that it is incomplete is to close the connection.
                context.executor().execute(() -> end(context.newFailedFuture(e)));
            }
        }

        private boolean fill(ByteBuf piece) throws IOException {
            if (in == null) {
                in = source.open();
            }
            int start = chunked ? CHUNK_HEAD_BYTES : 0;
            piece.writerIndex(start);
            int room = SOURCE_PIECE_BYTES;
            int count = 0;
            while (room > 0 && count >= 0) {
                count = piece.writeBytes(in, room);
                room -= Math.max(0, count);
            }
            if (chunked) {
                frame(piece, SOURCE_PIECE_BYTES - room, count < 0);
            }
            return count < 0;
        }

        private void frame(ByteBuf piece, int size, boolean last) {
            if (size == 0) {
                piece.clear();
            } else {
                byte[] head = String.format("%04x\r\n", size).getBytes(StandardCharsets.US_ASCII);
                piece.setBytes(0, head).writeByte('\r').writeByte('\n');
            }
            if (last) {
                piece.writeBytes(LAST_CHUNK);
            }
        }

        private void write(ByteBuf piece, boolean last) {
            eachPiece.run();
            server.listener().sent(piece.readableBytes());
            ChannelFuture written = context.writeAndFlush(piece);
            Connection.ignore(written.addListener(done -> {
                if (last || !done.isSuccess()) {
                    end(written);
                } else {
                    next();
                }
            }));
        }

        private void end(ChannelFuture written) {
            try {
                if (in != null) {
                    in.close();
                } else {
                    source.discard();
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "Cannot close a response body", e);
            }
            finished.accept(written);
        }
    }
}
