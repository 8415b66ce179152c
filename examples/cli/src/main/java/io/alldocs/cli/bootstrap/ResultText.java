package io.alldocs.cli.bootstrap;

import static io.alldocs.cli.Amount.counted;

import io.alldocs.cli.Amount;
import io.alldocs.http.AuthException;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncResult;
import io.alldocs.sync.SyncResult.Feed;
import io.alldocs.sync.SyncResult.Status;
import io.alldocs.sync.SyncResult.Work;
import io.alldocs.sync.WireCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes the result as text for people. The text says what is stored, what this run did, what is missing, and how to
 * fetch it.
 */
final class ResultText {
    private static final int FAILURES_SHOWN = 10;

    private final SyncResult report;
    private final List<String> lines = new ArrayList<>();

    private ResultText(SyncResult report) {
        this.report = report;
    }

    static List<String> of(SyncResult report) {
        ResultText text = new ResultText(report);
        text.write();
        return text.lines;
    }

    private void write() {
        lines.add(headline());
        if (report.names() > 0) {
            row("names", names());
        }
        if (report.names() > 0 && report.job().form() != SyncForm.NAMES) {
            row("packuments", outcomes(report.outcomes()));
        }
        if (!report.offline()) {
            work(report.work());
        }
        feed(report.feed());
        missing();
        lines.add(advice());
    }

    private static final String AGAIN = "Run the same command again: it resumes where this run stopped.";

    private String headline() {
        if (report.names() == 0 && report.status() != Status.COMPLETE) {
            return word(report) + ": no names are stored yet (" + report.job().what() + ").";
        }
        // an interrupted run may have stored responses that it did not count
        String least = report.status() == Status.INTERRUPTED ? "at least " : "";
        String what = report.job().form() == SyncForm.NAMES
                ? counted(report.names(), "name")
                : number(report.withOutcome()) + " of " + counted(report.names(), "name")
                        + (report.names() == 1 ? " has an outcome" : " have an outcome");
        return word(report) + ": " + least + what + " (" + report.job().what() + ").";
    }

    /**
     * Returns the status in one word. The word is "Refused" only if the origin rejected the requests, and "Failed" if
     * it was unreachable.
     */
    private static String word(SyncResult report) {
        return switch (report.status()) {
            case COMPLETE -> "Complete";
            case PARTIAL -> "Partial";
            case INTERRUPTED -> "Interrupted";
            case REFUSED -> report.cause() instanceof AuthException ? "Refused" : "Failed";
        };
    }

    private String names() {
        if (report.parts().isEmpty()) {
            return number(report.names());
        }
        long walked = report.parts().stream().filter(SyncResult.Part::walked).count();
        String partitions = walked == report.parts().size()
                ? "in " + counted(walked, "partition")
                : "in " + walked + " of " + counted(report.parts().size(), "partition");
        return number(report.names()) + " " + partitions;
    }

    private static String outcomes(Map<String, Long> outcomes) {
        return outcomes.isEmpty()
                ? "none counted yet"
                : outcomes.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .map(entry -> number(entry.getValue()) + " " + words(entry.getKey()))
                        .collect(Collectors.joining(", "));
    }

    private static String words(String outcome) {
        return outcome.equals("other_registry")
                ? "excluded (their scope has another registry)"
                : outcome.replace('_', ' ');
    }

    private void work(Work work) {
        row(
                "this run",
                number(work.fetched()) + " fetched, " + number(work.unchanged()) + " unchanged, " + number(work.hits())
                        + " found in the cache; " + Amount.bytes(work.bytesStored()) + " stored in "
                        + seconds(work.elapsed().toMillis()));
        WireCounts wire = work.wire();
        row(
                "requests",
                number(wire.requests()) + " sent (" + number(Math.round(work.requestsPerSecond())) + "/s), "
                        + number(wire.throttled()) + " throttled, " + number(wire.serverErrors()) + " server errors, "
                        + number(wire.broken()) + " broken off; " + Amount.bytes(wire.bytesReceived()) + " received");
    }

    private void feed(SyncResult.@org.jspecify.annotations.Nullable Feed feed) {
        if (feed == null || feed.to() == null) {
            return;
        }
        row(
                "changes",
                feed.endSeenAt() == null ? "not followed yet" : "followed to sequence " + feed.to() + read(feed));
        if (feed.resets() > 0) {
            row("", "the feed began a new epoch; all names were compared by revision");
        }
        if (feed.stalePartitions() > 0) {
            row(
                    "",
                    counted(feed.stalePartitions(), "partition")
                            + " changed again; the next run lists their names again");
        }
    }

    private String read(Feed feed) {
        if (report.offline()) {
            return " at " + feed.endSeenAt();
        }
        return "; " + counted(feed.changes(), "change") + " read, " + number(feed.concerning())
                + " of this job's names, " + counted(feed.deletions(), "deletion");
    }

    private void missing() {
        if (report.lagging() > 0) {
            row("lagging", counted(report.lagging(), "name") + " whose packument is older than the feed says");
        }
        if (report.missing() > 0) {
            row("missing", counted(report.missing(), "name") + " without an outcome");
        }
        if (report.malformed() > 0) {
            row(
                    "malformed",
                    counted(report.malformed(), "name") + " whose document is not a packument (list shows which)");
        }
        foreign(report.foreign());
        if (report.failed() > 0) {
            row("failed", counted(report.failed(), "request"));
            report.failures().entrySet().stream()
                    .limit(FAILURES_SHOWN)
                    .forEach(failure -> lines.add("    " + failure.getKey() + ": " + failure.getValue()));
            if (report.failed() > FAILURES_SHOWN) {
                lines.add("    … and " + number(report.failed() - FAILURES_SHOWN)
                        + " more (--report FILE lists a thousand)");
            }
        }
        if (report.reason() != null && report.status() != Status.INTERRUPTED) {
            row("reason", report.reason());
        }
    }

    private void foreign(SyncResult.Foreign foreign) {
        if (foreign.names() > 0) {
            row(
                    "foreign",
                    counted(foreign.names(), "name") + (foreign.names() == 1 ? " was" : " were")
                            + " answered by a server that is not the registry (first: " + foreign.first() + ")");
        }
    }

    private String advice() {
        if (report.offline()) {
            return report.status() == Status.COMPLETE
                    ? "No request was sent. Run the same command without --offline to fetch later changes."
                    : "No request was sent. Run the same command without --offline to fetch the missing packuments.";
        }
        return switch (report.status()) {
            case COMPLETE -> "Everything requested is stored. Run the same command again to fetch later changes.";
            case PARTIAL ->
                report.malformed() > 0 && report.missing() + report.failed() + report.lagging() == 0
                        ? "Nothing is missing, but some documents are not packuments. Run the same command with"
                                + " --force to fetch them again."
                        : AGAIN;
            case INTERRUPTED -> AGAIN;
            case REFUSED -> "Stored data is kept. Fix the cause, then run the same command again: it resumes.";
        };
    }

    private void row(String label, String text) {
        lines.add(String.format(Locale.ROOT, "  %-11s %s", label, text));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String seconds(long millis) {
        return millis < 60_000
                ? String.format(Locale.ROOT, "%.1f s", millis / 1000.0)
                : String.format(Locale.ROOT, "%d:%02d min", millis / 60_000, millis / 1000 % 60);
    }
}
