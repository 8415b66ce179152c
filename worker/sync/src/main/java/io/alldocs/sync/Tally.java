package io.alldocs.sync;

import io.alldocs.cache.entry.EntrySource;
import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.PartitionResult;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts the work of one process for a job. Safe for concurrent use. */
final class Tally {
    private static final int MAX_FAILURES = 1_000;

    final AtomicLong pages = new AtomicLong();
    final AtomicLong fetched = new AtomicLong();
    final AtomicLong unchanged = new AtomicLong();
    final AtomicLong hits = new AtomicLong();
    final AtomicLong bytesStored = new AtomicLong();
    final AtomicLong changes = new AtomicLong();
    final AtomicLong changedNames = new AtomicLong();
    final AtomicLong deletions = new AtomicLong();
    final AtomicLong resets = new AtomicLong();
    final AtomicLong deleted = new AtomicLong();
    final AtomicLong givenUp = new AtomicLong();
    final AtomicLong failedRequests = new AtomicLong();
    private final Map<String, String> failures = new LinkedHashMap<>();
    private final Set<String> foreign = new LinkedHashSet<>();
    private long unnamedFailures;
    private long unnamedForeign;
    private boolean heldIsKnown;
    private final @Nullable StoredOutcomes stored;

    Tally() {
        this.stored = null;
    }

    /** @param stored receives each packument that was stored */
    Tally(StoredOutcomes stored) {
        this.stored = stored;
    }

    /** Counts a packument by the source of the result. Called after it is stored. */
    void answered(PackumentResult result) {
        if (result.source() == EntrySource.REVALIDATED) {
            unchanged.incrementAndGet();
        } else if (result.source() == EntrySource.FETCHED) {
            fetched.incrementAndGet();
            bytesStored.addAndGet(result.head().sizeBytes());
        } else {
            hits.incrementAndGet();
            return;
        }
        if (stored != null) {
            stored.add(result.name());
        }
    }

    /** Counts a page of names if it was received in this run. */
    void page(PartitionResult page) {
        if (page.entry().source() == EntrySource.FETCHED) {
            pages.incrementAndGet();
            bytesStored.addAndGet(page.entry().head().sizeBytes());
        }
    }

    /** Counts the names that earlier runs had completed, once. */
    synchronized void heldBefore(long names) {
        if (!heldIsKnown) {
            heldIsKnown = true;
            hits.addAndGet(names);
        }
    }

    /** Records why {@code item} failed; only the first thousand are recorded by name. */
    synchronized void fail(String item, RuntimeException failure) {
        failedRequests.incrementAndGet();
        stillFails(item, failure);
    }

    /** Records the failure of {@code item} as {@link #fail} does, but no request was sent for it again. */
    synchronized void stillFails(String item, RuntimeException failure) {
        boolean isForeign = Failures.isForeign(failure);
        if (failures.containsKey(item) || failures.size() < MAX_FAILURES) {
            failures.put(item, Failures.message(failure));
            if (isForeign) {
                foreign.add(item);
            } else {
                foreign.remove(item);
            }
        } else {
            unnamedFailures++;
            unnamedForeign += isForeign ? 1 : 0;
        }
    }

    /** Records that a later try succeeded. */
    synchronized void recovered(String item) {
        failures.remove(item);
        foreign.remove(item);
    }

    /** Clears the failures, because the next round counts the remaining ones again. */
    synchronized void beginRound() {
        failures.clear();
        foreign.clear();
        unnamedFailures = 0;
        unnamedForeign = 0;
    }

    synchronized Map<String, String> failures() {
        return new LinkedHashMap<>(failures);
    }

    /** Returns the failures whose response did not come from the registry. */
    synchronized SyncResult.Foreign foreign() {
        return new SyncResult.Foreign(
                foreign.size() + unnamedForeign, foreign.stream().findFirst().orElse(null));
    }

    WorkCounts counts() {
        return new WorkCounts(
                changes.get(),
                changedNames.get(),
                deletions.get(),
                deleted.get(),
                fetched.get(),
                unchanged.get(),
                failedRequests.get(),
                givenUp.get(),
                resets.get());
    }

    synchronized long failed() {
        return failures.size() + unnamedFailures;
    }
}
