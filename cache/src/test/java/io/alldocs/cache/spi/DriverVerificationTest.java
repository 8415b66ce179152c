package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.CountingDriver;
import io.alldocs.cache.Samples;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class DriverVerificationTest {
    private static final VerifyOptions REPAIR = new VerifyOptions(true, Duration.ofMinutes(10), 3);

    private final CountingDriver driver = new CountingDriver() {
        @Override
        public synchronized Optional<StoredEntry> get(String key) {
            if (key.startsWith("unreadable")) {
                throw new IntegrityException("Cannot parse the head of an entry", null);
            }
            return super.get(key);
        }
    };

    private final Set<String> healed = ConcurrentHashMap.newKeySet();

    private void put(String key, String stored, String digested, Instant time) {
        byte[] bytes = Samples.utf8(digested);
        driver.store.put(key, EntryMetadata.bare(bytes.length, Integrity.sriOf(bytes), time), Body.of(bytes));
        driver.damage(key, Samples.utf8(stored));
    }

    @Test
    void verify_everyKindOfEntry_isCounted() {
        Instant old = Instant.now().minus(Duration.ofHours(1));
        put("whole", "12345", "12345", old);
        put("flipped", "12x45", "12345", old);
        put("short", "1234", "12345", old);
        put("young", "12x45", "12345", Instant.now());
        put("unreadable", "", "", old);
        byte[] bytes = Samples.utf8("123");
        driver.store.put("no-digest", EntryMetadata.bare(3, null, old), Body.of(bytes));
        driver.store.put("bad-digest", EntryMetadata.bare(3, "md5-x", old), Body.of(bytes));

        VerifyReport dry = driver.verify(VerifyOptions.dryRun());
        assertThat(dry.totalEntries()).isEqualTo(7);
        assertThat(dry.verifiedContent()).isEqualTo(2);
        assertThat(dry.badContentCount()).isEqualTo(3);
        assertThat(dry.rejectedEntries()).isEqualTo(2);
        assertThat(dry.keptSizeBytes()).isEqualTo(8);
        assertThat(dry.clean()).isFalse();
        assertThat(dry.problems()).hasSize(5).anyMatch(problem -> problem.startsWith("flipped: "));
        assertThat(driver.store.has("flipped")).isTrue();

        VerifyReport repair = driver.verify(REPAIR);
        assertThat(repair.badContentCount()).isEqualTo(3);
        assertThat(repair.problems())
                .anyMatch(problem -> problem.startsWith("young: ") && problem.endsWith("(not repaired: too recent)"));
        for (String gone : new String[] {"flipped", "short", "unreadable", "bad-digest"}) {
            assertThat(driver.store.has(gone)).as(gone).isFalse();
        }
        for (String kept : new String[] {"whole", "young", "no-digest"}) {
            assertThat(driver.store.has(kept)).as(kept).isTrue();
        }
    }

    /** A concurrent fetch treats the damaged value as a miss and stores a new one during the verification. */
    @Test
    void verify_whatAWriterHealsMeanwhile_isLeftAlone() {
        Instant old = Instant.now().minus(Duration.ofHours(1));
        CountingDriver healing = new CountingDriver() {
            @Override
            public synchronized Optional<StoredEntry> get(String key) {
                if (healed.add(key)) {
                    Optional<StoredEntry> before = super.get(key);
                    byte[] good = Samples.utf8("12345");
                    store.put(
                            key, EntryMetadata.bare(good.length, Integrity.sriOf(good), Instant.now()), Body.of(good));
                    if (key.equals("rejected")) {
                        throw new IntegrityException("Cannot parse the head of an entry", null);
                    }
                    return before;
                }
                return super.get(key);
            }
        };
        for (String key : new String[] {"flipped", "rejected"}) {
            byte[] bad = Samples.utf8("12x45");
            healing.store.put(key, EntryMetadata.bare(5, Integrity.sriOf(Samples.utf8("12345")), old), Body.of(bad));
        }

        VerifyReport report = healing.verify(REPAIR);

        assertThat(report.badContentCount()).isEqualTo(1);
        assertThat(report.rejectedEntries()).isEqualTo(1);
        assertThat(report.problems())
                .hasSize(2)
                .allMatch(problem -> problem.endsWith("(not repaired: replaced meanwhile)"));
        assertThat(healing.verify(VerifyOptions.dryRun()).verifiedContent()).isEqualTo(2);
    }

    @Test
    void verify_storeThatFails_isAnErrorNotAFinding() {
        put("a", "1", "1", Instant.EPOCH);
        CountingDriver failing = new CountingDriver() {
            @Override
            public synchronized Optional<StoredEntry> get(String key) {
                throw new StorageException("unreachable", true, null);
            }
        };
        failing.store.put("a", EntryMetadata.bare(0, null, Instant.EPOCH), Body.of(new byte[0]));
        assertThatThrownBy(() -> failing.verify(REPAIR))
                .isInstanceOf(StorageException.class)
                .hasMessage("unreachable");
        assertThat(failing.store.has("a")).isTrue();
    }

    @Test
    void options_impossible_areRefused() {
        assertThatThrownBy(() -> new VerifyOptions(false, Duration.ZERO, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new VerifyOptions(false, Duration.ofSeconds(-1), 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
