package io.alldocs.worker.redis;

import io.alldocs.worker.spi.QueueException;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Translates errors of Redis and Lettuce into queue exceptions. A Redis error begins with its code, as the protocol
 * requires.
 */
final class Failures {
    private static final Set<String> CREDENTIALS = Set.of("NOAUTH", "WRONGPASS", "NOPERM");

    /** Errors that resolve themselves soon. */
    private static final Set<String> PASSING =
            Set.of("LOADING", "BUSY", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN");

    /** Errors that persist until an operator acts: no memory, no disk, no replicas. */
    private static final Set<String> LASTING = Set.of("OOM", "MISCONF", "NOREPLICAS");

    /** Redis 6 wraps the error of a command in a script; this pattern extracts its code. */
    private static final Pattern IN_SCRIPT =
            Pattern.compile("^ERR Error running script [^@]*@user_script:\\d+: @user_script: ?\\d+: -([A-Z]+) ");

    private final String server;
    private final String queue;

    /** @param server address for messages, without secrets */
    Failures(String server, String queue) {
        this.server = server;
        this.queue = queue;
    }

    /** @param attempt completes the sentence "Cannot ..." in the message */
    QueueException of(String attempt, Throwable failure) {
        if (failure instanceof TimeoutException) {
            return failed(
                    attempt, "no response within the timeout; work continues when the server is back", true, failure);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RedisCommandExecutionException refusal) {
                return refused(attempt, refusal);
            }
        }
        return failed(
                attempt,
                "the connection failed (check that the server is a Redis, and whether it uses TLS); "
                        + String.valueOf(failure.getMessage()).replace("/<unresolved>", ""),
                true,
                failure);
    }

    private QueueException refused(String attempt, RedisCommandExecutionException refusal) {
        String code = code(refusal);
        return failed(attempt, advice(code) + refusal.getMessage(), passes(refusal) || LASTING.contains(code), refusal);
    }

    /** What the operator can do; the server's own words follow. */
    private static String advice(String code) {
        return CREDENTIALS.contains(code)
                ? "the user or password is wrong or missing, or the user lacks a permission (check REDIS_URL); "
                : switch (code) {
                    case "READONLY" ->
                        "the server is a replica; work continues when it is promoted, or after a restart with a"
                                + " REDIS_URL that names the primary; ";
                    case "LOADING" -> "the server is loading its data; work continues when that is done; ";
                    case "OOM" ->
                        "the server's memory is full; work continues when maxmemory is raised, or other keys are"
                                + " deleted; ";
                    case "MISCONF" -> "the server cannot write to its disk; work continues when it can; ";
                    case "NOREPLICAS" ->
                        "too few replicas are connected to the server; work continues when they are back; ";
                    default -> "";
                };
    }

    /**
     * Returns whether a retry may succeed soon. Errors that no server reported are network errors, which are retryable.
     */
    static boolean passes(Throwable failure) {
        return !(failure instanceof RedisCommandExecutionException refusal) || PASSING.contains(code(refusal));
    }

    /** Returns whether the server has become a replica, in which case the address may now belong to another server. */
    static boolean isReadOnly(Throwable failure) {
        return failure instanceof RedisCommandExecutionException refusal
                && code(refusal).equals("READONLY");
    }

    private static String code(RedisCommandExecutionException refusal) {
        String message = String.valueOf(refusal.getMessage());
        Matcher inScript = IN_SCRIPT.matcher(message);
        return inScript.find() ? inScript.group(1) : message.split(" ", 2)[0];
    }

    /** Returns the queue and its server, for messages. */
    String place() {
        return "queue " + queue + " on Redis at " + server;
    }

    QueueException failed(String attempt, String why, boolean retryable, @Nullable Throwable cause) {
        return new QueueException("Cannot " + attempt + " (" + place() + "): " + why, retryable, cause);
    }
}
