package io.alldocs.sync;

import io.alldocs.cache.EntryHead;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentResult;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether what is stored of a name answers for it in this run. */
final class Freshness {
    private static final String MALFORMED = PackumentFetch.label(Outcome.MALFORMED);
    private static final Set<String> WITHOUT_REVISION =
            Set.of(PackumentFetch.label(Outcome.NOT_FOUND), PackumentFetch.label(Outcome.BLOCKED), MALFORMED);

    private final JobRecords records;
    private final Clock clock;
    private final Instant startedAt;

    Freshness(JobRecords records, Clock clock) {
        this.records = records;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /**
     * Returns whether an earlier run received something that is not a packument. A proxy or a portal may have sent it,
     * so this run requests the name again: a run with such a name is partial, and the next run can complete it.
     */
    boolean isMalformedInAnEarlierRun(EntryHead head) {
        return MALFORMED.equals(head.outcome()) && head.validatedAt().isBefore(startedAt);
    }

    /**
     * Whether the head of {@code name} was stored or confirmed within this run and does not lag behind the revision
     * that the origin lists, or is of that very revision, and is not doubtful. Everything else is asked for, with its
     * validators. A process that is killed may not have recorded yet that a name lags behind; one that is recorded
     * waits for its retry.
     */
    boolean isCurrent(String name, Optional<EntryHead> head, @Nullable String listedRev) {
        return head.isPresent()
                && !head.get().isDoubtful()
                && ((isOfThisRun(head.get()) && (!lags(head.get(), listedRev) || records.isRetried(name)))
                        || (mayTrustRevisions() && isOf(listedRev, head.get())));
    }

    /** Whether a change that the feed tells of is stored already. */
    boolean covers(Optional<EntryHead> head, String changedRev) {
        return head.isPresent()
                && !head.get().isDoubtful()
                && isOf(changedRev, head.get())
                && (mayTrustRevisions() || isOfThisRun(head.get()));
    }

    private boolean mayTrustRevisions() {
        return records.kind() != JobHeader.Kind.RELOAD;
    }

    /** What is of the future was stored by a clock that was ahead, perhaps before this run. */
    private boolean isOfThisRun(EntryHead head) {
        return !head.validatedAt().isBefore(records.baseline())
                && !head.validatedAt().isAfter(clock.instant());
    }

    /** Outcomes without a document have no revision that could catch up. */
    private static boolean lags(EntryHead head, @Nullable String listedRev) {
        return listedRev != null
                && !listedRev.equals(head.rev())
                && !WITHOUT_REVISION.contains(String.valueOf(head.outcome()))
                && PackumentResult.isBehind(head, listedRev);
    }

    private static boolean isOf(@Nullable String rev, EntryHead head) {
        return rev != null && rev.equals(head.rev());
    }
}
