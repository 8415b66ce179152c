package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that a token never appears in output, logs or files, whether requests with it succeed, are refused or fail.
 */
class SecretsTest {
    private static final String TOKEN = "npm_plantedTokenThatNobodyMaySee";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "packument.500=0.5",
                "packument.401=1,packument.401-after=20",
                "cut=0.1",
                "html=1,html-after=20"
            })
    void bootstrap_withAToken_leavesNoTraceOfIt(String faults) throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(60)
                .token(TOKEN)
                .faults(Faults.parse(faults))
                .start()) {
            Bench bench = Bench.withFiles(registry, folder);
            Path npmrc = Files.createTempFile("npmrc", "");
            Files.writeString(npmrc, "//" + registry.origin().getAuthority() + "/:_authToken=${PLANTED}\n");

            Program.Result result =
                    bench.run(Map.of("PLANTED", TOKEN, "NPM_CONFIG_USERCONFIG", npmrc.toString()), "--verbose");

            assertThat(registry.requests().status(200)).as("the token was used").isPositive();
            assertNowhere(result);
            Files.delete(npmrc);
        }
    }

    @Test
    void bootstrap_withAWrongToken_isRefusedWithoutRepeatingIt() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(60).token("another").start()) {
            Path npmrc = Files.createTempFile("npmrc", "");
            Files.writeString(npmrc, "//" + registry.origin().getAuthority() + "/:_authToken=" + TOKEN + "\n");

            Program.Result result = Bench.withFiles(registry, folder)
                    .run(Map.of("NPM_CONFIG_USERCONFIG", npmrc.toString()), "--verbose");

            assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
            assertThat(result.out()).contains("401");
            assertNowhere(result);
            Files.delete(npmrc);
        }
    }

    private void assertNowhere(Program.Result result) throws Exception {
        String encoded = Base64.getEncoder().encodeToString(TOKEN.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (String secret : new String[] {TOKEN, encoded}) {
            assertThat(result.out()).doesNotContain(secret);
            assertThat(result.err()).doesNotContain(secret);
            assertThat(Bench.filesWith(folder, secret)).isEmpty();
        }
    }
}
