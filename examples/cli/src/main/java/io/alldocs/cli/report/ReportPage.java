package io.alldocs.cli.report;

import static io.alldocs.cli.report.Words.bytes;
import static io.alldocs.cli.report.Words.counted;
import static io.alldocs.cli.report.Words.number;

import io.alldocs.partition.Partition;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The report as one page: pictures first, all numbers as text too. It holds its style and its pictures, loads nothing and runs nothing, which its
 * content security policy sees to. Each figure carries the place of the same figure in the report as JSON, so that a program can compare them.
 */
final class ReportPage {
    private static final Set<String> STYLED =
            Set.of("ok", "not_found", "unpublished", "security_holder", "blocked", "malformed");
    private static final int PROBLEMS_SHOWN = 10;

    private final SyncReport report;
    private final String folder;
    private final Html html = new Html();
    private final Charts charts = new Charts(html);
    private final boolean hasPackuments;
    private final boolean hasPartitions;

    private ReportPage(SyncReport report, String folder) {
        this.report = report;
        this.folder = folder;
        this.hasPackuments = report.job().form() != SyncForm.NAMES;
        this.hasPartitions = report.job().names().isEmpty();
    }

    static String of(SyncReport report, String folder) {
        ReportPage page = new ReportPage(report, folder);
        page.write();
        return page.html.document();
    }

    private void write() {
        html.open("html", "lang", "en");
        head();
        html.open("body").open("main");
        header();
        tiles();
        html.open("div", "class", "grid");
        if (hasPartitions) {
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
        if (hasPartitions) {
            table();
        }
        html.element("footer", "Made " + Words.time(report.at()) + " by all-docs from " + folder + ".");
        html.close().close().close();
    }

    private void head() {
        html.open("head")
                .single("meta", "charset", "utf-8")
                .single("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .single(
                        "meta",
                        "http-equiv",
                        "Content-Security-Policy",
                        "content",
                        "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
                .single("link", "rel", "icon", "href", "data:,")
                .element("title", title())
                .style(styleSheet())
                .close();
    }

    private static String styleSheet() {
        try (InputStream css = ReportPage.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(css, "report.css").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the style sheet in the jar", e);
        }
    }

    private String title() {
        String what = report.job().what();
        String source = report.job().origin().orElse(report.job().registry()).getRawAuthority();
        return what.substring(0, 1).toUpperCase(Locale.ROOT) + what.substring(1) + " of " + source;
    }

    private void header() {
        String status = report.status().name().toLowerCase(Locale.ROOT);
        html.open("header").open("h1").name(title()).close();
        html.open("p", "class", "verdict " + status).element("i", "");
        html.open("span")
                .number("/status", status, SyncReportText.headline(report))
                .close()
                .close();
        html.element("p", SyncReportText.advice(report), "class", "soft");
        html.open("dl", "class", "facts");
        report.job().origin().ifPresent(origin -> fact("Names from", origin.toString()));
        if (hasPackuments) {
            fact("Packuments from", report.job().registry().toString());
        }
        fact("Form", report.job().form().label());
        fact(
                "Last run",
                report.state().finished() == null
                        ? "not finished"
                        : "finished " + Words.time(report.state().finished()));
        html.close();
        warnings();
        html.close();
    }

    private void fact(String label, String text) {
        html.open("div").element("dt", label).element("dd", text).close();
    }

    private void warnings() {
        SyncReport.OriginView origin = report.origin();
        if (origin != null && origin.problem() != null) {
            warning("The origin does not answer: " + origin.problem());
        }
        if (origin != null && origin.feed() != null && origin.feed().newEpoch()) {
            warning("The feed " + SyncReportText.lag(origin.feed()).replaceFirst("^the feed ", "") + ".");
        }
        if (report.repair() != null && report.repair().reason() != null) {
            warning("The repair stopped: " + report.repair().reason());
        }
        report.parts().stream()
                .filter(part -> part.problem() != null)
                .limit(PROBLEMS_SHOWN)
                .forEach(part -> warning(part.range() + " cannot be read: " + part.problem()));
    }

    private void warning(String words) {
        html.element("p", words, "class", "warning");
    }

    private void tiles() {
        html.open("section", "class", "tiles", "aria-label", "Figures");
        tile("/names", report.names(), number(report.names()), "names" + (hasPartitions ? " stored" : ""));
        if (hasPackuments) {
            tile("/missing", report.missing(), number(report.missing()), "without an outcome");
            tile("/bytes", report.stock().bytes(), bytes(report.stock().bytes()), "of packuments, as stored");
        }
        if (hasPartitions) {
            int drifted = report.drifted().size();
            tile("/unwalked", report.unwalked(), number(report.unwalked()), "partitions not walked");
            if (report.origin() != null && report.origin().problem() == null) {
                html.open("div", "class", "tile").element("b", number(drifted));
                html.element("span", "partitions drifted without a reason").close();
            }
        }
        if (report.origin() != null && report.origin().feed() != null) {
            tile(
                    "/origin/feed/rows",
                    report.origin().feed().rows(),
                    (report.origin().feed().whole() ? "" : "> ")
                            + number(report.origin().feed().rows()),
                    "changes in the feed since");
        }
        if (report.state().followed() != null) {
            Duration ago = Duration.between(report.state().followed(), report.at());
            html.open("div", "class", "tile")
                    .element("b", Words.duration(ago.isNegative() ? Duration.ZERO : ago))
                    .element("span", "since the feed's end was seen")
                    .close();
        }
        if (hasPackuments && report.state().position() != null) {
            tile("/state/owed", report.state().owed(), number(report.state().owed()), "names the registry lags with");
        }
        html.close();
    }

    private void tile(String pointer, Object value, String text, String label) {
        html.open("div", "class", "tile").open("b").number(pointer, value, text).close();
        html.element("span", label).close();
    }

    private void openFigure(String style, String title, String words) {
        html.open("figure", "class", style).open("figcaption").element("h2", title);
        html.element("p", words).close();
    }

    private void partitions() {
        List<SyncReport.Part> parts = report.parts();
        boolean asked = parts.stream().anyMatch(part -> part.atOrigin() != null);
        openFigure(
                "wide",
                "Partitions",
                counted(parts.size(), "range") + " of names in byte order; a column is as high as its names are many.");
        charts.columns(
                "Names in each of " + counted(parts.size(), "partition") + ", by what is stored of them",
                "",
                parts.stream().map(this::column).toList(),
                ends());
        html.open("ul", "class", "legend");
        if (hasPackuments) {
            report.outcomes().keySet().forEach(outcome -> key(style(outcome), Words.outcome(outcome)));
            key("missing", "without an outcome");
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
            segments.add(new Charts.Segment("missing", Math.max(0, part.names() - part.withOutcome())));
        } else {
            segments.add(new Charts.Segment("ok", part.names()));
        }
        long mark = part.atOrigin() == null ? -1 : part.atOrigin();
        return new Charts.Column(
                part.range() + ": " + (part.walked() ? counted(part.names(), "name") : "not walked")
                        + (mark < 0 ? "" : ", " + number(mark) + " at the origin"),
                segments,
                mark);
    }

    /** What stands below the columns: where the first, the middle and the last partition are in the order of names. */
    private List<String> ends() {
        int middle = report.parts().size() / 2;
        return List.of(
                range(0).start().orElse("first name"),
                middle == 0 ? "" : range(middle).start().orElse(""),
                range(report.parts().size() - 1).end().orElse("last name"));
    }

    private Partition range(int index) {
        return report.parts().get(index).range();
    }

    private void changes() {
        SyncReport.OriginView origin = report.origin();
        if (origin == null || origin.feed() == null || origin.feed().concerning() == 0) {
            return;
        }
        openFigure(
                "wide",
                "Changes since the feed was followed",
                SyncReportText.lag(origin.feed()) + ". The columns are the partitions above.");
        charts.columns(
                "Changed names in each partition",
                "low",
                report.parts().stream()
                        .map(part -> new Charts.Column(
                                part.range() + ": " + counted(changed(part), "change"),
                                List.of(new Charts.Segment("accent", changed(part))),
                                -1))
                        .toList(),
                ends());
        html.close();
    }

    private static long changed(SyncReport.Part part) {
        return part.changed() == null ? 0 : part.changed();
    }

    private void outcomes() {
        Map<String, Long> outcomes = report.outcomes();
        openFigure("wide", "Outcomes", "What the registry answered last for each name.");
        List<Charts.Segment> segments = new ArrayList<>();
        outcomes.forEach((outcome, count) -> segments.add(new Charts.Segment(style(outcome), count)));
        segments.add(new Charts.Segment("missing", report.missing()));
        charts.strip("Names by outcome", segments);
        html.open("ul", "class", "legend");
        outcomes.forEach((outcome, count) -> share(
                style(outcome),
                Words.outcome(outcome),
                "/outcomes/" + outcome.replace("~", "~0").replace("/", "~1"),
                count));
        share("missing", "without an outcome", "/missing", report.missing());
        html.close().close();
    }

    private void share(String style, String words, String pointer, long count) {
        html.open("li").element("i", "", "class", style).open("span");
        html.text(words + " ")
                .open("strong")
                .number(pointer, count, number(count))
                .close();
        html.text(" (" + Words.percent(count, report.names()) + ")").close().close();
    }

    private static String style(String outcome) {
        return STYLED.contains(outcome) ? outcome : "other";
    }

    private void ages() {
        List<Duration> below = SyncReport.Stock.agesBelow();
        List<Long> ages = report.stock().ages();
        openFigure("", "Ages", "How long ago the registry was asked for each name.");
        charts.bars(
                IntStream.range(0, ages.size())
                        .mapToObj(i -> new Charts.Bar(
                                i < below.size()
                                        ? "below " + Words.duration(below.get(i))
                                        : Words.duration(below.get(i - 1)) + " or more",
                                "/ages/" + i + "/names",
                                ages.get(i),
                                number(ages.get(i))))
                        .toList(),
                false);
        html.close();
    }

    private void arrivals() {
        List<SyncReport.Arrival> arrivals = report.stock().arrivals();
        if (arrivals.isEmpty()) {
            return;
        }
        long seconds = report.stock().arrivalStep().toSeconds();
        long most =
                arrivals.stream().mapToLong(SyncReport.Arrival::documents).max().orElse(0);
        openFigure(
                "wide",
                "Arrivals",
                "Packuments by when they were stored, in steps of "
                        + Words.duration(report.stock().arrivalStep()) + "; at most " + rate((double) most / seconds)
                        + " a second.");
        charts.area(
                "Packuments stored in each step of time",
                arrivals.stream().map(SyncReport.Arrival::documents).toList(),
                List.of(
                        Words.time(arrivals.get(0).from()),
                        Words.time(arrivals.get(arrivals.size() - 1)
                                .from()
                                .plus(report.stock().arrivalStep()))));
        html.close();
    }

    private static String rate(double perSecond) {
        return perSecond >= 10 ? number(Math.round(perSecond)) : String.format(Locale.ROOT, "%.2f", perSecond);
    }

    private void biggest() {
        List<SyncReport.Biggest> biggest = report.stock().biggest();
        openFigure("wide", "Biggest packuments", "By their size as stored.");
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
        openFigure(
                "",
                "Sizes",
                counted(report.stock().documents(), "packument")
                        + " by size as stored; each row is twice the one above.");
        charts.bars(
                IntStream.range(0, sizes.size())
                        .mapToObj(i -> new Charts.Bar(
                                "from " + binary(sizes.get(i).getKey()),
                                "/sizes/" + i + "/documents",
                                sizes.get(i).getValue(),
                                number(sizes.get(i).getValue())))
                        .toList(),
                false);
        html.close();
    }

    /** Powers of two in the units that have round numbers of them. */
    private static String binary(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
    }

    private void table() {
        html.open("details").element("summary", "All partitions in numbers");
        html.open("div", "class", "scroll").open("table").open("thead").open("tr");
        for (String head : List.of("range", "names", "at the origin", "drift", "changed", "with outcome", "stored")) {
            html.element("th", head, "scope", "col");
        }
        html.close().close().open("tbody");
        for (int i = 0; i < report.parts().size(); i++) {
            row("/partitions/" + i, report.parts().get(i));
        }
        html.close().close().close().close();
    }

    private void row(String pointer, SyncReport.Part part) {
        String range = part.range().toString();
        html.open("tr").open("td", "title", range).name(range).close();
        html.open("td").number(pointer + "/names", part.names(), number(part.names()));
        html.text(part.walked() ? "" : " (not walked)").close();
        cell(pointer + "/atOrigin", part.atOrigin(), false);
        cell(pointer + "/drift", part.drift(), part.driftsWithoutReason());
        cell(pointer + "/changed", part.changed(), false);
        html.element("td", number(part.withOutcome()));
        html.open("td")
                .number(pointer + "/bytes", part.bytes(), bytes(part.bytes()))
                .close()
                .close();
    }

    private void cell(String pointer, @org.jspecify.annotations.Nullable Long value, boolean bad) {
        if (value == null) {
            html.element("td", "-");
            return;
        }
        html.open("td", "class", bad ? "bad" : "")
                .number(pointer, value, number(value))
                .close();
    }
}
