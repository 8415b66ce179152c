package io.alldocs.storage.filesystem;

import io.alldocs.cache.spi.StorageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Translates file system errors into storage exceptions and decides which of them are retryable. */
final class Failures {
    private static final int SHOWN_KEY_LENGTH = 200;

    private Failures() {}

    /** @param attempt completes the sentence "Cannot ..." in the message; names the key and the folder */
    static StorageException of(String attempt, IOException cause) {
        return new StorageException("Cannot " + attempt + ": " + reason(cause), mayPass(cause), cause);
    }

    /**
     * Returns whether an error may be transient: a full disk, too many open files, or a lock held by another process. A
     * path that is obstructed or forbidden is a permanent error.
     */
    private static boolean mayPass(IOException cause) {
        return !(cause instanceof AccessDeniedException
                || cause instanceof FileAlreadyExistsException
                || cause instanceof NoSuchFileException
                || cause instanceof FileNotFoundException
                || cause instanceof NotDirectoryException);
    }

    private static String reason(IOException cause) {
        if (cause instanceof FileAlreadyExistsException e) {
            return e.getFile() + " exists and is not a directory";
        }
        if (cause instanceof NotDirectoryException e) {
            return e.getFile() + " is not a directory";
        }
        if (cause instanceof NoSuchFileException e) {
            return e.getFile() + " does not exist";
        }
        if (cause instanceof AccessDeniedException e) {
            return "permission denied for " + e.getFile();
        }
        if (cause instanceof FileSystemException e && e.getReason() != null) {
            return e.getReason() + " (" + e.getFile()
                    + (e.getOtherFile() == null ? ")" : " to " + e.getOtherFile() + ")");
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** Returns a key for use in a message, shortened if necessary. */
    static String shown(String key) {
        return key.length() <= SHOWN_KEY_LENGTH
                ? key
                : key.substring(0, SHOWN_KEY_LENGTH) + "… (" + key.length() + " characters)";
    }
}
