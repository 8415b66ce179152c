package io.alldocs.examples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkflowsTest {
    static List<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(Repository.ROOT.resolve(".github/workflows"))) {
            return files.filter(file -> file.toString().endsWith(".yml")).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void actions_arePinnedByCommit_andNameTheirVersion(Path workflow) throws IOException {
        List<String> uses = Files.readAllLines(workflow).stream()
                .map(String::strip)
                .filter(line -> line.matches("(- )?uses:.*"))
                .toList();
        assertThat(uses)
                .isNotEmpty()
                .allMatch(
                        line -> line.matches("(- )?uses: [\\w.-]+/[\\w./-]+@[0-9a-f]{40} # v[0-9]+\\.[0-9]+\\.[0-9]+"));
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void tokens_areReadOnly_unlessOneJobNeedsMore(Path workflow) throws IOException {
        JsonNode parsed = new YAMLMapper().readTree(workflow.toFile());
        assertThat(parsed.path("permissions").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("contents");
        assertThat(parsed.path("permissions").path("contents").asText()).isEqualTo("read");
        assertThat(parsed.path("jobs")).isNotEmpty().allSatisfy(job -> {
            assertThat(job.path("permissions").path("contents").asText("read")).isEqualTo("read");
            assertThat(job.path("timeout-minutes").asInt()).isPositive();
        });
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void checkouts_leaveNoCredentialsBehind(Path workflow) throws IOException {
        JsonNode parsed = new YAMLMapper().readTree(workflow.toFile());
        List<JsonNode> steps = new ArrayList<>();
        parsed.findValues("steps").forEach(list -> list.forEach(steps::add));
        assertThat(steps)
                .filteredOn(step -> step.path("uses").asText().startsWith("actions/checkout@"))
                .allSatisfy(step -> assertThat(
                                step.path("with").path("persist-credentials").asText())
                        .isEqualTo("false"));
    }
}
