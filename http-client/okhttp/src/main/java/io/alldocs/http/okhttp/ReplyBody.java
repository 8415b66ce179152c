package io.alldocs.http.okhttp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;

/**
 * A response body that enforces the declared length and the timeouts of its call. One thread reads it; any thread may
 * close it.
 */
final class ReplyBody extends InputStream {

    private static final int DRAIN_BYTES = 16 * 1024;
    private static final long DRAIN_MILLIS = 20;

    private final Attempt attempt;
    private final Response response;
    private final InputStream in;
    private final OptionalLong declared;

    private volatile boolean closed;
    private volatile boolean atEnd;
    private volatile boolean failed;
    private long received;

    ReplyBody(Attempt attempt, Response response, OptionalLong declared) {
        this.attempt = attempt;
        this.response = response;
        this.in = response.body().byteStream();
        this.declared = declared;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (closed) {
            throw new IOException("The body was closed.");
        }
        if (length == 0) {
            return 0;
        }
        if (atEnd) {
            return -1;
        }
        int count = fromTheWire(target, offset, length);
        if (count < 0) {
            requireWhole();
            finish();
            return -1;
        }
        received += count;
        return count;
    }

    private int fromTheWire(byte[] target, int offset, int length) throws IOException {
        if (failed || attempt.wasInterrupted()) {
            throw abandon(new IOException("The request has already failed."));
        }
        attempt.enter();
        BoundedSockets.allow();
        try {
            return in.read(target, offset, length);
        } catch (IOException | RuntimeException e) {
            throw abandon(e);
        } finally {
            BoundedSockets.forget();
            attempt.leave();
        }
    }

    private IOException abandon(Exception failure) {
        IOException meaning = closed
                ? new IOException("The body was closed.", failure)
                : attempt.inTheBody(failure, received, declaredText());
        failed = true;
        attempt.cancel();
        finish();
        return meaning;
    }

    private void requireWhole() throws IOException {
        if (declared.isPresent() && received != declared.getAsLong()) {
            EOFException cut = new EOFException("The body ended after " + received + declaredText() + " bytes.");
            abandon(cut);
            throw cut;
        }
        atEnd = true;
    }

    private String declaredText() {
        return declared.isPresent() ? " of " + declared.getAsLong() : "";
    }

    @Override
    public int available() throws IOException {
        return closed ? 0 : in.available();
    }

    /**
     * Closes the body and releases the connection. If only a small part of the body is still missing, it is read and
     * discarded, so that the connection can be reused. Otherwise the call is cancelled. A reader that is blocked in
     * another thread gets an IOException.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!atEnd && (failed || attempt.isWaitedFor() || !restIsShort())) {
            attempt.cancel();
        }
        finish();
    }

    private boolean restIsShort() {
        if (declared.isPresent() && declared.getAsLong() - received > DRAIN_BYTES) {
            return false;
        }
        BoundedSockets.allow();
        try {
            response.body().source().timeout().deadline(DRAIN_MILLIS, TimeUnit.MILLISECONDS);
            byte[] rest = new byte[DRAIN_BYTES / 4];
            int count = 0;
            for (int n = 0; n >= 0 && count <= DRAIN_BYTES; n = in.read(rest)) {
                count += n;
            }
            return count <= DRAIN_BYTES;
        } catch (IOException | RuntimeException e) {
            return false;
        } finally {
            BoundedSockets.forget();
        }
    }

    private void finish() {
        try {
            response.close();
        } catch (RuntimeException e) {
            attempt.cancel(); // Another thread is reading.
        }
        attempt.end();
    }
}
