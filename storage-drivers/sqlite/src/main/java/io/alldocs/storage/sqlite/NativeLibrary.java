package io.alldocs.storage.sqlite;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads the native SQLite library on a separate thread. To detect the operating system, sqlite-jdbc runs a program, and
 * an interrupt of the calling thread would be lost there.
 */
final class NativeLibrary {
    private static final Logger LOG = System.getLogger(NativeLibrary.class.getName());
    private static final CompletableFuture<Void> LOADED =
            CompletableFuture.runAsync(NativeLibrary::load, task -> new Thread(task, "sqlite-load").start());

    private NativeLibrary() {}

    /**
     * Waits until the library is loaded, and keeps the interrupt flag set. If it cannot be loaded, the first connection
     * reports the reason.
     */
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
