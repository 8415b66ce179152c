package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.spi.CancellableCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every document of these tests is received into a temporary file. */
@Timeout(60)
class PackumentResultCloseTest {
    private final Setup setup = new Setup();
    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(200).seed(5).start();

    @TempDir
    private Path spool;

    private Cache cache;
    private PackumentClient client;

    @BeforeEach
    void open() {
        cache = Cache.builder()
                .driver(setup.driver)
                .receiver(new BodyReceiver(ByteBudget.of(0), spool, 1L << 28))
                .build();
        client = setup.client(registry.origin()).cache(cache).concurrency(16).build();
    }

    @AfterEach
    void close() {
        client.close();
        cache.close();
        setup.close();
        registry.close();
    }

    private String name(int index) {
        return registry.names().get(index);
    }

    @Test
    void close_receivedDocument_releasesItsFile() throws IOException {
        PackumentResult result = client.request(name(0));
        assertThat(result.json().path("name").asText()).isEqualTo(name(0));
        assertThat(temporaryFiles()).isPositive();
        result.close();
        result.close();
        assertThat(temporaryFiles()).isZero();
        assertThat(result.outcome()).isEqualTo(Outcome.OK);
        assertThatIllegalStateException()
                .isThrownBy(result::json)
                .withMessageContaining(name(0))
                .withMessageContaining("result is closed");
        assertThatIllegalStateException().isThrownBy(result::entry);
        assertThatIllegalStateException().isThrownBy(result::lastGood);
    }

    @Test
    void close_entryOfTheCaller_staysReadable() throws IOException {
        PackumentResult result = client.request(name(0));
        CacheEntry first = result.entry().orElseThrow();
        CacheEntry second = result.entry().orElseThrow();
        first.close();
        result.close();
        JsonTree json = second.json();
        assertThat(json.path("name").asText()).isEqualTo(name(0));
        second.close();
        assertThat(temporaryFiles()).isZero();
    }

    @Test
    void close_hit_refusesLaterReads() {
        client.request(name(0)).close();
        PackumentResult hit = client.request(name(0), RequestOptions.of(CacheMode.FORCE_CACHE));
        assertThat(hit.source()).isEqualTo(EntrySource.HIT);
        CacheEntry entry = hit.entry().orElseThrow();
        hit.close();
        assertThat(entry.json().path("name").asText()).isEqualTo(name(0));
        assertThatIllegalStateException().isThrownBy(hit::entry);
    }

    @Test
    void cancel_resultThatArrivesLater_releasesIt() {
        List<Runnable> calls = new ArrayList<>();
        List<String> released = new ArrayList<>();
        List<CompletableFuture<String>> futures = new ArrayList<>();
        futures.add(CancellableCall.start(
                calls::add,
                () -> {
                    futures.get(0).cancel(true);
                    return "late";
                },
                released::add));
        calls.get(0).run();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(futures.get(0)).isCancelled();
        assertThat(released).containsExactly("late");
    }

    @Test
    void requestAll_documentsInFiles_leavesNoFileOpen() throws IOException {
        List<PackumentResult> results = new ArrayList<>();
        List<Long> open = new ArrayList<>();
        RunSummary summary = client.requestAll(registry.names(), RequestOptions.of(CacheMode.NO_STORE), result -> {
            results.add(result);
            if (results.size() % 20 == 0) {
                open.add(temporaryFiles());
            }
            assertThat(result.json().path("name").asText()).isEqualTo(result.name());
        });
        assertThat(summary.failed()).isZero();
        assertThat(results).hasSize(200);
        assertThat(open).allSatisfy(files -> assertThat(files).isLessThanOrEqualTo(2 * 16));
        assertThat(temporaryFiles()).isZero();
        assertThat(results)
                .allSatisfy(result -> assertThatIllegalStateException()
                        .isThrownBy(result::json)
                        .withMessageContaining("requestAll"));
    }

    @Test
    void requestAll_consumerFails_leavesNoFileOpen() throws Exception {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.requestAll(registry.names(), RequestOptions.DEFAULT, result -> {
                    throw new IllegalArgumentException("refused");
                }))
                .withMessage("refused");
        // The run discards results that arrived after the failure. The garbage collector releases them.
        awaitWithGc(() -> temporaryFiles() == 0);
    }

    private static void awaitWithGc(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            System.gc();
            new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
        }
    }

    /** Counts the files of the directory, and on Linux those that are open but have no name. */
    private long temporaryFiles() {
        Path descriptors = Path.of("/proc/self/fd");
        boolean linux = Files.isDirectory(descriptors);
        try (Stream<Path> files = Files.list(linux ? descriptors : spool)) {
            return files.filter(file -> !linux || isTemporary(file)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isTemporary(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(spool.toRealPath());
        } catch (IOException e) {
            return false; // closed while the directory was listed
        }
    }
}
