package io.alldocs.cli.report;

import static io.alldocs.cli.report.Words.bytes;
import static io.alldocs.cli.report.Words.number;

import io.alldocs.cli.Amount;
import io.alldocs.cli.Version;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the report as one HTML page. The charts come first, and the page also has all numbers as text. The page
 * contains its styles and charts. It loads no resources and runs no scripts, which its content security policy
 * enforces. Each number carries the JSON Pointer of the same number in the JSON report, so that a program can compare
 * them.
 */
final class ReportPage {
    private static final int PROBLEMS_SHOWN = 10;

    private final SyncReport report;
    private final String folder;
    private final Html html = new Html();
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
        new ReportFigures(report, html).write();
        if (hasPartitions) {
            table();
        }
        html.element(
                "footer",
                "Made by all-docs " + Version.current() + " at " + Words.time(report.at()) + ", from the cache "
                        + folder + ".");
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
        html.open("p", "class", "verdict " + status + (report.state().finished() == null ? " unfinished" : ""))
                .element("i", "");
        html.open("span")
                .number("/status", status, SyncReportText.headline(report))
                .close()
                .close();
        html.element("p", Advice.of(report), "class", "soft");
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
            warning("The origin did not respond: " + origin.problem());
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
                .forEach(part ->
                        warning("The names " + ReportFigures.range(part) + " cannot be read: " + part.problem()));
    }

    private void warning(String words) {
        html.element("p", words, "class", "warning");
    }

    private void tiles() {
        html.open("section", "class", "tiles", "aria-label", "Figures");
        tile("/names", report.names(), number(report.names()), hasPartitions ? "names listed" : "names in the file");
        if (hasPackuments) {
            tile("/missing", report.missing(), number(report.missing()), "names still to be fetched");
            TimeLeft.of(report).ifPresent(this::timeLeft);
            tile("/bytes", report.stock().bytes(), bytes(report.stock().bytes()), "of packuments stored");
        }
        if (hasPartitions) {
            tile("/unwalked", report.unwalked(), number(report.unwalked()), "partitions not listed yet");
            if (report.origin() != null && report.origin().problem() == null) {
                tile(number(report.drifted().size()), "partitions that differ from the origin for no known reason");
            }
        }
        if (report.origin() != null && report.origin().feed() != null) {
            tile(
                    "/origin/feed/rows",
                    report.origin().feed().rows(),
                    (report.origin().feed().whole() ? "" : "> ")
                            + number(report.origin().feed().rows()),
                    "changes at the origin since the last sync");
        }
        if (report.state().followed() != null) {
            Duration ago = Duration.between(report.state().followed(), report.at());
            tile(
                    Words.duration(ago.isNegative() ? Duration.ZERO : ago) + " ago",
                    "all changes at the origin were fetched");
        }
        if (hasPackuments && report.state().retries() > 0) {
            tile(
                    "/state/owed",
                    report.state().retries(),
                    number(report.state().retries()),
                    "changed names that the registry does not serve yet");
        }
        html.close();
    }

    private void timeLeft(TimeLeft left) {
        tile(
                "about " + Amount.timeLeft(left.duration().toSeconds()),
                "left at " + Words.rate(left.perSecond()) + " packuments per second"
                        + (left.running() ? "" : ", the speed of the last run"));
    }

    private void tile(String text, String label) {
        html.open("div", "class", "tile").element("b", text);
        html.element("span", label).close();
    }

    private void tile(String pointer, Object value, String text, String label) {
        html.open("div", "class", "tile").open("b").number(pointer, value, text).close();
        html.element("span", label).close();
    }

    private void table() {
        html.open("details").element("summary", "All partitions in numbers");
        html.open("div", "class", "scroll").open("table").open("thead").open("tr");
        for (String head : List.of(
                "range of names",
                "names",
                "at the origin",
                "difference",
                "changed since",
                "with an outcome",
                "stored")) {
            html.element("th", head, "scope", "col");
        }
        html.close().close().open("tbody");
        for (int i = 0; i < report.parts().size(); i++) {
            row("/partitions/" + i, report.parts().get(i));
        }
        html.close().close().close().close();
    }

    private void row(String pointer, SyncReport.Part part) {
        String range = ReportFigures.range(part);
        html.open("tr").open("td", "title", range).name(range).close();
        html.open("td").number(pointer + "/names", part.names(), number(part.names()));
        html.text(part.walked() ? "" : " (not listed)").close();
        cell(pointer + "/atOrigin", part.atOrigin(), false);
        cell(pointer + "/drift", part.drift(), part.driftsWithoutReason());
        cell(pointer + "/changed", part.changed(), false);
        html.element("td", number(part.withOutcome()));
        html.open("td")
                .number(pointer + "/bytes", part.bytes(), bytes(part.bytes()))
                .close()
                .close();
    }

    private void cell(String pointer, @Nullable Long value, boolean bad) {
        if (value == null) {
            html.element("td", "-");
            return;
        }
        html.open("td", "class", bad ? "bad" : "")
                .number(pointer, value, number(value))
                .close();
    }
}
