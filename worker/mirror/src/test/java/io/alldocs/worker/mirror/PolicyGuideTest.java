package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.packument.VersionPolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contains and runs the code in the module's README. */
class PolicyGuideTest {
    @TempDir
    private Path folder;

    // region mirror-policy
    private static MirrorServer mirror(Cache cache, URI registry, Path policyFile) {
        return MirrorServer.builder()
                .cache(cache)
                .registry(registry)
                .pullThrough()
                .policyFile(policyFile)
                .start();
    }
    // endregion

    @Test
    void mirror_withTheFileOfAPolicy_refusesWhatThePolicyRefuses() throws Exception {
        try (Bench bench = new Bench()) {
            bench.store(
                    "lodash",
                    "{\"name\":\"lodash\",\"versions\":{\"4.17.22\":{},\"4.17.23\":{}}}",
                    head -> head.outcome("ok"));
            VersionPolicy policy =
                    VersionPolicy.builder().block("lodash@4.17.23").build();
            Path file = Files.writeString(folder.resolve("policy.conf"), policy.toString());
            try (MirrorServer mirror = mirror(bench.cache, bench.registry, file)) {
                HttpResponse<String> answer = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(mirror.address() + "/lodash"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());

                assertThat(answer.body()).contains("4.17.22").doesNotContain("4.17.23");
            }
        }
    }
}
