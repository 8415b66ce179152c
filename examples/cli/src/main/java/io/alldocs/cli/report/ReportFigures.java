package io.alldocs.cli.report;

import static io.alldocs.cli.Amount.counted;
import static io.alldocs.cli.report.Words.bytes;
import static io.alldocs.cli.report.Words.number;

import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Writes the figures of the report page. */
final class ReportFigures {
    private static final Set<String> STYLED =
            Set.of("ok", "not_found", "unpublished", "security_holder", "blocked", "malformed");

    /** The labels of an axis show seconds if the axis covers less than this time. */
    private static final Duration IN_SECONDS = Duration.ofHours(2);

    private final SyncReport report;
    private final Html html;
    private final Charts charts;
    private final boolean hasPackuments;

    ReportFigures(SyncReport report, Html html) {
        this.report = report;
        this.html = html;
        this.charts = new Charts(html);
        this.hasPackuments = report.job().form() != SyncForm.NAMES;
    }

    void write() {
        html.open("div", "class", "grid");
        if (report.job().names().isEmpty()) {
            partitions();
            changes();
        }
        if (hasPackuments) {
            outcomes();
            arrivals();
            sizes();
            ages();
            biggest();
        }
        html.close();
    }

    private void openFigure(String style, String title, String words) {
        html.open("figure", "class", style).open("figcaption").element("h2", title);
        html.element("p", words).close();
    }

    /**
     * Returns a text for the names of a partition: its first and last name. If the names are unknown, returns the keys
     * that bound it.
     */
    static String range(SyncReport.Part part) {
        if (part.first() != null && part.last() != null) {
            return part.first().equals(part.last()) ? part.first() : part.first() + " … " + part.last();
        }
        String from = part.range().start().map(key -> "from " + key).orElse("");
        String to = part.range().end().map(key -> "before " + key).orElse("");
        String both = (from + " " + to).strip();
        return both.isEmpty() ? "all names" : both;
    }

    private void partitions() {
        List<SyncReport.Part> parts = report.parts();
        boolean asked = parts.stream().anyMatch(part -> part.atOrigin() != null);
        openFigure(
                "wide",
                "Partitions",
                "Each column is a range of names in alphabetical (byte) order. Its height is the number of names.");
        charts.columns(
                "Names in each of " + counted(parts.size(), "partition") + ", by outcome",
                "",
                parts.stream().map(this::column).toList(),
                names());
        html.open("ul", "class", "legend");
        if (hasPackuments) {
            report.outcomes().keySet().forEach(outcome -> key(style(outcome), Words.outcome(outcome)));
            key(missingStyle(), "still to be fetched");
        } else {
            key("ok", "names stored");
        }
        if (asked) {
            key("at-origin", "documents at the origin");
        }
        html.close().close();
    }

    private void key(String style, String words) {
        html.open("li").element("i", "", "class", style).element("span", words).close();
    }

    private Charts.Column column(SyncReport.Part part) {
        List<Charts.Segment> segments = new ArrayList<>();
        if (hasPackuments) {
            report.outcomes()
                    .keySet()
                    .forEach(outcome -> segments.add(
                            new Charts.Segment(style(outcome), part.outcomes().getOrDefault(outcome, 0L))));
            segments.add(new Charts.Segment(missingStyle(), Math.max(0, part.names() - part.withOutcome())));
        } else {
            segments.add(new Charts.Segment("ok", part.names()));
        }
        long mark = part.atOrigin() == null ? -1 : part.atOrigin();
        return new Charts.Column(
                range(part) + ": " + (part.walked() ? counted(part.names(), "name") : "not listed yet")
                        + (mark < 0 ? "" : ", " + number(mark) + " at the origin"),
                segments,
                mark);
    }

    /**
     * Returns the labels below the columns: the first name of each labelled partition, or its start key if the name is
     * unknown.
     */
    private List<Charts.Tick> names() {
        return Charts.quarters(report.parts().size(), index -> {
            SyncReport.Part part = report.parts().get(index);
            return part.first() != null ? part.first() : part.range().start().orElse("");
        });
    }

    private void changes() {
        SyncReport.OriginView origin = report.origin();
        if (origin == null || origin.feed() == null || origin.feed().concerning() == 0) {
            return;
        }
        openFigure(
                "wide",
                "Changes at the origin since the last sync",
                SyncReportText.lag(origin.feed()) + ". Each column is the partition above it.");
        charts.columns(
                "Changed names in each partition",
                "low",
                report.parts().stream()
                        .map(part -> new Charts.Column(
                                range(part) + ": " + counted(changed(part), "change"),
                                List.of(new Charts.Segment("accent", changed(part))),
                                -1))
                        .toList(),
                names());
        html.close();
    }

    private static long changed(SyncReport.Part part) {
        return part.changed() == null ? 0 : part.changed();
    }

    private void outcomes() {
        Map<String, Long> outcomes = report.outcomes();
        openFigure("wide", "Outcomes", "The registry’s last response for each name.");
        List<Charts.Segment> segments = new ArrayList<>();
        outcomes.forEach((outcome, count) -> segments.add(new Charts.Segment(style(outcome), count)));
        segments.add(new Charts.Segment(missingStyle(), report.missing()));
        charts.strip("Names by outcome", segments);
        html.open("ul", "class", "legend meanings");
        outcomes.forEach((outcome, count) -> share(
                style(outcome),
                Words.outcome(outcome),
                "/outcomes/" + outcome.replace("~", "~0").replace("/", "~1"),
                count,
                Words.meaning(outcome)));
        if (report.missing() > 0) {
            share(
                    missingStyle(),
                    "still to be fetched",
                    "/missing",
                    report.missing(),
                    "not requested from the registry yet");
        }
        html.close().close();
    }

    private void share(String style, String words, String pointer, long count, String meaning) {
        html.open("li").element("i", "", "class", style).element("span", words);
        html.open("span", "class", "share").open("strong").number(pointer, count, number(count));
        html.close().text(" (" + Words.percent(count, report.names()) + ")").close();
        html.element("span", meaning, "class", "meaning").close();
    }

    /** Returns the style of missing names. Before the job has finished, they are pending, which is not an error. */
    private String missingStyle() {
        return report.state().finished() == null ? "pending" : "missing";
    }

    private static String style(String outcome) {
        return STYLED.contains(outcome) ? outcome : "other";
    }

    private void ages() {
        List<Duration> below = SyncReport.StoredDocuments.agesBelow();
        List<Long> ages = report.stock().ages();
        openFigure("", "Ages", "Time since each name was last requested from the registry.");
        charts.bars(
                IntStream.range(0, ages.size())
                        .mapToObj(i -> new Charts.Bar(
                                age(below, i), "/ages/" + i + "/names", ages.get(i), number(ages.get(i))))
                        .toList(),
                false);
        html.close();
    }

    private static String age(List<Duration> below, int index) {
        if (index == 0) {
            return "less than " + Words.duration(below.get(0));
        }
        String from = Words.duration(below.get(index - 1));
        if (index == below.size()) {
            return from + " or more";
        }
        String to = Words.duration(below.get(index));
        return (from.endsWith(" days") && to.endsWith(" days") ? from.replace(" days", "") : from) + " to " + to;
    }

    private void arrivals() {
        List<SyncReport.Arrival> arrivals = report.stock().arrivals();
        if (arrivals.isEmpty()) {
            return;
        }
        long seconds = report.stock().arrivalStep().toSeconds();
        long most =
                arrivals.stream().mapToLong(SyncReport.Arrival::documents).max().orElse(0);
        Instant from = arrivals.get(0).from();
        Duration step = report.stock().arrivalStep();
        boolean isShort = step.multipliedBy(arrivals.size()).compareTo(IN_SECONDS) < 0;
        openFigure(
                "wide",
                "Packuments by time of storage",
                Words.time(from) + " to "
                        + Words.time(from.plus(step.multipliedBy(arrivals.size())))
                        + ", in steps of " + Words.duration(step) + ". The fastest step stored "
                        + Words.rate((double) most / seconds) + " per second.");
        charts.area(
                "Packuments stored in each step of time",
                arrivals.stream().map(SyncReport.Arrival::documents).toList(),
                Charts.quarters(arrivals.size(), index -> {
                    Instant at = arrivals.get(index).from();
                    return isShort ? Words.clock(at) : Words.time(at);
                }));
        html.close();
    }

    private void biggest() {
        List<SyncReport.Biggest> biggest = report.stock().biggest();
        openFigure("wide", "Largest packuments", "By stored size.");
        charts.bars(
                IntStream.range(0, biggest.size())
                        .mapToObj(i -> new Charts.Bar(
                                biggest.get(i).name(),
                                "/biggest/" + i + "/bytes",
                                biggest.get(i).bytes(),
                                bytes(biggest.get(i).bytes())))
                        .toList(),
                true);
        html.close();
    }

    private void sizes() {
        List<Map.Entry<Long, Long>> sizes = List.copyOf(report.stock().sizes().entrySet());
        openFigure("", "Sizes", counted(report.stock().documents(), "packument") + " by stored size.");
        charts.bars(
                IntStream.range(0, sizes.size())
                        .mapToObj(i -> new Charts.Bar(
                                bytes(sizes.get(i).getKey()) + " to "
                                        + bytes(2 * sizes.get(i).getKey()),
                                "/sizes/" + i + "/documents",
                                sizes.get(i).getValue(),
                                number(sizes.get(i).getValue())))
                        .toList(),
                false);
        html.close();
    }
}
