package io.alldocs.http.okhttp;

import io.alldocs.http.ClientRequest;
import io.alldocs.http.StallTimeoutException;
import io.alldocs.http.Timeouts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import org.jspecify.annotations.Nullable;

/** The state of one OkHttp call: its progress, the waiting thread, its deadline, and the meaning of its failures. */
final class Attempt extends EventListener {

    private final ClientRequest asked;
    private final Timeouts timeouts;
    private final Runnable released;
    private final long endNanos;
    private final AtomicBoolean over = new AtomicBoolean();

    private volatile boolean connected;
    private volatile boolean interrupted;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Call call;
    private volatile @Nullable Connection connection;
    private int status;

    /**
     * @param startNanos the start of the call's time
     * @param released runs once, when the connection is no longer needed
     */
    Attempt(ClientRequest asked, Timeouts timeouts, long startNanos, Runnable released) {
        this.asked = asked;
        this.timeouts = timeouts;
        this.released = released;
        this.endNanos = startNanos + timeouts.request().toNanos();
    }

    long nanosLeft() {
        return Math.max(0, endNanos - System.nanoTime());
    }

    /**
     * Returns the maximum time without received bytes before the headers. Time during which a body is sent does not
     * count.
     */
    int silenceMillis() {
        return millis(
                hasBody()
                        ? TimeUnit.NANOSECONDS.toMillis(nanosLeft())
                        : timeouts.stall().toMillis());
    }

    long stallMillis() {
        return millis(timeouts.stall().toMillis());
    }

    /** Returns a timeout for OkHttp, at least 1, because OkHttp interprets 0 as no timeout. */
    static int millis(long millis) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, millis));
    }

    boolean hasBody() {
        return asked.body() != null;
    }

    boolean namesEncoding() {
        return asked.headers().containsKey("accept-encoding");
    }

    boolean namesAgent() {
        return asked.headers().containsKey("user-agent");
    }

    /** Returns the status as received; OkHttp may have seen another. */
    int status() {
        return status;
    }

    void status(int received) {
        status = received;
    }

    void begin(Call started) {
        call = started;
        started.timeout().timeout(Math.max(1, nanosLeft()), TimeUnit.NANOSECONDS);
        InterruptWatch.SHARED.add(this);
    }

    /** Marks the current thread as waiting. */
    void enter() {
        waiting = Thread.currentThread();
    }

    void leave() {
        waiting = null;
    }

    boolean isWaitedFor() {
        return waiting != null;
    }

    void cancelIfInterrupted() {
        Thread thread = waiting;
        if (thread != null && thread.isInterrupted()) {
            interrupted = true;
            cancel();
        }
    }

    void cancel() {
        Call running = call;
        if (running != null) {
            running.cancel();
        }
    }

    /** Called when the connection can be reused or is closed. */
    void end() {
        if (over.compareAndSet(false, true)) {
            InterruptWatch.SHARED.remove(this);
            released.run();
        }
    }

    boolean wasInterrupted() {
        return interrupted || Thread.currentThread().isInterrupted();
    }

    @Override
    public void connectStart(Call started, java.net.InetSocketAddress address, java.net.Proxy proxy) {
        connected = false;
    }

    @Override
    public void secureConnectStart(Call started) {
        connected = true;
    }

    @Override
    public void connectionAcquired(Call started, Connection acquired) {
        connected = true;
        connection = acquired;
    }

    private void retireConnection() {
        Connection used = connection;
        if (used != null) {
            SharedConnections.retire(used);
        }
    }

    /** Returns the exception for a failure before the headers. */
    IOException beforeTheAnswer(IOException failure) {
        retireConnection();
        if (nanosLeft() == 0 || (failure instanceof SocketTimeoutException && connected && hasBody())) {
            return caused(
                    new HttpTimeoutException(
                            "No response arrived within " + timeouts.request().toMillis() + " ms."),
                    failure);
        }
        if (!(failure instanceof SocketTimeoutException)) {
            return failure;
        }
        return caused(
                connected
                        ? new StallTimeoutException(
                                "No response arrived within " + timeouts.stall().toMillis() + " ms.")
                        : new HttpConnectTimeoutException(
                                "The connection was not established within the connect timeout."),
                failure);
    }

    /** Returns the exception for a failure within the body, after {@code received} bytes. */
    IOException inTheBody(Exception failure, long received, String declared) {
        if (wasInterrupted()) {
            return caused(new InterruptedIOException("Interrupted while reading a body."), failure);
        }
        retireConnection();
        if (nanosLeft() == 0) {
            return caused(
                    new HttpTimeoutException("The response was incomplete after "
                            + timeouts.request().toMillis() + " ms; " + received + " bytes had arrived."),
                    failure);
        }
        if (failure instanceof SocketTimeoutException) {
            return caused(
                    new StallTimeoutException("No data arrived for "
                            + timeouts.stall().toMillis() + " ms, after " + received + " bytes."),
                    failure);
        }
        return new IOException("The body ended after " + received + declared + " bytes.", failure);
    }

    private static IOException caused(IOException thrown, Exception cause) {
        thrown.initCause(cause);
        return thrown;
    }
}
