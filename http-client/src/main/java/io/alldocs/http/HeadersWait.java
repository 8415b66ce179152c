package io.alldocs.http;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for the headers of one exchange by a clock of our own. The JDK's bounds are kept by its selector thread, which may hang.
 */
final class HeadersWait {

    /** How much later than the JDK's bound ours ends: on a busy machine, the JDK's own timeout says more and arrives late. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final SelectorWatch watch;
    private final Runnable lost;

    /** @param lost runs when the selector thread no longer reacts */
    HeadersWait(SelectorWatch watch, Runnable lost) {
        this.watch = watch;
        this.lost = lost;
    }

    /**
     * What {@code answer} brings.
     *
     * @param bound that the JDK should keep
     * @throws IOException as the JDK's client throws it
     * @throws RuntimeException as the JDK's client throws it when it cannot make sense of an answer
     * @throws LostClientException if the selector thread is lost
     */
    <T> T await(CompletableFuture<T> answer, Duration bound) throws IOException, InterruptedException {
        try {
            return take(answer, bound);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (HttpTimeoutException e) {
            if (watch.looks().findLostInTheEnd()) {
                lost.run();
            }
            throw e;
        }
    }

    private <T> T take(CompletableFuture<T> answer, Duration bound) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long patience = bound.plus(GRACE).toNanos();
        SelectorWatch.Looks looks = watch.looks();
        for (long waited = 0; waited < patience; waited = System.nanoTime() - start) {
            try {
                return answer.get(Math.min(patience - waited, looks.nanosToNext()), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw unwrapped(e);
            } catch (TimeoutException e) {
                if (looks.findLost()) {
                    answer.cancel(true);
                    lost.run();
                    throw LostClientException.beforeHeaders();
                }
            }
        }
        answer.cancel(true);
        lost.run();
        throw new HttpTimeoutException(
                "The JDK's HTTP client did not end the request after " + bound.toMillis() + " ms.");
    }

    private static IOException unwrapped(ExecutionException failure) {
        Throwable cause = failure.getCause();
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof IOException e) {
            return e;
        }
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        return (IOException)
                new ProtocolException("An answer that the JDK's client cannot read: " + cause).initCause(cause);
    }
}
