package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;

/**
 * Translates errors of SQLite and of the file system into storage exceptions and decides which of them are retryable.
 * The decision uses the <a href="https://www.sqlite.org/rescode.html">result code</a>, never the message text.
 */
final class Failures {
    private static final int ERROR = 1;
    private static final int PERM = 3;
    static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int NOMEM = 7;
    private static final int READONLY = 8;
    private static final int INTERRUPT = 9;
    static final int IOERR = 10;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANTOPEN = 14;
    private static final int PROTOCOL = 15;
    private static final int NOTADB = 26;

    private static final int SHOWN_KEY_LENGTH = 200;

    private Failures() {}

    /** @param attempt completes the sentence "Cannot ..." in the message; names the key and the file */
    static StorageException of(String attempt, SQLException cause) {
        return new StorageException("Cannot " + attempt + ": " + reason(cause), mayPass(cause), cause);
    }

    /** @param attempt completes the sentence "Cannot ..." in the message; names the key and the file */
    static StorageException of(String attempt, IOException cause) {
        boolean inTheWay = cause instanceof AccessDeniedException
                || cause instanceof FileAlreadyExistsException
                || cause instanceof NoSuchFileException;
        return new StorageException("Cannot " + attempt + ": " + reason(cause), !inTheWay, cause);
    }

    /** Returns whether another connection holds the lock, in which case a retry makes sense. */
    static boolean isBusy(SQLException e) {
        int code = code(e);
        return code == BUSY || code == LOCKED || code == PROTOCOL;
    }

    /** Returns whether the file is damaged or not a database. */
    static boolean isDamage(SQLException e) {
        return code(e) == CORRUPT || code(e) == NOTADB;
    }

    /** Returns whether an exception created by {@link #of} reports a damaged file. */
    static boolean isDamage(StorageException e) {
        return e.getCause() instanceof SQLException cause && isDamage(cause);
    }

    private static boolean mayPass(SQLException e) {
        return isBusy(e)
                || switch (code(e)) {
                    case FULL, IOERR, NOMEM, INTERRUPT -> true;
                    default -> false;
                };
    }

    /** Returns the primary result code; extended codes carry additional bits. */
    private static int code(SQLException e) {
        return e.getErrorCode() & 0xff;
    }

    private static String reason(SQLException e) {
        String advice = switch (code(e)) {
            case BUSY, LOCKED, PROTOCOL -> "another process or program holds the file's lock for too long; ";
            case FULL -> "no space is left; ";
            case READONLY, PERM -> "it cannot be written; ";
            case CANTOPEN -> "the file, or a file next to it, cannot be opened (check the path and the permissions); ";
            case CORRUPT ->
                "the file is damaged (fetch again into a new file, or recover what is left with .recover of the"
                        + " sqlite3 program); ";
            case NOTADB -> "the file is not a SQLite database; ";
            case ERROR -> "the file's tables may have been changed by another program; ";
            default -> "";
        };
        return advice + e.getMessage();
    }

    private static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException found) {
            return found.getFile() + " exists and is not a directory";
        }
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + " does not exist";
        }
        if (e instanceof AccessDeniedException denied) {
            return "permission denied for " + denied.getFile();
        }
        if (e instanceof FileSystemException other && other.getReason() != null) {
            return other.getReason() + " (" + other.getFile() + ")";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Returns a key for use in a message, shortened if necessary. */
    static String shown(String key) {
        return key.length() <= SHOWN_KEY_LENGTH
                ? key
                : key.substring(0, SHOWN_KEY_LENGTH) + "… (" + key.length() + " characters)";
    }
}
