package io.alldocs.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.Browser;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.bootstrap.Bench;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the page in a browser. */
@Tag("interop")
@Timeout(300)
class ReportPageInteropTest {
    private static final String NUMBERS =
            "[...document.querySelectorAll('data')].map(n => ({key: n.dataset.key, value: n.value, text: n.textContent}))";
    /** Finds elements that extend past the right edge and cannot be scrolled. */
    private static final String OVERFLOWING = "({page: document.documentElement.scrollWidth, width: innerWidth,"
            + " texts: [...document.querySelectorAll('h1,h2,p,dt,dd,li,b,span')]"
            + ".filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.textContent)})";

    private static final String INJECTED = "({scripts: document.scripts.length, images: document.images.length,"
            + " names: [...document.querySelectorAll('bdi')].map(e => e.textContent)})";
    private static final String COLOURS = "getComputedStyle(document.body).backgroundColor";

    private static Browser browser;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        browser = Browser.start();
    }

    @AfterAll
    static void stop() {
        browser.close();
    }

    @Test
    void page_showsTheNumbersOfTheReport_withACleanConsole() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_300).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.publish(registry.names().get(0));
            write(bench);
            JsonNode json =
                    new ObjectMapper().readTree(folder.resolve("page.json").toFile());

            Browser.Visit visit = browser.visit(folder.resolve("page.html").toUri(), 1400, "light", NUMBERS);

            assertThat(visit.console()).isEmpty();
            List<String> keys = new ArrayList<>();
            for (JsonNode number : visit.value()) {
                String key = number.path("key").asText();
                assertThat(number.path("value").asText())
                        .as(key)
                        .isEqualTo(json.at(key).asText());
                keys.add(key);
            }
            assertThat(keys).contains("/names", "/bytes", "/outcomes/ok", "/origin/feed/rows", "/partitions/0/drift");
            assertFitsAndStorePictures("report");
            assertThat(colour("light")).isNotEqualTo(colour("dark"));
        }
    }

    @Test
    void page_ofAJobThatDidNotFinish_fitsTheScreen() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(3_000)
                .faults(Faults.parse("packument.401=1,packument.401-after=1700,packument.404=0.02"))
                .start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.REFUSED);
            write(ExitCode.PARTIAL, bench);

            assertFitsAndStorePictures("report-unfinished");
        }
    }

    private void assertFitsAndStorePictures(String name) {
        URI page = folder.resolve("page.html").toUri();
        for (int width : List.of(1400, 400)) {
            JsonNode over = browser.visit(page, width, "dark", OVERFLOWING).value();
            assertThat(over.path("page").asInt()).as("%s", over).isLessThanOrEqualTo(width);
            assertThat(over.path("texts")).isEmpty();
            for (String scheme : List.of("light", "dark")) {
                browser.screenshot(page, width, scheme, name);
            }
        }
    }

    private String colour(String scheme) {
        return browser.visit(folder.resolve("page.html").toUri(), 400, scheme, COLOURS)
                .value()
                .asText();
    }

    @Test
    void page_ofHostileNames_runsNothing() {
        String script = "<script>document.title='owned'<!--";
        String image = "<img src=x onerror=alert(1)>";
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(script, image).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            write(bench);

            Browser.Visit visit = browser.visit(folder.resolve("page.html").toUri(), 1400, "light", INJECTED);

            assertThat(visit.console()).isEmpty();
            assertThat(visit.value().path("scripts").asInt(-1)).isZero();
            assertThat(visit.value().path("images").asInt(-1)).isZero();
            assertThat(visit.value().path("names").toString()).contains("document.title=", "<img src=x");
        }
    }

    private void write(Bench bench) {
        write(ExitCode.COMPLETE, bench);
    }

    private void write(int exitCode, Bench bench) {
        assertThat(ReportTest.run(
                                bench,
                                "--html",
                                folder.resolve("page.html").toString(),
                                "--report",
                                folder.resolve("page.json").toString())
                        .exitCode())
                .isEqualTo(exitCode);
    }
}
