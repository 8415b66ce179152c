package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

/** Contains and runs the code in the module's README. */
class RegistryGuideTest {

    // region registry
    @Test
    void registry_withTwoNames_servesTheirPackuments() throws IOException, InterruptedException {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("express", "zod").start()) {
            HttpResponse<String> express = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(registry.origin().resolve("/express"))
                                    .build(),
                            BodyHandlers.ofString());

            assertThat(express.body()).contains("\"name\":\"express\"");
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(1);
        }
    }
    // endregion
}
