package io.alldocs.examples.postgres;

import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/**
 * Translates errors of JDBC into storage exceptions and decides which of them are retryable. The decision uses the <a
 * href="https://www.postgresql.org/docs/current/errcodes-appendix.html">SQLSTATE</a>, never the message text.
 */
final class SqlFailures {
    /** SQLSTATE that the JDBC driver reports for a value that it could not send. */
    private static final String INVALID_PARAMETER_VALUE = "22023";

    private SqlFailures() {}

    /** @param attempt completes the sentence "Cannot ..." in the message; names the key and the database */
    static StorageException of(String attempt, SQLException error) {
        SQLException cause = first(error);
        if (cause.getCause() instanceof IOException broken && state(cause).equals(INVALID_PARAMETER_VALUE)) {
            return unreadable(attempt, broken);
        }
        String code = state(cause).isEmpty() ? "" : " (SQLSTATE " + state(cause) + ")";
        return new StorageException(
                "Cannot " + attempt + ": " + advice(cause) + cause.getMessage() + code, mayPass(cause), cause);
    }

    /** Returns the exception for a failed transfer between the database and a temporary file. */
    static StorageException of(String attempt, IOException error) {
        if (error.getCause() instanceof SQLException cause) {
            return of(attempt, cause);
        }
        return new StorageException(
                "Cannot " + attempt + ": the temporary file for a large body failed; " + error.getMessage(),
                true,
                error);
    }

    private static StorageException unreadable(String attempt, IOException cause) {
        return new StorageException(
                "Cannot " + attempt + ": the body to be stored cannot be read; " + cause.getMessage(), false, cause);
    }

    // region may-pass
    /**
     * Returns whether the same call may succeed later, because the server is unavailable, busy, or out of a resource.
     */
    private static boolean mayPass(SQLException e) {
        return worthAnotherTry(e)
                || switch (state(e)) {
                    // In use, locked, canceled, starting up, or idle for too long.
                    case "55006", "55P03", "57014", "57P03", "57P05" -> true;
                    // The pool had no free connection, or an interrupt ended the wait for one.
                    case "" -> e instanceof SQLTransientException || e.getCause() instanceof InterruptedException;
                    // Out of space, memory or connections, or an error of the operating system.
                    default -> state(e).startsWith("53") || state(e).startsWith("58");
                };
    }

    /**
     * Returns whether to retry immediately. Either the connection was lost and others are available, or the transaction
     * conflicted with another one and was rolled back.
     */
    static boolean worthAnotherTry(SQLException e) {
        String state = state(first(e));
        boolean undone = state.startsWith("40");
        boolean disconnected = state.startsWith("08") && !state.equals("08004") && !state.equals("08P01");
        return undone || disconnected || state.equals("57P01") || state.equals("57P02");
    }
    // endregion

    /**
     * Returns the server's own exception. The exception of a batch repeats the values in its message; its next
     * exception contains the server's message.
     */
    private static SQLException first(SQLException e) {
        return e instanceof BatchUpdateException && e.getNextException() != null ? e.getNextException() : e;
    }

    private static String state(SQLException e) {
        @Nullable String state = e.getSQLState();
        return state == null ? "" : state;
    }

    private static String advice(SQLException e) {
        return switch (state(e)) {
            case "25006" -> "the server refuses writes (check whether it is a standby); ";
            case "28000", "28P01" -> "the server refuses the credentials (check PGUSER and PGPASSWORD); ";
            case "3D000" -> "the database does not exist; create it, in UTF-8; ";
            case "42501" -> "the user lacks a privilege (to create the table; to select, insert, update and delete); ";
            case "42P01", "42703" -> "the table does not exist, or belongs to another program; ";
            case "53100" -> "the server's disk is full; ";
            case "53300" -> "the server has no connection left (check POSTGRES_POOL_SIZE of all processes together); ";
            default -> state(e).startsWith("08") ? "the server could not be reached, or closed the connection; " : "";
        };
    }
}
