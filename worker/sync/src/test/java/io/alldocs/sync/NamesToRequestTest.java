package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.Partition;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests names of a file that contains one of them several times: next to each other, or after its answer has arrived.
 */
class NamesToRequestTest {
    private static final URI REGISTRY = URI.create("https://registry.example");

    @TempDir
    private Path folder;

    private final Cache cache =
            Cache.builder().driver(new MemoryStorageDriver()).build();
    private final PartitionCheckpoint checkpoint = new PartitionCheckpoint(cache, "names");
    private final Map<String, String> stored = new HashMap<>();
    private final AtomicLong counted = new AtomicLong();
    private NameSource source;
    private String givenUp = "";
    private boolean abandoned;

    @BeforeEach
    void plan() throws Exception {
        Path file = Files.writeString(folder.resolve("names.txt"), "a\na\nb\na\n");
        source = new FileNames(NameList.open(file.toString(), InputStream.nullInputStream()));
        checkpoint.recordPartitions(new PartitionCheckpoint.Header(
                "run",
                Instant.EPOCH,
                REGISTRY.toString(),
                "full",
                null,
                List.of(Partition.all().key(REGISTRY))));
    }

    @AfterEach
    void close() {
        cache.close();
    }

    @Test
    void repeats_whileTheNameIsUnderWay_shareItsAnswer() {
        try (NamesToRequest names = names()) {
            assertThat(names).toIterable().containsExactly("a", "b");

            answer(names, "b", "not_found");
            answer(names, "a", "ok");
            names.finish();

            assertComplete(names);
        }
    }

    @Test
    void repeat_afterTheAnswer_isHeld() {
        try (NamesToRequest names = names()) {
            assertThat(names.next()).isEqualTo("a");
            assertThat(names.next()).isEqualTo("b");
            answer(names, "a", "ok");
            answer(names, "b", "not_found");
            assertThat(names.hasNext()).isFalse();
            names.finish();

            assertThat(names.hits()).isEqualTo(1);
            assertComplete(names);
        }
    }

    @Test
    void repeats_ofANameThatFailed_areOpenUntilItIsAnswered() {
        try (NamesToRequest names = names()) {
            assertThat(names).toIterable().containsExactly("a", "b");
            names.failed("a");
            answer(names, "b", "not_found");
            names.finish();
        }
        assertThat(checkpoint.record(0).state()).isNotEqualTo(PartitionCheckpoint.State.COMPLETE);
        counted.set(0);

        try (NamesToRequest names = names()) {
            assertThat(names).toIterable().containsExactly("a");
            answer(names, "a", "ok");
            names.finish();

            assertComplete(names);
        }
    }

    @Test
    void abandoned_givesNoFurtherName_andCompletesNothing() {
        try (NamesToRequest names = names()) {
            assertThat(names.next()).isEqualTo("a");
            abandoned = true;
            assertThat(names.hasNext()).isFalse();
            answer(names, "a", "ok");
            names.finish();
        }
        assertThat(checkpoint.record(0).state()).isNotEqualTo(PartitionCheckpoint.State.COMPLETE);
    }

    private NamesToRequest names() {
        NamesToRequest names = new NamesToRequest(
                source,
                PackumentFetch.Ledger.of(checkpoint),
                (name, rev) -> Optional.ofNullable(stored.get(name)),
                name -> name.equals(givenUp),
                () -> abandoned);
        names.onCounted(counted::addAndGet);
        return names;
    }

    private void answer(NamesToRequest names, String name, String outcome) {
        stored.put(name, outcome);
        names.answered(name, outcome);
    }

    private void assertComplete(NamesToRequest names) {
        PartitionCheckpoint.Record part = checkpoint.record(0);
        assertThat(part.state()).isEqualTo(PartitionCheckpoint.State.COMPLETE);
        assertThat(part.details().toString()).contains("ok=3", "not_found=1", "rows=4");
        assertThat(counted).hasValue(names.total());
    }
}
