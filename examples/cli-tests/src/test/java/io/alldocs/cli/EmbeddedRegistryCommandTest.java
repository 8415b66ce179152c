package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void embeddedRegistry_untilInterrupted_servesAndThenPrintsItsRequests() throws Exception {
        try (Served served = new Served(Map.of(), "embedded-registry", "--names", "20", "--json")) {
            JsonNode announced = JSON.readTree(served.out.readLine());
            assertThat(announced.path("names").asInt()).isEqualTo(20);
            assertThat(served.get(announced.path("url").asText() + "/_all_docs?limit=5"))
                    .isEqualTo(200);

            served.interrupt();

            JsonNode counts = JSON.readTree(served.out.readLine());
            assertThat(counts.path("requests").asInt()).isEqualTo(1);
            assertThat(counts.path("endpoints").path("all-docs").asInt()).isEqualTo(1);
            assertThat(counts.path("statuses").path("200").asInt()).isEqualTo(1);
            assertThat(served.exitCode.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void embeddedRegistry_forAReader_saysAddressAndCounts() throws Exception {
        try (Served served = new Served(Map.of(), "embedded-registry", "--names", "1500", "--faults", "404=1")) {
            String announced = served.out.readLine();
            assertThat(announced).matches("http://127\\.0\\.0\\.1:\\d+ serves 1,500 names\\.");
            assertThat(served.out.readLine()).contains("Ctrl-C");
            assertThat(served.get(announced.substring(0, announced.indexOf(' ')) + "/some-name"))
                    .isEqualTo(404);

            served.interrupt();

            assertThat(served.out.readLine()).startsWith("1 request: ").contains("packument 1");
            assertThat(served.out.readLine()).isEqualTo("status codes: 404 1");
            assertThat(served.out.readLine()).startsWith("packuments requested: 1, of which 0 more than once");
        }
    }

    @Test
    void embeddedRegistry_namesFile_servesTheseNames(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("names.txt"), "express\n\n@babel/core\nzx\n");
        try (Served served = new Served(Map.of(), "embedded-registry", "--json", "--names-file", file.toString())) {
            JsonNode announced = JSON.readTree(served.out.readLine());
            assertThat(announced.path("names").asInt()).isEqualTo(3);
            assertThat(served.get(announced.path("url").asText() + "/@babel%2fcore"))
                    .isEqualTo(200);
            assertThat(served.get(announced.path("url").asText() + "/lodash")).isEqualTo(404);
            served.interrupt();
        }
    }

    @Test
    void embeddedRegistry_invalidNamesFile_isWrongUsage(@TempDir Path folder) throws Exception {
        Path unservable = Files.writeString(folder.resolve("unservable.txt"), "express\n_all_docs\n");

        for (Path file : List.of(folder.resolve("missing.txt"), unservable)) {
            Program.Result result = Program.run("embedded-registry", "--names-file", file.toString());

            assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(result.err()).containsAnyOf("missing.txt", "_all_docs").doesNotContain("\tat ");
        }
    }

    @Test
    void embeddedRegistry_requireToken_refusesWithoutIt() throws Exception {
        try (Served served =
                new Served(Map.of("NPM_TOKEN", "s3cr3t-token"), "embedded-registry", "--require-token", "--json")) {
            String url = JSON.readTree(served.out.readLine()).path("url").asText();
            assertThat(served.get(url + "/")).isEqualTo(401);

            served.interrupt();

            assertThat(served.out.readLine()).doesNotContain("s3cr3t");
        }
    }

    @Test
    void embeddedRegistry_requireTokenWithoutOne_isWrongUsage() {
        Program.Result result = Program.run("embedded-registry", "--require-token");

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("NPM_TOKEN");
    }
}
