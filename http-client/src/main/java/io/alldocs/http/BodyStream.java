package io.alldocs.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A response body as a stream with its own timeouts, because {@code HttpRequest.timeout} ends at the headers
 * (JDK-8208693). The stream buffers at most {@value #PREFETCH} unread chunks and reads the connection further only
 * after the reader has taken one. One thread reads the stream; any thread may close it.
 */
final class BodyStream extends InputStream implements BodySubscriber<InputStream> {

    private static final int PREFETCH = 4;
    private static final int DRAIN_BYTES = 16 * 1024;
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final List<ByteBuffer> END = Collections.unmodifiableList(new ArrayList<>());

    private final BlockingQueue<List<ByteBuffer>> chunks = new LinkedBlockingQueue<>();
    private final Deadline deadline;
    private final long stallNanos;
    private final OptionalLong declared;
    private final SelectorWatch watch;
    private final Owner owner;
    private final AtomicBoolean over = new AtomicBoolean();

    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    private Iterator<ByteBuffer> buffers = Collections.emptyIterator();
    private ByteBuffer current = ByteBuffer.allocate(0);
    private long received;
    private boolean atEnd;

    /** Receives the end of the exchange. */
    interface Owner {
        /** Called when the thread that delivers the chunks no longer responds. */
        void lost();

        /** Called when the body is incomplete or did not arrive in time. */
        void failed();

        /** Called when the exchange no longer needs its connection: once, after the other methods. */
        void released();
    }

    /** @param watch watches the thread that delivers the chunks */
    BodyStream(Deadline deadline, long stallNanos, OptionalLong declared, SelectorWatch watch, Owner owner) {
        this.deadline = deadline;
        this.stallNanos = stallNanos;
        this.declared = declared;
        this.watch = watch;
        this.owner = owner;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription arrived) {
        subscription = arrived;
        if (closed) {
            arrived.cancel();
        } else {
            arrived.request(PREFETCH);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> chunk) {
        chunks.add(chunk);
    }

    @Override
    public void onError(Throwable thrown) {
        failure = thrown;
        if (!closed) {
            owner.failed();
        }
        finish();
    }

    @Override
    public void onComplete() {
        finish();
    }

    @Override
    public int read() throws IOException {
        return fill() ? current.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, current.remaining());
        current.get(target, offset, count);
        return count;
    }

    @Override
    public int available() {
        return current.remaining();
    }

    /**
     * Closes the stream and releases the connection. If only a small part of the body is still missing, it is read and
     * discarded, so that the connection can be reused. Otherwise the exchange is cancelled. A reader that is blocked in
     * another thread gets an IOException.
     */
    @Override
    public void close() {
        closed = true;
        if (!over.get()) {
            readOverShortRest();
        }
        abandon();
    }

    private void readOverShortRest() {
        long end = System.nanoTime() + DRAIN_NANOS;
        int bytes = 0;
        try {
            while (!over.get() && bytes < DRAIN_BYTES) {
                List<ByteBuffer> chunk = chunks.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                Flow.Subscription running = subscription;
                if (chunk == null || chunk == END || running == null) {
                    return;
                }
                bytes += chunk.stream().mapToInt(ByteBuffer::remaining).sum();
                running.request(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void abandon() {
        closed = true;
        Flow.Subscription running = subscription;
        if (running != null && !over.get()) {
            running.cancel();
        }
        finish();
    }

    /** Makes {@code current} hold at least one byte. Returns false at the end of a complete body. */
    private boolean fill() throws IOException {
        while (!current.hasRemaining()) {
            if (closed) {
                throw new IOException("The body was closed.");
            }
            if (buffers.hasNext()) {
                current = buffers.next();
                received += current.remaining();
            } else if (atEnd || !nextChunk()) {
                return false;
            }
        }
        return true;
    }

    private boolean nextChunk() throws IOException {
        List<ByteBuffer> chunk = take();
        if (chunk == END) {
            requireWhole();
            atEnd = true;
            return false;
        }
        Objects.requireNonNull(subscription).request(1);
        buffers = chunk.iterator();
        return true;
    }

    private List<ByteBuffer> take() throws IOException {
        List<ByteBuffer> there = chunks.poll();
        if (there != null) {
            return there;
        }
        long start = System.nanoTime();
        long left = deadline.nanosLeft();
        long bound = Math.min(left, stallNanos);
        SelectorWatch.Looks looks = watch.looks();
        boolean isLost = false;
        try {
            for (long waited = 0; waited < bound && !isLost; waited = System.nanoTime() - start) {
                List<ByteBuffer> chunk =
                        chunks.poll(Math.min(bound - waited, looks.nanosToNext()), TimeUnit.NANOSECONDS);
                if (chunk != null) {
                    return chunk;
                }
                isLost = looks.findLost();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon();
            throw (IOException) new InterruptedIOException("Interrupted while reading a body.").initCause(e);
        }
        isLost = isLost || looks.findLostInTheEnd();
        if (isLost) {
            owner.lost();
        } else {
            owner.failed();
        }
        abandon();
        if (isLost) {
            throw HungClientException.inBody(received);
        }
        throw left <= stallNanos
                ? new HttpTimeoutException(
                        "The response was incomplete after " + deadline + "; " + received + " bytes had arrived.")
                : new StallTimeoutException("No data arrived for " + TimeUnit.NANOSECONDS.toMillis(stallNanos)
                        + " ms, after " + received + " bytes.");
    }

    private void requireWhole() throws IOException {
        if (closed) {
            throw new IOException("The body was closed.");
        }
        Throwable cause = failure;
        if (cause instanceof AssertionError) { // see ParserChecks
            throw (IOException)
                    new ProtocolException("The chunked encoding of the body is invalid, or ends with trailer fields,"
                                    + " after "
                                    + received + " bytes.")
                            .initCause(cause);
        }
        if (cause != null) {
            throw new IOException("The body ended after " + received + declaredText() + " bytes.", cause);
        }
        if (declared.isPresent() && received != declared.getAsLong()) {
            throw new EOFException("The body ended after " + received + declaredText() + " bytes.");
        }
    }

    private String declaredText() {
        return declared.isPresent() ? " of " + declared.getAsLong() : "";
    }

    private void finish() {
        if (over.compareAndSet(false, true)) {
            owner.released();
        }
        chunks.add(END);
    }
}
