package io.alldocs.sync;

import io.alldocs.cache.EntryHead;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether what is stored of a name answers for it in this run. */
final class Freshness {
    private final JobRecords records;
    private final Clock clock;

    Freshness(JobRecords records, Clock clock) {
        this.records = records;
        this.clock = clock;
    }

    /**
     * Whether {@code head} was stored or confirmed within this run, or is of the very revision that the origin lists, and is not doubtful. Everything else is asked for, with
     * its validators.
     */
    boolean isCurrent(Optional<EntryHead> head, @Nullable String listedRev) {
        return head.isPresent()
                && !head.get().isDoubtful()
                && (isOfThisRun(head.get()) || (mayTrustRevisions() && isOf(listedRev, head.get())));
    }

    /** Whether a change that the feed tells of is stored already. */
    boolean covers(Optional<EntryHead> head, String changedRev) {
        return head.isPresent()
                && !head.get().isDoubtful()
                && isOf(changedRev, head.get())
                && (mayTrustRevisions() || isOfThisRun(head.get()));
    }

    private boolean mayTrustRevisions() {
        return records.kind() != JobRecords.Kind.RELOAD;
    }

    /** What is of the future was stored by a clock that was ahead, perhaps before this run. */
    private boolean isOfThisRun(EntryHead head) {
        return !head.validatedAt().isBefore(records.baseline())
                && !head.validatedAt().isAfter(clock.instant());
    }

    private static boolean isOf(@Nullable String rev, EntryHead head) {
        return rev != null && rev.equals(head.rev());
    }
}
