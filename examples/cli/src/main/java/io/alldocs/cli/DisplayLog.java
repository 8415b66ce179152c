package io.alldocs.cli;

import java.io.PrintWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Prints each log record as one line. If a progress display is active, the line appears above it and does not damage
 * it. Safe for concurrent use.
 */
final class DisplayLog extends Handler {
    private static final AtomicReference<@Nullable Consumer<String>> DISPLAY = new AtomicReference<>();

    private final PrintWriter err;
    private final SimpleFormatter formatter = new SimpleFormatter();

    private DisplayLog(PrintWriter err) {
        this.err = err;
    }

    /** Replaces the JVM's log handlers. Drops records below WARNING. */
    static void install(PrintWriter err) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new DisplayLog(err));
        root.setLevel(Level.WARNING);
    }

    /** Sends lines to {@code display} until {@link #release}. */
    static void use(Consumer<String> display) {
        DISPLAY.set(display);
    }

    /** Undoes {@link #use} of the same display. */
    static void release(Consumer<String> display) {
        DISPLAY.compareAndSet(display, null);
    }

    @Override
    public void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        String line =
                LocalTime.ofInstant(entry.getInstant(), ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS)
                        + " " + entry.getLevel().getName().toLowerCase(Locale.ROOT) + ": "
                        + Errors.oneLine(formatter.formatMessage(entry))
                        + (entry.getThrown() == null ? "" : " (" + Errors.message(entry.getThrown()) + ")");
        say(line, err);
    }

    /** Prints a line above the display. Prints it on {@code err} if there is no display. */
    static void say(String line, PrintWriter err) {
        Consumer<String> display = DISPLAY.get();
        if (display == null) {
            err.println(line);
            err.flush();
        } else {
            display.accept(line);
        }
    }

    @Override
    public void flush() {
        err.flush();
    }

    @Override
    public void close() {}
}
