package io.alldocs.examples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.examples.deploy.Dockerfile.Instruction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the text of the Dockerfile. {@link ImageRunTest} runs its instructions. */
class ImagesTest {
    private static final Path FILE = Repository.DEPLOY.resolve("Dockerfile");

    private static Dockerfile dockerfile() throws IOException {
        return Dockerfile.read(FILE);
    }

    private static List<String> words(String json) throws IOException {
        return List.of(new ObjectMapper().readValue(json, String[].class));
    }

    @Test
    void dockerfile_hasThreeImages_andSaysThatTheyAreNotBuiltHere() throws IOException {
        assertThat(dockerfile().stages()).containsOnlyKeys("base", "cli", "mirror", "worker");
        assertThat(Files.readString(FILE)).contains("# NOT BUILT HERE:");
    }

    @Test
    void image_isPinnedByTagAndDigest() throws IOException {
        assertThat(dockerfile().bases().get("base"))
                .matches("eclipse-temurin:[0-9]+\\.[0-9.]+_[0-9]+-jre-[a-z]+@sha256:[0-9a-f]{64}");
        assertThat(List.of("cli", "mirror", "worker"))
                .allSatisfy(stage -> assertThat(dockerfile().bases().get(stage)).isEqualTo("base"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cli", "mirror", "worker"})
    void image_isRunByAUserWithoutRights_fromTheArchive(String stage) throws IOException {
        assertThat(dockerfile().last(stage, "USER")).matches("[1-9][0-9]{3,}:[1-9][0-9]{3,}");
        assertThat(words(dockerfile().last(stage, "ENTRYPOINT")))
                .startsWith("java", "-XX:SharedArchiveFile=/app/all-docs.jsa")
                .endsWith("-jar", "/app/all-docs.jar");
        assertThat(words(dockerfile().last(stage, "CMD"))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mirror", "worker"})
    void healthCheck_usesThePortThatTheServerListensOn(String stage) throws IOException {
        String port = dockerfile().last(stage, "EXPOSE");
        String check = dockerfile().last(stage, "HEALTHCHECK");
        assertThat(words(check.substring(check.indexOf("CMD ") + 4))).hasSize(3).startsWith("/app/health", port);
        assertThat(dockerfile().instructions(stage).toString()).containsAnyOf("--port=" + port, "PORT=" + port);
    }

    @Test
    void context_holdsWhatIsCopied_andNothingElse() throws IOException {
        List<String> copied = dockerfile().instructions("worker").stream()
                .filter(each -> each.name().equals("COPY"))
                .map(Instruction::arguments)
                .map(arguments -> arguments.replaceFirst("^--chmod=[0-7]+ ", "").split(" ", 2)[0])
                .toList();
        assertThat(Files.readAllLines(Repository.DEPLOY.resolve("Dockerfile.dockerignore")))
                .filteredOn(line -> !line.startsWith("#"))
                .first()
                .isEqualTo("*");
        assertThat(Files.readAllLines(Repository.DEPLOY.resolve("Dockerfile.dockerignore")))
                .filteredOn(line -> line.startsWith("!"))
                .extracting(line -> line.substring(1))
                .containsExactlyInAnyOrderElementsOf(copied);
    }
}
