package io.alldocs.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.bootstrap.Bench;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
    private static final Pattern VOID = Pattern.compile("<(meta|link)( [^>]*)?>");

    @TempDir
    private Path folder;

    @Test
    void page_ofHostileNames_isMarkupOfOurOwnAlone() throws Exception {
        String hostile = "<script>alert(1)<!--";
        String quoted = "<img src=x onerror='alert(2)'>\"&lt;";
        String direction = "\u202Egnp.exe";
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(hostile, quoted, direction, "plain")
                .start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);

            Document page = page(bench);

            Set<String> elements = new HashSet<>();
            NodeList all = page.getElementsByTagName("*");
            for (int i = 0; i < all.getLength(); i++) {
                Element element = (Element) all.item(i);
                elements.add(element.getTagName());
                for (int a = 0; a < element.getAttributes().getLength(); a++) {
                    assertThat(element.getAttributes().item(a).getNodeName()).doesNotStartWith("on");
                }
            }
            assertThat(elements).doesNotContain("script", "img", "iframe", "object");
            assertThat(texts(page, "bdi")).contains(hostile, quoted, direction, "plain");
        }
    }

    @Test
    void page_everyNumber_isThatOfTheReport() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_300).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.publish(registry.names().get(0));

            Document page = page(bench);

            JsonNode json =
                    new ObjectMapper().readTree(folder.resolve("page.json").toFile());
            NodeList numbers = page.getElementsByTagName("data");
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < numbers.getLength(); i++) {
                Element number = (Element) numbers.item(i);
                String pointer = number.getAttribute("data-key");
                assertThat(number.getAttribute("value"))
                        .as(pointer)
                        .isEqualTo(json.at(pointer).asText());
                seen.add(pointer);
            }
            assertThat(seen)
                    .contains("/names", "/missing", "/bytes", "/status", "/outcomes/ok", "/origin/feed/rows")
                    .contains("/partitions/0/names", "/partitions/0/atOrigin", "/biggest/0/bytes", "/ages/0/names");
            NodeList pictures = page.getElementsByTagName("svg");
            assertThat(pictures.getLength()).isGreaterThan(4);
            assertThat(page.getElementsByTagName("g").getLength())
                    .as("a column for each partition, and one for its changes")
                    .isEqualTo(2 * json.path("partitions").size());
        }
    }

    @Test
    void page_axes_showNamesOfTheRegistry_andSizesHaveOneSystemOfUnits() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_300).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);

            Document page = page(bench);

            JsonNode partitions = new ObjectMapper()
                    .readTree(folder.resolve("page.json").toFile())
                    .path("partitions");
            assertThat(partitions.at("/0/first").asText())
                    .isEqualTo(registry.names().get(0));
            assertThat(partitions.path(partitions.size() - 1).path("last").asText())
                    .isEqualTo(registry.names().get(1_299));
            assertThat(labels(page))
                    .contains(registry.names().get(0))
                    .allSatisfy(label -> assertThat(
                                    registry.names().contains(label) || label.matches("[0-9]{2}:[0-9]{2}:[0-9]{2} UTC"))
                            .as(label)
                            .isTrue());
            assertThat(page.getDocumentElement().getTextContent())
                    .doesNotContain("KiB", "MiB", "first name")
                    .contains("1.0 kB to 2.0 kB", "the registry has no such package (404)");
        }
    }

    @Test
    void page_ofAJobThatDidNotFinish_advisesToResumeIt_andSaysTheTimeLeft() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(1_300)
                .faults(Faults.parse("packument.401=1,packument.401-after=500"))
                .start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.REFUSED);

            String text = page(ExitCode.PARTIAL, bench).getDocumentElement().getTextContent();

            assertThat(text)
                    .contains("Run the same bootstrap command again to resume it")
                    .contains("names still to be fetched", "packuments per second")
                    .containsPattern("about [0-9]+ s")
                    .doesNotContain("--repair");

            registry.faults().clear();
            bench.expect(ExitCode.COMPLETE);
            bench.forget("v1:packument:", 3);

            assertThat(page(ExitCode.PARTIAL, bench).getDocumentElement().getTextContent())
                    .contains("Run report --repair")
                    .doesNotContain("resume", "packuments per second,");
        }
    }

    @Test
    void page_ofNamesAlone_hasNoPicturesOfPackuments() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(30).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE, "--names-only");

            Document page = page(bench, "--names-only");

            assertThat(texts(page, "h2")).containsExactly("Partitions");
        }
    }

    /** Parses the page with an XML parser. Before that, closes the elements that HTML does not close. */
    private Document page(Bench bench, String... more) throws Exception {
        return page(ExitCode.COMPLETE, bench, more);
    }

    private Document page(int exitCode, Bench bench, String... more) throws Exception {
        Path html = folder.resolve("page.html");
        String[] options = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                "--html",
                                html.toString(),
                                "--report",
                                folder.resolve("page.json").toString()),
                        java.util.stream.Stream.of(more))
                .toArray(String[]::new);
        assertThat(ReportTest.run(bench, options).exitCode()).isEqualTo(exitCode);
        return parsed(Files.readString(html));
    }

    private static Document parsed(String html) throws Exception {
        Matcher voids = VOID.matcher(html.replace("<!doctype html>\n", ""));
        String xml = voids.replaceAll(found ->
                Matcher.quoteReplacement("<" + found.group(1) + (found.group(2) == null ? "" : found.group(2)) + "/>"));
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(xml)));
        } catch (IOException e) {
            throw new AssertionError(xml, e);
        }
    }

    /** Returns the labels of the axes. */
    private static Set<String> labels(Document page) {
        Set<String> labels = new HashSet<>();
        NodeList spans = page.getElementsByTagName("span");
        for (int i = 0; i < spans.getLength(); i++) {
            if (!((Element) spans.item(i)).getAttribute("title").isEmpty()) {
                labels.add(spans.item(i).getTextContent());
            }
        }
        return labels;
    }

    private static Set<String> texts(Document page, String element) {
        Set<String> texts = new HashSet<>();
        NodeList found = page.getElementsByTagName(element);
        for (int i = 0; i < found.getLength(); i++) {
            texts.add(found.item(i).getTextContent());
        }
        return texts;
    }
}
