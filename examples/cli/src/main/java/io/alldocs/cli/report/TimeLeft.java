package io.alldocs.cli.report;

import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Estimates the time left of an unfinished job from the rate at which packuments were stored recently.
 *
 * @param open number of names without an outcome; an estimate until all partitions are listed
 * @param perSecond packuments stored per second, over the last {@link #WINDOW} in which packuments were stored
 * @param running whether an executor held the job when the report was created
 */
record TimeLeft(long open, double perSecond, boolean running) {
    private static final Duration WINDOW = Duration.ofMinutes(1);

    /** The fewest packuments from which a rate is computed. */
    private static final long ENOUGH = 20;

    /**
     * Returns the estimate. Empty if the job has finished, fetches no packuments, or has stored too few of them for an
     * estimate.
     */
    static Optional<TimeLeft> of(SyncReport report) {
        long open = open(report);
        List<SyncReport.Arrival> arrivals = report.stock().arrivals();
        if (report.state().finished() != null || open == 0 || arrivals.isEmpty()) {
            return Optional.empty();
        }
        Duration step = report.stock().arrivalStep();
        Instant end = arrivals.get(arrivals.size() - 1).from().plus(step);
        Duration window = WINDOW.compareTo(step.multipliedBy(2)) < 0 ? step.multipliedBy(2) : WINDOW;
        Instant start = end.minus(window);
        List<SyncReport.Arrival> last = arrivals.stream()
                .filter(arrival -> !arrival.from().isBefore(start))
                .toList();
        long stored = last.stream().mapToLong(SyncReport.Arrival::documents).sum();
        if (stored < ENOUGH) {
            return Optional.empty();
        }
        Instant seen = end.isAfter(report.at()) ? report.at() : end; // the last step may be incomplete
        double seconds = Math.max(1, Duration.between(last.get(0).from(), seen).toMillis() / 1000.0);
        return Optional.of(new TimeLeft(open, stored / seconds, report.state().holder() != null));
    }

    private static long open(SyncReport report) {
        long listed = report.parts().size() - report.unwalked();
        if (report.job().form() == SyncForm.NAMES || listed == 0) {
            return 0;
        }
        long expected = report.names() * report.parts().size() / listed;
        return Math.max(0, report.missing() + expected - report.names());
    }

    Duration duration() {
        return Duration.ofSeconds((long) Math.ceil(open / perSecond));
    }
}
