package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests the live page, rendered by Chromium. Needs Node, and Chromium at {@code CHROMIUM} or at Debian's path;
 * {@code src/test/js} lists the versions.
 */
@Tag("interop")
@Timeout(300)
class PageInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The id of the dead letter is ordinary for the pictures of the guides. It is also markup that would run if the
     * page did not escape text written by others.
     */
    @ParameterizedTest
    @CsvSource({"worker, logo.png", "worker-hostile, <img src=x onerror=alert(1)>"})
    void page_ofAWorkerThatWorked_showsWhatItDid_andNothingElseIsLoaded(String pictures, String id) throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start();
                Bench bench = new Bench();
                Worker worker = bench.worker(registry.origin(), 50).build().start();
                WorkerServer server = WorkerServer.builder().build().start()) {
            server.attach(worker);
            bench.queue.enqueue(
                    List.of(
                            plan("everything", true),
                            plan("names only", false),
                            WorkItem.of("resize-image", id, JsonNodeFactory.instance.nullNode())),
                    Duration.ZERO);
            assertThat(worker.awaitIdle(Duration.ofMinutes(2))).isTrue();

            JsonNode page = open("http://127.0.0.1:" + server.port() + "/", 2, pictures);

            assertThat(page.path("messages")).as("console").isEmpty();
            assertThat(texts(page.path("requested")))
                    .containsExactly("/", "/progress", "/queue/dead", "/queue/discard");
            assertThat(page.path("state").asText()).isEqualTo("running");
            assertThat(page.path("title").asText())
                    .matches(".+:" + server.port() + " · running · test · all-docs worker");
            assertThat(page.path("queue").asText()).isEqualTo("test (local)");
            assertThat(page.at("/facts/Packuments from").asText())
                    .isEqualTo(registry.origin().toString());
            assertThat(page.at("/facts/Names from").asText())
                    .isEqualTo(registry.origin().toString());
            assertThat(page.at("/facts/Stored in").asText()).isEqualTo("memory");
            assertThat(page.at("/facts/Runs on").asText())
                    .endsWith(", process " + ProcessHandle.current().pid());
            assertThat(page.at("/facts/Version").asText()).endsWith("Java " + Runtime.version());
            assertThat(texts(page.path("links"))).containsExactly("/progress", "/metrics", "/ready");
            assertThat(page.path("memory").asText()).contains("MB used of at most");
            assertThat(page.at("/statuses/200").asInt()).isPositive();
            assertThat(page.path("scales")).hasSize(3).allMatch(labels -> labels.size() == 3);
            assertThat(texts(page.path("ends"))).allMatch("60 s ago30 s agonow"::equals);
            assertThat(texts(page.at("/spike/scale"))).containsExactly("20", "10", "0");
            assertThat(page.at("/spike/note").asText()).isEqualTo("One bar is cut; the highest is 1,000.");
            assertThat(page.at("/tiles/waiting").asText()).isEqualTo("0");
            assertThat(page.at("/tiles/dead").asText()).isEqualTo("1");
            assertSet(page.at("/sets/0"), "everything", List.of("names", "packuments"));
            assertSet(page.at("/sets/1"), "names only", List.of("names"));
            assertThat(texts(page.at("/errors/0"))).contains("resize-image", id, "1");
            assertThat(texts(page.at("/letters/0"))).contains("resize-image", id, "1");
            assertThat(page.path("discarded").asText()).isEqualTo("1 discarded");
            assertThat(bench.queue.sizes().dead()).isZero();
            assertThat(page.path("charts")).hasSize(15);
            assertThat(page.path("overflows").asBoolean()).isFalse();
            assertThat(page.path("overflowsWhenNarrow").asBoolean()).isFalse();
            assertThat(texts(page.path("hiddenWhenNarrow"))).isEmpty();
        }
    }

    private static WorkItem plan(String set, boolean packuments) {
        ObjectNode payload =
                JsonNodeFactory.instance.objectNode().put("set", set).put("targetRows", 75);
        return WorkItem.of(
                "partition-set", set, payload.put("packuments", packuments).put("batch", 20));
    }

    private static void assertSet(JsonNode set, String name, List<String> stages) {
        assertThat(set.path("name").asText()).isEqualTo(name + " · complete");
        assertThat(set.path("stages")).hasSize(stages.size());
        for (int i = 0; i < stages.size(); i++) {
            JsonNode stage = set.path("stages").path(i);
            assertThat(stage.path("kind").asText()).isEqualTo(stages.get(i));
            assertThat(stage.path("percent").asText()).isEqualTo("100");
            assertThat(stage.path("width").asText()).isEqualTo("100%");
            assertThat(stage.path("text").asText()).startsWith("100 %").endsWith("300 names");
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    /**
     * Returns what the page shows. Stores screenshots in {@code target/interop}, with names that start with
     * {@code pictures}.
     */
    private static JsonNode open(String address, int sets, String pictures) throws Exception {
        Path directory = Path.of(System.getProperty("interop.directory"));
        Process node = new ProcessBuilder(
                        "node",
                        "page.cjs",
                        address,
                        Integer.toString(sets),
                        directory.resolve(pictures).toString())
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = node.inputReader().readLine();
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).isZero();
        return JSON.readTree(printed);
    }
}
