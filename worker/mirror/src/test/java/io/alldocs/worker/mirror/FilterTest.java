package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.json;
import static io.alldocs.worker.mirror.Bench.packument;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.packument.NameFilter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a mirror whose filter excludes packages, some cached and some not, over a registry that has all of them. */
@Timeout(120)
class FilterTest {
    private final EmbeddedRegistry registry = EmbeddedRegistry.builder()
            .names("express", "@evil/held", "@evil/other", "left-pad")
            .start();
    private final BaseHttpClient http = BaseHttpClient.builder().build();
    private final Bench bench = new Bench(
            registry.origin(),
            new MemoryStorageDriver(),
            builder -> builder.pullThrough(http).filter(NameFilter.of(List.of(), List.of("@evil/*", "left-pad"))));

    FilterTest() {
        bench.store("@evil/held", packument("@evil/held", "1.0.0"), head -> head.outcome("ok"));
        bench.storeAbbreviated("left-pad", "{\"name\":\"left-pad\",\"versions\":{}}");
        bench.store("@good/held", packument("@good/held", "1.0.0"), head -> head.outcome("ok"));
    }

    @AfterEach
    void close() {
        bench.close();
        http.close();
        registry.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/@evil/held",
                "/@evil%2fheld",
                "/@evil%2Fother",
                "/left-pad/",
                "/@evil/held/1.0.0",
                "/left-pad/latest",
                "/-/package/@evil%2fheld/dist-tags",
                "/@evil/held/-/held-1.0.0.tgz",
                "/left-pad/-/left-pad-1.0.0.tgz"
            })
    void excludedName_isForbidden_andNotRequested(String path) {
        assertThat(bench.get(path, "accept", INSTALLER).statusCode()).isEqualTo(403);
        assertThat(bench.send("HEAD", path).statusCode()).isEqualTo(403);
        assertThat(bench.get(path, "cache-control", "no-cache").statusCode()).isEqualTo(403);
        assertThat(json(bench.get(path)).path("error").asText())
                .startsWith("This mirror does not serve ")
                .containsAnyOf("@evil/held", "@evil/other", "left-pad");
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isZero();
    }

    @Test
    void others_areServedAsEver() {
        assertThat(bench.get("/express").statusCode()).isEqualTo(200);
        assertThat(bench.get("/@good%2fheld").statusCode()).isEqualTo(200);
        String latest = json(bench.get("/express/latest")).path("version").asText();
        assertThat(bench.get("/express/-/express-" + latest + ".tgz").statusCode())
                .isEqualTo(302);
        assertThat(bench.get("/-/ping").statusCode()).isEqualTo(200);
    }

    @Test
    void names_areThoseThatAreServed() {
        JsonNode page = json(bench.get("/_all_docs"));

        assertThat(page.path("rows")).hasSize(1);
        assertThat(page.at("/rows/0/id").asText()).isEqualTo("@good/held");
        assertThat(page.path("total_rows").asInt()).isEqualTo(1);
    }
}
