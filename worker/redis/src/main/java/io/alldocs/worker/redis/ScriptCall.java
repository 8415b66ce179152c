package io.alldocs.worker.redis;

import io.alldocs.worker.spi.QueueException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.api.StatefulConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One run of a script, which began when this was made. A server that does not know the script gets it; one that is loading its data, say, or whose
 * connection broke, is asked again until time is up.
 */
final class ScriptCall {
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Server server;
    private final StatefulConnection<byte[], byte[]> connection;
    private final String attempt;
    private final Script script;
    private final byte[][] keys;
    private final byte[][] args;
    private final long deadline;
    private RedisFuture<List<Object>> future;

    /** Why it was tried again. */
    private @Nullable Throwable refusal;

    ScriptCall(
            Server server,
            StatefulConnection<byte[], byte[]> connection,
            String attempt,
            Script script,
            byte[][] keys,
            byte[][] args,
            Duration timeout) {
        this.server = server;
        this.connection = connection;
        this.attempt = attempt;
        this.script = script;
        this.keys = keys;
        this.args = args;
        this.deadline = System.nanoTime() + timeout.toNanos();
        this.future = ScriptCommand.sendDigest(connection, script, keys, args);
    }

    /**
     * The answer. An interrupt does not end the wait, for the script may have run; it stays set.
     *
     * @throws QueueException when the server refused, or did not answer in time
     */
    List<Object> await() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    again(e.getCause() == null ? e : e.getCause());
                } catch (TimeoutException e) {
                    future.cancel(true);
                    throw server.failures().of(attempt, refusal == null ? e : refusal);
                } catch (CancellationException e) {
                    throw server.failures().of(attempt, e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void again(Throwable failure) {
        if (failure instanceof RedisNoScriptException) {
            future = ScriptCommand.sendSource(connection, script, keys, args);
        } else if (Failures.passes(failure) && !server.isClosed() && deadline - System.nanoTime() > RETRY_NANOS) {
            refusal = failure;
            if (Failures.isReadOnly(failure)) {
                ScriptCommand.hangUp(connection);
            }
            LockSupport.parkNanos(RETRY_NANOS);
            future = ScriptCommand.sendDigest(connection, script, keys, args);
        } else {
            throw server.failures().of(attempt, failure);
        }
    }
}
