package io.alldocs.storage.sqlite;

import io.alldocs.cache.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;

/**
 * Where errors of SQLite and of the file system become the cache's, and where it is decided which of them may pass. By
 * <a href="https://www.sqlite.org/rescode.html">result code</a>, never by text.
 */
final class Failures {
    private static final int ERROR = 1;
    private static final int PERM = 3;
    static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int NOMEM = 7;
    private static final int READONLY = 8;
    private static final int INTERRUPT = 9;
    private static final int IOERR = 10;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANTOPEN = 14;
    private static final int PROTOCOL = 15;
    private static final int NOTADB = 26;

    private static final int SHOWN_KEY_LENGTH = 200;

    private Failures() {}

    /** @param attempt follows "Cannot" in the message and names key and file */
    static StorageException of(String attempt, SQLException cause) {
        return new StorageException("Cannot " + attempt + ": " + reason(cause), mayPass(cause), cause);
    }

    /** @param attempt follows "Cannot" in the message and names key and file */
    static StorageException of(String attempt, IOException cause) {
        boolean inTheWay = cause instanceof AccessDeniedException
                || cause instanceof FileAlreadyExistsException
                || cause instanceof NoSuchFileException;
        return new StorageException("Cannot " + attempt + ": " + reason(cause), !inTheWay, cause);
    }

    /** Whether another connection is at it: trying again soon is right. */
    static boolean isBusy(SQLException e) {
        int code = code(e);
        return code == BUSY || code == LOCKED || code == PROTOCOL;
    }

    /** Whether the bytes in the file are not those of a database. */
    static boolean isDamage(SQLException e) {
        return code(e) == CORRUPT || code(e) == NOTADB;
    }

    /** Likewise, of what {@link #of} made. */
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

    /** The primary code; extended ones carry more in their upper bits. */
    private static int code(SQLException e) {
        return e.getErrorCode() & 0xff;
    }

    private static String reason(SQLException e) {
        String advice = switch (code(e)) {
            case BUSY, LOCKED, PROTOCOL -> "another process or program holds the file's lock for too long; ";
            case FULL -> "no space is left; ";
            case READONLY, PERM -> "it cannot be written; ";
            case CANTOPEN -> "the file, or a file beside it, cannot be opened (path and permissions?); ";
            case CORRUPT ->
                "the file is damaged (fetch again into a new one, or save what is left with .recover of the"
                        + " sqlite3 program); ";
            case NOTADB -> "the file is no SQLite database; ";
            case ERROR -> "the file's tables may have been changed by another program; ";
            default -> "";
        };
        return advice + e.getMessage();
    }

    private static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException found) {
            return found.getFile() + " is in the way: it is not a directory";
        }
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + " does not exist";
        }
        if (e instanceof AccessDeniedException denied) {
            return "no permission for " + denied.getFile();
        }
        if (e instanceof FileSystemException other && other.getReason() != null) {
            return other.getReason() + " (" + other.getFile() + ")";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** A key for a message: of bearable length. */
    static String shown(String key) {
        return key.length() <= SHOWN_KEY_LENGTH
                ? key
                : key.substring(0, SHOWN_KEY_LENGTH) + "… (" + key.length() + " characters)";
    }
}
