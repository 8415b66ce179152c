package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Contains and runs the code in the module's README. */
@Timeout(60)
class MirrorGuideTest {
    @TempDir
    private Path folder;

    // region private-mirror
    private static MirrorServer privateMirror(Cache cache, NpmConfig npmrc, BaseHttpClient http, URI address) {
        return MirrorServer.builder()
                .cache(cache)
                .registry(npmrc.registry().orElseThrow())
                .npmConfig(npmrc)
                .pullThrough(http)
                .rewriteTarballs(address)
                .proxyTarballs()
                .tarballHosts(List.of("files.corp.example"))
                .start();
    }
    // endregion

    @Test
    void privateMirror_lendsItsTokenForTarballs() throws Exception {
        byte[] bytes = "bytes".getBytes(StandardCharsets.UTF_8);
        try (Origin registry = new Origin()) {
            registry.json(
                    "/priv",
                    "{\"name\":\"priv\",\"versions\":{\"1.0.0\":{\"dist\":{\"tarball\":\"" + registry.address()
                            + "/t/1\"}}}}");
            registry.on("/t/1", exchange -> {
                boolean known =
                        "Bearer secret".equals(exchange.getRequestHeaders().getFirst("authorization"));
                Origin.send(exchange, known ? 200 : 401, "application/gzip", known ? bytes : new byte[0]);
            });
            Path npmrc = Files.writeString(
                    folder.resolve("npmrc"),
                    "registry=" + registry.address() + "\n//" + registry.authority() + "/:_authToken=secret\n");
            NpmConfig config = NpmConfig.loader(Map.of("NPM_CONFIG_USERCONFIG", npmrc.toString()))
                    .load();
            try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                    BaseHttpClient http =
                            BaseHttpClient.builder().npmConfig(config).build();
                    MirrorServer mirror =
                            privateMirror(cache, config, http, URI.create("http://mirror.corp.example"))) {
                HttpResponse<byte[]> response = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(mirror.address() + "/priv/-/priv-1.0.0.tgz"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray());

                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).isEqualTo(bytes);
            }
        }
    }
}
