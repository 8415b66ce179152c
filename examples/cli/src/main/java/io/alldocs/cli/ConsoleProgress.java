package io.alldocs.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Prints progress. On a terminal, prints a bar that is redrawn in place. Elsewhere, prints a line every few seconds or
 * every 5 %.
 */
public final class ConsoleProgress implements Progress {
    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);
    private static final Duration LINE_AT_MOST_EVERY = Duration.ofSeconds(1);
    private static final int PERCENT_STEP = 5;
    private static final String CLEAR_LINE = "\r\033[K";

    private final PrintWriter err;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private final TerminalWidth width;
    private final Consumer<String> log = this::say;
    private final ScheduledExecutorService ticker;
    private Supplier<String> reason = () -> "";
    private @Nullable Meter meter;
    private long lastLineNanos;
    private int lastLinePercent;

    ConsoleProgress(PrintWriter err, boolean terminal, TerminalWidth width, LongSupplier nanoTime) {
        this.err = err;
        this.terminal = terminal;
        this.width = width;
        this.nanoTime = nanoTime;
        this.ticker = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Returns a display on {@code err}. It prints a bar if the program runs on a terminal, and lines otherwise. */
    public static ConsoleProgress on(PrintWriter err) {
        ConsoleProgress progress =
                new ConsoleProgress(err, isTerminal(), TerminalWidth.ofThisProcess(), System::nanoTime);
        DisplayLog.use(progress.log);
        var ticks = progress.ticker.scheduleAtFixedRate(
                progress::tick, REDRAW.toMillis(), REDRAW.toMillis(), TimeUnit.MILLISECONDS);
        assert !ticks.isDone();
        return progress;
    }

    @Override
    public synchronized void explainWith(Supplier<String> words) {
        reason = words;
    }

    @Override
    public void begin(String phase, long total) {
        begin(phase, total, false);
    }

    @Override
    public void beginFetch(String phase, long total) {
        begin(phase, total, true);
    }

    private synchronized void begin(String phase, long total, boolean fetches) {
        end();
        long now = nanoTime.getAsLong();
        meter = new Meter(phase, total, fetches, now);
        lastLineNanos = now;
        lastLinePercent = 0;
    }

    @Override
    public synchronized void received(long count) {
        if (meter != null) {
            meter.received(count);
        }
    }

    @Override
    public synchronized void advance(long count) {
        if (meter != null) {
            meter.advance(count);
        }
    }

    @Override
    public synchronized void say(String line) {
        err.print(terminal ? CLEAR_LINE : "");
        err.println(line);
        err.flush();
    }

    @Override
    public synchronized void close() {
        ticker.shutdownNow();
        end();
        DisplayLog.release(log);
    }

    synchronized void tick() {
        Meter current = meter;
        if (current == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        current.sample(now);
        if (terminal) {
            err.print(CLEAR_LINE + explained(current.bar(width.columns()), width.columns()));
            err.flush();
        } else if (lineIsDue(current, now)) {
            err.println(explained(current.line(), Integer.MAX_VALUE));
            lastLineNanos = now;
            lastLinePercent = current.percent();
        }
    }

    private String explained(String line, int columns) {
        String words = reason.get();
        if (words.isEmpty()) {
            return line;
        }
        int room = columns - words.length() - 2;
        return room < 0
                ? words.substring(0, columns)
                : (line.length() <= room ? line : line.substring(0, room)) + "  " + words;
    }

    private boolean lineIsDue(Meter current, long now) {
        long since = now - lastLineNanos;
        boolean step = current.percent() - lastLinePercent >= PERCENT_STEP;
        return since >= LINE_EVERY.toNanos() || (step && since >= LINE_AT_MOST_EVERY.toNanos());
    }

    @Override
    public synchronized void end() {
        Meter ended = meter;
        meter = null;
        if (ended == null) {
            return;
        }
        err.print(terminal ? CLEAR_LINE : "");
        if (ended.hasBegun()) {
            ended.sample(nanoTime.getAsLong());
            err.println(ended.line());
        }
        err.flush();
    }

    /**
     * Returns whether the program runs on a terminal. Since JDK 22, a console can exist without a terminal; {@code
     * Console.isTerminal} exists only in those versions.
     */
    @SuppressWarnings("SystemConsoleNull") // the code handles a null console and Console.isTerminal
    public static boolean isTerminal() {
        var console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
