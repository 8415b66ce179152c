package io.alldocs.cli.report;

import static io.alldocs.cli.Amount.counted;
import static io.alldocs.cli.report.Words.bytes;
import static io.alldocs.cli.report.Words.number;

import io.alldocs.cli.Amount;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes the report as text for people. The text says what is cached, how the cache differs from the origin, and how to
 * repair the cache.
 */
final class SyncReportText {
    private static final int PARTS_SHOWN = 10;
    private static final int BIGGEST_SHOWN = 3;

    private final SyncReport report;
    private final String folder;
    private final List<String> lines = new ArrayList<>();

    private SyncReportText(SyncReport report, String folder) {
        this.report = report;
        this.folder = folder;
    }

    static List<String> of(SyncReport report, String folder) {
        SyncReportText text = new SyncReportText(report, folder);
        text.write();
        return text.lines;
    }

    private void write() {
        lines.add(headline(report));
        row("job", report.job().what() + ", form " + report.job().form().label() + ", in " + folder);
        names();
        if (report.job().form() != SyncForm.NAMES) {
            packuments();
        }
        givenUp();
        feed();
        origin();
        drift();
        lines.add(Advice.of(report));
    }

    static String headline(SyncReport report) {
        String word = switch (report.status()) {
            case COMPLETE -> "Complete";
            case PARTIAL -> "Partial";
            case INTERRUPTED -> "Interrupted";
        };
        if (report.status() == SyncReport.Status.INTERRUPTED) {
            return word + ": counted " + counted(report.names(), "name") + " until then.";
        }
        return word + ": "
                + (report.job().form() == SyncForm.NAMES
                        ? counted(report.names(), "name") + " stored."
                        : number(report.names() - report.missing()) + " of " + counted(report.names(), "name")
                                + (report.names() == 1 ? " has" : " have") + " an outcome.");
    }

    private void names() {
        long walked = report.parts().size() - report.unwalked();
        boolean ofFile = report.job().names().isPresent();
        row(
                "names",
                number(report.names())
                        + (ofFile
                                ? ""
                                : " in " + number(walked) + " of "
                                        + counted(report.parts().size(), "partition")));
        report.parts().stream()
                .filter(part -> part.problem() != null)
                .limit(PARTS_SHOWN)
                .forEach(part -> row("", part.range() + " cannot be read: " + part.problem()));
    }

    private void packuments() {
        row(
                "outcomes",
                report.outcomes().isEmpty()
                        ? "none"
                        : report.outcomes().entrySet().stream()
                                .map(entry -> number(entry.getValue()) + " " + Words.outcome(entry.getKey()))
                                .collect(Collectors.joining(", ")));
        if (report.missing() > 0) {
            row("missing", counted(report.missing(), "name") + " still to be fetched");
        }
        TimeLeft.of(report)
                .ifPresent(left -> row(
                        "time left",
                        "about " + Amount.timeLeft(left.duration().toSeconds()) + " at " + Words.rate(left.perSecond())
                                + " packuments per second"
                                + (left.running() ? "" : ", the speed of the last run")));
        row(
                "documents",
                number(report.stock().documents()) + ", " + bytes(report.stock().bytes()) + " as stored");
        if (!report.stock().biggest().isEmpty()) {
            row(
                    "biggest",
                    report.stock().biggest().stream()
                            .limit(BIGGEST_SHOWN)
                            .map(big -> big.name() + " " + bytes(big.bytes()))
                            .collect(Collectors.joining(", ")));
        }
        if (report.state().retries() > 0) {
            row(
                    "waiting",
                    counted(report.state().retries(), "name") + " waiting for the registry to catch up with the feed");
        }
    }

    private void givenUp() {
        Map<String, String> items = report.state().givenUp();
        items.entrySet().stream()
                .limit(PARTS_SHOWN)
                .forEach(item -> row("given up", item.getKey() + ": " + item.getValue()));
        if (items.size() > PARTS_SHOWN) {
            row("", "and " + counted(items.size() - PARTS_SHOWN, "item") + " more");
        }
    }

    private void feed() {
        var state = report.state();
        if (state.position() == null) {
            return;
        }
        row(
                "feed",
                "followed to sequence " + state.position()
                        + (state.followed() == null
                                ? "; its end was not seen yet"
                                : ", its end seen "
                                        + Words.duration(positive(Duration.between(state.followed(), report.at())))
                                        + " ago"));
        if (!state.stale().isEmpty()) {
            row("", counted(state.stale().size(), "partition") + " changed since their pages were stored");
        }
    }

    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private void origin() {
        SyncReport.OriginView origin = report.origin();
        if (origin == null) {
            return;
        }
        if (origin.problem() != null) {
            row("origin", "does not respond: " + origin.problem());
            return;
        }
        row("lag", lag(origin.feed()));
    }

    static String lag(SyncReport.@Nullable FeedLag feed) {
        if (feed == null) {
            return "not known";
        }
        if (feed.newEpoch()) {
            return "the feed began a new epoch; all names must be compared by revision";
        }
        if (feed.rows() == 0) {
            return "none: nothing has changed";
        }
        return (feed.whole() ? "" : "more than ") + counted(feed.rows(), "change") + ", " + number(feed.concerning())
                + " of this job's names, " + counted(feed.deletions(), "deletion");
    }

    private void drift() {
        List<SyncReport.Part> differing = report.drifted().stream()
                .map(index -> report.parts().get(index))
                .limit(PARTS_SHOWN)
                .toList();
        for (SyncReport.Part part : differing) {
            row(
                    "drift",
                    part.range() + " has " + number(part.names() + part.designDocuments()) + " stored and "
                            + number(part.atOrigin() == null ? 0 : part.atOrigin())
                            + " at the origin; the changes do not explain the difference");
        }
        if (report.drifted().size() > PARTS_SHOWN) {
            row("", "and " + counted(report.drifted().size() - PARTS_SHOWN, "partition") + " more");
        }
    }

    private void row(String label, String text) {
        lines.add(String.format(Locale.ROOT, "  %-10s %s", label, text));
    }
}
