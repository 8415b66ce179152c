package io.alldocs.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Limits the time of {@link HttpClient#send} independently of the JDK's timeouts. The selector thread enforces the
 * JDK's timeouts, and it may hang. One daemon thread therefore checks all waiting calls. It interrupts the thread of a
 * call whose selector thread is lost or whose timeout has expired. This takes half the CPU time of waiting for
 * {@link HttpClient#sendAsync}, whose future passes through another thread pool. Safe for concurrent use.
 */
final class SendWatch {

    static final SendWatch SHARED = new SendWatch(TimeUnit.SECONDS.toNanos(1));

    /**
     * How much later than the JDK's timeout this one expires. On a busy machine the JDK's timeout may be late, but its
     * exception is more informative.
     */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int LOOKS_WITHOUT_CALLS = 200;

    private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
    private final long firstLookNanos;
    private volatile boolean running;

    /** @param firstLookNanos time after its start during which a call is not checked */
    SendWatch(long firstLookNanos) {
        this.firstLookNanos = firstLookNanos;
    }

    /**
     * Sends {@code request} and waits for the headers.
     *
     * @param bound timeout that the JDK should enforce
     * @param lost runs when the selector thread no longer responds
     * @throws IOException as the JDK's client throws it
     * @throws InterruptedException if another thread interrupted this one
     * @throws HungClientException if the selector thread is lost
     */
    HttpResponse<InputStream> send(
            JdkClients.Watched client,
            HttpRequest request,
            BodyHandler<InputStream> body,
            Duration bound,
            Runnable lost)
            throws IOException, InterruptedException {
        Waiting call = new Waiting(client.watch(), bound, firstLookNanos, lost);
        try {
            waiting.add(call);
            if (!running) {
                start();
            }
            HttpResponse<InputStream> response = client.http().send(request, body);
            if (call.end() != End.ANSWERED) {
                response.body().close();
                throw call.failure();
            }
            return response;
        } catch (InterruptedException e) {
            call.noticed();
            if (call.end() == End.ANSWERED) {
                throw e;
            }
            throw call.failure();
        } catch (HttpTimeoutException e) {
            if (call.end() == End.ANSWERED && !client.watch().looks().findLostInTheEnd()) {
                throw e;
            }
            lost.run();
            throw e;
        } finally {
            waiting.remove(call);
            End unused = call.end();
        }
    }

    private synchronized void start() {
        if (!running) {
            running = true;
            Thread thread = new Thread(this::watch, "all-docs-http-watch");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void watch() {
        for (int idle = 0; idle < LOOKS_WITHOUT_CALLS || !stop(); ) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            idle = waiting.isEmpty() ? idle + 1 : 0;
            long now = System.nanoTime();
            waiting.forEach(call -> call.look(now));
        }
    }

    /**
     * Stops the watch if there is no call; returns whether it stops. A call that arrives after the check sees
     * {@code running} false and starts another thread.
     */
    private synchronized boolean stop() {
        running = false;
        if (waiting.isEmpty()) {
            return true;
        }
        running = true;
        return false;
    }

    private enum End {
        ANSWERED,
        LOST,
        LATE
    }

    /** One thread that waits for headers. */
    private static final class Waiting {
        private final Thread thread = Thread.currentThread();
        private final long start = System.nanoTime();
        private final Duration bound;
        private final long firstLookNanos;
        private final Runnable lost;
        private final SelectorWatch.Looks looks;
        private final AtomicReference<End> end = new AtomicReference<>();
        private final Interrupts interrupts = Interrupts.ofThisThread();
        private volatile boolean interrupted;
        private boolean noticed;
        private boolean takenBack;
        private boolean foreign;

        Waiting(SelectorWatch watch, Duration bound, long firstLookNanos, Runnable lost) {
            this.bound = bound;
            this.lost = lost;
            this.firstLookNanos = firstLookNanos;
            this.looks = watch.looks();
        }

        /** Called only by the watching thread. */
        void look(long now) {
            if (now - start < firstLookNanos || end.get() != null) {
                return;
            }
            if (looks.findLost()) {
                interrupt(End.LOST);
            } else if (now - start >= bound.plus(GRACE).toNanos()) {
                interrupt(End.LATE);
            }
        }

        private void interrupt(End reason) {
            if (end.compareAndSet(null, reason)) {
                // before the interrupt, because a thread that does the work of a selector does not notice it
                lost.run();
                interrupts.ignoreThoseOfThisThread();
                thread.interrupt();
                interrupted = true;
            }
        }

        /** Called when an interrupt has ended the wait. */
        void noticed() {
            noticed = true;
        }

        /** Ends the wait, once. Clears an interrupt that this class caused, and no other. */
        End end() {
            if (end.compareAndSet(null, End.ANSWERED)) {
                interrupts.stop();
                return End.ANSWERED;
            }
            End reason = Objects.requireNonNull(end.get());
            if (reason != End.ANSWERED && !takenBack) {
                while (!interrupted) {
                    Thread.onSpinWait(); // the interrupt is imminent
                }
                takenBack = true;
                boolean another = Thread.interrupted() && noticed;
                interrupts.stop();
                foreign = another || interrupts.foreign();
                if (foreign) {
                    thread.interrupt();
                }
            }
            return reason;
        }

        /** @throws InterruptedException if another thread interrupted this one as well, at any time */
        IOException failure() throws InterruptedException {
            if (foreign) {
                boolean unused = Thread.interrupted(); // the exception reports it now
                throw new InterruptedException();
            }
            return end.get() == End.LOST
                    ? HungClientException.beforeHeaders()
                    : new HttpTimeoutException(
                            "The JDK's HTTP client did not complete the request within " + bound.toMillis() + " ms.");
        }
    }
}
