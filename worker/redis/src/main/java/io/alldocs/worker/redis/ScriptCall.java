package io.alldocs.worker.redis;

import io.alldocs.worker.spi.QueueException;
import io.lettuce.core.RedisCommandExecutionException;
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
 * One run of a script, with a timeout that starts when this object is created. If the server has not loaded the script,
 * its source is sent. Transient errors (a server that is loading its data, a broken connection) are retried until the
 * timeout.
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

    /** The reason of the last retry: the server's last rejection, else the network's failure. */
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
     * Waits for the response. An interrupt does not end the wait, because the script may have run; the flag stays set.
     *
     * @throws QueueException if the server rejected the script, or did not respond in time
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
                    throw server.failure(attempt, refusal == null ? e : refusal);
                } catch (CancellationException e) {
                    throw server.failure(attempt, e);
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
            refusal = worse(failure);
            if (Failures.isReadOnly(failure)) {
                ScriptCommand.hangUp(connection);
            }
            LockSupport.parkNanos(RETRY_NANOS);
            future = ScriptCommand.sendDigest(connection, script, keys, args);
        } else {
            throw server.failure(attempt, worse(failure));
        }
    }

    private Throwable worse(Throwable failure) {
        Throwable before = refusal;
        return before instanceof RedisCommandExecutionException && !(failure instanceof RedisCommandExecutionException)
                ? before
                : failure;
    }
}
