package io.alldocs.worker.cloudrun;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the deployment files match the build: ports, paths, names of files. */
class DeploymentTest {
    private static final Path MODULE = Path.of("").toAbsolutePath();

    private static JsonNode service() throws IOException {
        return new YAMLMapper().readTree(MODULE.resolve("service.yaml").toFile());
    }

    private static JsonNode container() throws IOException {
        return service().at("/spec/template/spec/containers/0");
    }

    @Test
    void service_isOfKnative_andProbesWhatTheWorkerAnswers() throws IOException {
        assertThat(service().path("apiVersion").asText()).isEqualTo("serving.knative.dev/v1");
        assertThat(service().path("kind").asText()).isEqualTo("Service");
        assertThat(container().at("/startupProbe/httpGet/path").asText()).isEqualTo("/ready");
        assertThat(container().at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health");
        assertThat(container().at("/startupProbe/timeoutSeconds").asInt())
                .isLessThanOrEqualTo(
                        container().at("/startupProbe/periodSeconds").asInt());
    }

    @Test
    void service_leavesThreadsToHealthChecks_andNotMoreTimeThanCloudRunHas() throws IOException {
        JsonNode spec = service().at("/spec/template/spec");
        assertThat(spec.path("containerConcurrency").asInt()).isBetween(1, 15);
        assertThat(spec.path("timeoutSeconds").asInt()).isBetween(600, 3600);
        assertThat(service()
                        .at("/spec/template/metadata/annotations")
                        .path("run.googleapis.com/cpu-throttling")
                        .asText())
                .isEqualTo("false");
    }

    @Test
    void port_isTheSameEverywhere() throws IOException {
        String port = container().at("/ports/0/containerPort").asText();
        assertThat(port).isEqualTo("8080");
        assertThat(dockerfile()).contains("ENV PORT=" + port, "EXPOSE " + port);
    }

    @Test
    void environmentOfTheService_namesVariablesThatAreRead() throws IOException {
        assertThat(container().path("env"))
                .extracting(each -> each.path("name").asText())
                .containsExactly("RUNTIME", "GCS_BUCKET");
        assertThat(container().at("/env/0/value").asText()).isEqualTo("cloudrun");
    }

    @Test
    void dockerfile_isNotRunByRoot_andStartsTheJarWithItsArchive() throws IOException {
        List<String> lines = dockerfile();
        assertThat(lines).anyMatch(line -> line.matches("FROM eclipse-temurin:(17|21|25)-jre"));
        assertThat(lines).anyMatch(line -> line.matches("USER [1-9][0-9]+:[1-9][0-9]+"));
        String archive = "/app/worker.jsa";
        assertThat(lines)
                .anyMatch(line -> line.startsWith("RUN java -XX:ArchiveClassesAtExit=" + archive)
                        && line.endsWith("-jar /app/worker.jar --rehearse"))
                .anyMatch(line -> line.startsWith("ENTRYPOINT [\"java\", \"-XX:SharedArchiveFile=" + archive + "\"")
                        && line.endsWith("\"-jar\", \"/app/worker.jar\"]"));
    }

    private static List<String> dockerfile() throws IOException {
        return Files.readAllLines(MODULE.resolve("Dockerfile"));
    }
}
