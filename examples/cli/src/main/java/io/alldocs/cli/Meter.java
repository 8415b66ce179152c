package io.alldocs.cli;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Measures one phase: the number done, the total, the recent rate and the estimated time left. In a phase that fetches,
 * the rate and the time left count only what was received from the network. Entries that are already cached are not
 * counted, because they take much less time than the rest. Not thread-safe.
 */
final class Meter {
    /** Long enough for a steady rate, short enough to show that an origin throttles. */
    private static final Duration WINDOW = Duration.ofSeconds(10);

    /** The time left is estimated only after this time. */
    private static final Duration BEFORE_ESTIMATE = Duration.ofSeconds(5);

    private final String phase;
    private final long total;
    private final boolean fetches;
    private final long begunNanos;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private long done;
    private long received;

    private record Sample(long nanos, long counted) {}

    Meter(String phase, long total, boolean fetches, long nowNanos) {
        this.phase = phase;
        this.total = total;
        this.fetches = fetches;
        this.begunNanos = nowNanos;
        samples.add(new Sample(nowNanos, 0));
    }

    void advance(long count) {
        done += count;
    }

    void received(long count) {
        received += count;
    }

    boolean hasBegun() {
        return done > 0;
    }

    /** Records the current counts. The rate is computed from the samples of the last ten seconds. */
    void sample(long nowNanos) {
        samples.addLast(new Sample(nowNanos, fetches ? received : done));
        while (samples.size() > 2 && nowNanos - samples.getFirst().nanos() > WINDOW.toNanos()) {
            samples.removeFirst();
        }
    }

    /** Returns the percentage done, 0 to 100; 0 while the total is unknown. */
    int percent() {
        return total <= 0 ? 0 : (int) Math.min(100, done * 100 / total);
    }

    double perSecond() {
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        double seconds = (last.nanos() - first.nanos()) / 1e9;
        return seconds <= 0 ? 0 : (last.counted() - first.counted()) / seconds;
    }

    OptionalLong secondsLeft() {
        double rate = perSecond();
        long elapsed = samples.getLast().nanos() - begunNanos;
        return total <= 0 || rate <= 0 || elapsed < BEFORE_ESTIMATE.toNanos()
                ? OptionalLong.empty()
                : OptionalLong.of((long) Math.ceil(Math.max(0, total - done) / rate));
    }

    /** Returns a line such as {@code packuments 1,250 of 5,000 (25 %), 400 without a request, 840/s, 5 s left}. */
    String line() {
        String count = total > 0 ? number(done) + " of " + number(total) + " (" + percent() + " %)" : number(done);
        String left = secondsLeft().isPresent() && done < total
                ? ", " + Amount.timeLeft(secondsLeft().getAsLong()) + " left"
                : "";
        return phase + " " + count + fromCache(", ") + ", " + rate() + "/s" + left;
    }

    private String fromCache(String before) {
        long cached = done - received;
        return fetches && cached > 0 ? before + number(cached) + " without a request" : "";
    }

    /** Returns the line with a bar, in at most {@code columns} columns. */
    String bar(int columns) {
        if (total <= 0) {
            return cut(line(), columns);
        }
        String left = String.format(Locale.ROOT, "%-10s %3d %% ", phase, percent());
        String right = " " + number(done) + "/" + number(total) + "  " + rate() + "/s"
                + (secondsLeft().isPresent()
                        ? "  " + Amount.timeLeft(secondsLeft().getAsLong()) + " left"
                        : "")
                + fromCache("  ");
        int width = Math.min(60, columns - left.length() - right.length() - 2);
        return width < 5 ? cut(line(), columns) : left + "[" + filled(width) + "]" + right;
    }

    private String filled(int width) {
        int full = (int) Math.min(width, done * width / total);
        String head = full == 0 || full == width ? "" : ">";
        return "=".repeat(full - head.length()) + head + " ".repeat(width - full);
    }

    private String rate() {
        double rate = perSecond();
        return rate >= 10 || rate == 0 ? number(Math.round(rate)) : String.format(Locale.ROOT, "%.1f", rate);
    }

    private static String cut(String text, int columns) {
        return text.length() <= columns ? text : text.substring(0, columns);
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
