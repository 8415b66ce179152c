package io.alldocs.storage.sqlite;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite itself, loaded by a thread of its own: to learn what system it is on, sqlite-jdbc runs a program, and an interrupt that meets the calling thread there is lost.
 */
final class NativeLibrary {
    private static final Logger LOG = System.getLogger(NativeLibrary.class.getName());
    private static final CompletableFuture<Void> LOADED =
            CompletableFuture.runAsync(NativeLibrary::load, task -> new Thread(task, "sqlite-load").start());

    private NativeLibrary() {}

    /** Waits until it is loaded, and leaves an interrupt for whoever heeds it. Where it cannot be, the first connection tells why. */
    static void awaitLoaded() {
        LOADED.join();
    }

    private static void load() {
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception | LinkageError e) {
            LOG.log(Level.DEBUG, "SQLite's native library cannot be loaded", e);
        }
    }
}
