package io.alldocs.cli.worker;

import io.alldocs.worker.WorkerStatus;
import io.alldocs.worker.WorkerStatus.Counts;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Formats a worker's activity as one line: {@code 412 names or steps/s, 10 of 10 busy; partition 2, packument 130 (3
 * retried)}.
 */
final class WorkerLine {
    private static final int SECONDS = 5;

    String of(WorkerStatus status) {
        String types = status.types().entrySet().stream()
                .map(type -> type.getKey() + " " + counts(type.getValue()))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%,.1f names or steps/s, %d of %d busy; %s",
                rate(status.unitsPerSecond()),
                status.busy(),
                status.concurrency(),
                types.isEmpty() ? "nothing done yet" : types);
    }

    private static String counts(Counts counts) {
        return String.format(Locale.ROOT, "%,d", counts.done())
                + (counts.retried() == 0 ? "" : " (" + counts.retried() + " retried)")
                + (counts.dead() == 0 ? "" : " (" + counts.dead() + " given up)");
    }

    /** Returns the average rate of the last whole seconds. */
    private static double rate(List<Long> perSecond) {
        List<Long> last = perSecond.subList(Math.max(0, perSecond.size() - SECONDS), perSecond.size());
        return last.stream().mapToLong(Long::longValue).sum() / (double) SECONDS;
    }
}
