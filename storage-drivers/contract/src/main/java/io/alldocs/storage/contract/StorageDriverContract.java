package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The requirements that every {@link StorageDriver} must meet. Extend this class in the driver's tests and implement
 * the three abstract methods. Test against the most realistic store that runs without an account or special setup.
 *
 * <p>The suite reads the driver's {@link StorageCapabilities} and checks them. Supported operations must work, and
 * unsupported operations must throw {@link UnsupportedStorageOperationException}. Each test verifies that the store is
 * empty before and after it.
 *
 * <p>If {@link StorageCapabilities#readAfterWrite()} is false, the suite waits up to {@link #patience()} for a write to
 * become visible.
 */
public abstract class StorageDriverContract extends ConcurrencyContract {
    /** For subclasses; JUnit makes one instance per test. */
    protected StorageDriverContract() {}

    @Test
    void name_always_isShortAndPlain() {
        assertThat(driver.name()).matches("[a-z][a-z0-9-]{0,30}");
    }

    @Test
    void capabilities_always_areUsable() {
        assertThat(can.maxKeyBytes())
                .as("keys of real names in hex have up to 512 bytes")
                .isGreaterThanOrEqualTo(StorageCapabilities.MIN_KEY_BYTES);
        assertThat(can.maxValueBytes()).isGreaterThanOrEqualTo(StorageCapabilities.MIN_VALUE_BYTES);
        assertThat(can.maxBatch()).isPositive();
        assertThat(driver.capabilities()).isEqualTo(can);
    }

    // ---- verify

    @Test
    void verify_wholeStore_isClean() {
        putBatch(IntStream.range(0, 50).mapToObj(i -> "v:" + i).toList());
        eventually(() -> {
            VerifyReport report = driver.verify(VerifyOptions.dryRun());
            assertThat(report.clean()).as("%s", report).isTrue();
            assertThat(report.totalEntries()).isEqualTo(50);
            assertThat(report.verifiedContent()).isEqualTo(50);
            assertThat(report.problems()).isEmpty();
        });
    }

    @Test
    void verify_damagedBody_isFoundReportedAndRepaired() throws Exception {
        putBatch(IntStream.range(0, 10).mapToObj(i -> "v:" + i).toList());
        GeneratedBody body = new GeneratedBody(4, 5_000);
        driver.put("v:damaged", body.head(), body);
        eventually(() -> assertThat(list(driver, "v:", null)).hasSize(11));
        corrupt("v:damaged");
        VerifyOptions all = new VerifyOptions(false, Duration.ZERO, 2);
        VerifyReport found = driver.verify(all);
        assertThat(found.clean()).isFalse();
        assertThat(found.badContentCount()).isEqualTo(1);
        assertThat(found.verifiedContent()).isEqualTo(10);
        assertThat(found.problems()).hasSize(1);
        assertThat(driver.has("v:damaged")).as("a dry run changes nothing").isTrue();

        driver.verify(new VerifyOptions(true, Duration.ofHours(1), 2));
        assertThat(driver.has("v:damaged")).as("recent content is not changed").isTrue();

        VerifyReport repaired = driver.verify(new VerifyOptions(true, Duration.ZERO, 2));
        assertThat(repaired.badContentCount()).isEqualTo(1);
        assertAbsent("v:damaged");
        eventually(() -> {
            VerifyReport after = driver.verify(all);
            assertThat(after.clean()).as("%s", after).isTrue();
            assertThat(after.totalEntries()).isEqualTo(10);
        });
    }

    @Test
    void verify_emptyStore_isClean() {
        VerifyReport report = driver.verify(VerifyOptions.repairing());
        assertThat(report.clean()).isTrue();
        assertThat(report.totalEntries()).isZero();
    }

    // ---- close

    @Test
    void everyMethod_afterClose_isRefused() throws Exception {
        StorageDriver closed = newDriver();
        closed.close();
        closed.close();
        GeneratedBody body = new GeneratedBody(1, 10);
        EntryMetadata head = body.head();
        List<Runnable> calls = List.of(
                () -> closed.get("k"),
                () -> closed.head("k"),
                () -> closed.has("k"),
                () -> closed.put("k", head, body),
                () -> closed.putHead("k", head),
                () -> closed.delete("k"),
                () -> list(closed, "", null),
                () -> closed.getBatch(List.of("k")),
                () -> closed.putBatch(Map.of("k", new StoredEntry(head, body))),
                () -> closed.deleteBatch(List.of("k")),
                () -> closed.verify(VerifyOptions.dryRun()));
        for (int i = 0; i < calls.size(); i++) {
            assertThatThrownBy(calls.get(i)::run).as("call %d", i).isInstanceOf(IllegalStateException.class);
        }
        if (can.conditionalPut()) {
            assertThatThrownBy(() -> closed.putIfAbsent("k", head, body)).isInstanceOf(IllegalStateException.class);
        }
        assertThat(closed.name()).isEqualTo(driver.name());
        assertAbsent("k");
    }
}
