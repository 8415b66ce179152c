package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the code of this module's README. */
class ReadmeHttpTest {

    @Test
    void get_withTheConfigurationOfNpm_sendsItsToken(@TempDir Path project) throws Exception {
        try (MockWebServer registry = new MockWebServer()) {
            registry.enqueue(new MockResponse.Builder().body("{}").build());
            registry.start();
            String place = "localhost:" + registry.getPort();
            Files.writeString(
                    project.resolve(".npmrc"),
                    "registry=http://" + place + "/npm\n//" + place + "/npm/:_authToken=example-token\n");

            assertThat(get(Map.of(), project)).isEqualTo("{}");
            RecordedRequest asked = registry.takeRequest();
            assertThat(asked.getTarget()).isEqualTo("/npm/express");
            assertThat(asked.getHeaders().get("authorization")).isEqualTo("Bearer example-token");
        }
    }

    // region get
    static String get(Map<String, String> environment, Path project) {
        NpmConfig config = NpmConfig.loader(environment)
                .userFiles(true) // ~/.npmrc and the global file, as npm reads them
                .project(project) // default: no project is read
                .load();
        try (BaseHttpClient client = BaseHttpClient.builder().npmConfig(config).build()) {
            String registry = config.registry().map(URI::toString).orElse("https://registry.npmjs.com/");
            return client.send(
                    ClientRequest.get(URI.create(registry.replaceFirst("/?$", "/express")))
                            .withHeader("accept", "application/json"),
                    reply -> new String(reply.body().readAllBytes(), StandardCharsets.UTF_8));
        }
    }
    // endregion

    @Test
    void settings_ofTheConfiguration_nameTheirSources() {
        assertThat(describe(NpmConfig.loader(Map.of("npm_config_registry", "https://npm.example/"))
                        .load()))
                .contains("registry = https://npm.example/ (npm_config_registry)");
    }

    // region settings
    static String describe(NpmConfig config) {
        StringBuilder text = new StringBuilder();
        for (NpmConfig.InForce setting : config.settings()) { // secrets are masked
            text.append(setting.name() + " = " + setting.value() + " (" + setting.source() + ")\n");
        }
        return text.toString();
    }
    // endregion
}
