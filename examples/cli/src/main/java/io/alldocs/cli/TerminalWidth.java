package io.alldocs.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the width of the terminal every two seconds, so that a display adapts when the window is resized. Java has no
 * API for the width, so this class runs {@code stty}, which is part of POSIX. Without {@code stty}, the width is 79.
 * Not thread-safe.
 */
final class TerminalWidth {
    static final int DEFAULT_COLUMNS = 79;

    private static final Duration ASK_EVERY = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Pattern SIZE = Pattern.compile("\\d+ (\\d{1,5})\\s*");
    private static final int MIN_COLUMNS = 20;

    private final Supplier<String> stty;
    private final LongSupplier nanoTime;
    private long askedNanos;
    private int columns;

    /**
     * @param stty command that prints rows and columns, as {@code stty size} does; any other output means that the size
     *     is unknown
     */
    TerminalWidth(Supplier<String> stty, LongSupplier nanoTime) {
        this.stty = stty;
        this.nanoTime = nanoTime;
    }

    static TerminalWidth ofThisProcess() {
        return new TerminalWidth(TerminalWidth::sttySize, System::nanoTime);
    }

    /**
     * Returns the number of columns that can be written without a line break. This is one less than the width of the
     * terminal.
     */
    int columns() {
        long now = nanoTime.getAsLong();
        if (columns == 0 || now - askedNanos >= ASK_EVERY.toNanos()) {
            askedNanos = now;
            Matcher size = SIZE.matcher(stty.get());
            int reported = size.matches() ? Integer.parseInt(size.group(1)) : 0;
            columns = reported < MIN_COLUMNS ? DEFAULT_COLUMNS : reported - 1;
        }
        return columns;
    }

    private static String sttySize() {
        File terminal = new File("/dev/tty");
        try {
            Process process = new ProcessBuilder("stty", "size")
                    .redirectInput(terminal)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return "";
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
