package io.alldocs.examples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares the dashboard and the alert rules with the metrics pages of running programs. Checks the format of these
 * pages.
 */
class MonitoringTest {
    private static final Path MONITORING = Repository.DEPLOY.resolve("monitoring");
    private static final Pattern METRIC = Pattern.compile("all_docs_[a-z0-9_]+");
    private static final Pattern SELECTOR = Pattern.compile("(all_docs_[a-z0-9_]+)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*=~?\\s*\"");

    private static final Pattern SAMPLE = Pattern.compile(
            "([a-z_]+)(?:\\{((?:[a-z_]+=\"(?:\\\\[\\\\\"n]|[^\\\\\"\\n])*\",?)+)})? (-?[0-9.E-]+|NaN|[+-]Inf)");

    private static Map<String, String> pages;

    @BeforeAll
    static void readPages(@TempDir Path folder) throws Exception {
        pages = MetricsPages.read(folder);
    }

    /** The labels of the samples on all pages, by the name of the sample. */
    private static Map<String, Set<String>> samples() {
        Map<String, Set<String>> samples = new HashMap<>();
        for (String page : pages.values()) {
            for (String line : page.split("\n", -1)) {
                Matcher sample = SAMPLE.matcher(line);
                if (sample.matches()) {
                    Set<String> labels = samples.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
                    Matcher label = LABEL.matcher(String.valueOf(sample.group(2)));
                    while (label.find()) {
                        labels.add(label.group(1));
                    }
                }
            }
        }
        return samples;
    }

    private static void assertOnPages(List<String> expressions) {
        Map<String, Set<String>> samples = samples();
        for (String expression : expressions) {
            Matcher metric = METRIC.matcher(expression);
            assertThat(metric.find()).as(expression).isTrue();
            metric.reset();
            while (metric.find()) {
                assertThat(samples).as(expression).containsKey(metric.group());
            }
            Matcher selector = SELECTOR.matcher(expression);
            while (selector.find()) {
                Matcher label = LABEL.matcher(selector.group(2));
                while (label.find()) {
                    assertThat(samples.get(selector.group(1))).as(expression).contains(label.group(1));
                }
            }
        }
    }

    @Test
    void pages_areStrictTextFormat_withHelpUnitsAndOnePrefix() {
        pages.forEach((program, page) -> {
            Set<String> names = new HashSet<>();
            Set<String> series = new HashSet<>();
            String name = "";
            String type = "";
            assertThat(page).as(program).endsWith("\n");
            for (String line : page.substring(0, page.length() - 1).split("\n", -1)) {
                if (line.startsWith("# HELP ")) {
                    String[] words = line.split(" ", 4);
                    name = words[2];
                    assertThat(names.add(name)).as("once: " + line).isTrue();
                    assertThat(words[3]).as(line).endsWith(".").hasSizeGreaterThan(10);
                } else if (line.startsWith("# TYPE ")) {
                    String[] words = line.split(" ", 4);
                    assertThat(words[2]).as("after its HELP").isEqualTo(name).startsWith("all_docs_");
                    type = words[3];
                    assertThat(type).isIn("counter", "gauge", "summary", "histogram");
                    assertThat(name.endsWith("_total")).as(name).isEqualTo(type.equals("counter"));
                    assertThat(name).doesNotContainPattern("_(ms|millis|nanos|minutes|kb|mb|count|sum|bucket)(_|$)");
                } else {
                    Matcher sample = SAMPLE.matcher(line);
                    assertThat(sample.matches()).as(line).isTrue();
                    assertThat(sample.group(1)).as(line).matches(name + suffixes(type));
                    assertThat(series.add(line.substring(0, line.lastIndexOf(' '))))
                            .as("once: " + line)
                            .isTrue();
                }
            }
            assertThat(names).as(program).hasSizeGreaterThan(15).contains("all_docs_http_stuck_threads");
        });
    }

    private static String suffixes(String type) {
        return switch (type) {
            case "summary" -> "_(count|sum)";
            case "histogram" -> "_(count|sum|bucket)";
            default -> "";
        };
    }

    @Test
    void alertRules_useMetricsAndLabelsOfThePages_andNameTheProblem() throws IOException {
        List<String> expressions = new ArrayList<>();
        Set<String> alerts = new TreeSet<>();
        JsonNode rules = new YAMLMapper().readTree(Files.readString(MONITORING.resolve("alerts.yaml")));
        for (JsonNode group : rules.path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                expressions.add(rule.path("expr").asText());
                assertThat(alerts.add(rule.path("alert").asText())).isTrue();
                assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
                assertThat(rule.at("/annotations/description").asText()).isNotBlank();
                assertThat(rule.at("/labels/severity").asText()).isIn("warning", "critical");
            }
        }

        assertThat(alerts)
                .contains(
                        "AllDocsFeedLag",
                        "AllDocsSyncStopped",
                        "AllDocsThrottled",
                        "AllDocsPaused",
                        "AllDocsPartialJob",
                        "AllDocsDeadLetters",
                        "AllDocsStuckThreads",
                        "AllDocsMirrorErrors");
        assertOnPages(expressions);
    }

    @Test
    void dashboard_usesMetricsAndLabelsOfThePages() throws IOException {
        List<String> expressions = new ArrayList<>();
        Set<Integer> ids = new HashSet<>();
        JsonNode dashboard = new ObjectMapper().readTree(Files.readString(MONITORING.resolve("dashboard.json")));
        for (JsonNode panel : dashboard.path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            assertThat(panel.path("title").asText()).isNotBlank();
            panel.path("targets")
                    .forEach(target -> expressions.add(target.path("expr").asText()));
        }

        assertThat(expressions).hasSizeGreaterThan(25);
        assertOnPages(expressions);
    }

    @Test
    @Tag("interop")
    void promtool_acceptsPagesAndRules_andTheirUnitTestsPass() throws Exception {
        for (Map.Entry<String, String> page : pages.entrySet()) {
            assertThat(promtool(page.getValue(), "check", "metrics"))
                    .as(page.getKey())
                    .isBlank();
        }
        assertThat(promtool("", "check", "config", "prometheus.yaml")).contains("SUCCESS");
        assertThat(promtool("", "check", "rules", "alerts.yaml")).contains("SUCCESS");
        assertThat(promtool("", "test", "rules", "alerts-test.yaml")).contains("SUCCESS");
    }

    /** Runs promtool, which is in Debian's package prometheus, and returns its output. */
    private static String promtool(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(MONITORING.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
