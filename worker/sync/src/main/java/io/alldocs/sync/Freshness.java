package io.alldocs.sync;

import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentResult;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides whether the stored entry of a name can be used in this run. */
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
     * so this run requests the name again. A run with such a name is partial, and the next run can complete it.
     */
    boolean isMalformedInAnEarlierRun(EntryMetadata head) {
        return MALFORMED.equals(head.outcome()) && head.validatedAt().isBefore(startedAt);
    }

    /**
     * Returns whether the entry of {@code name} is current and not doubtful. It is current if it has the revision that
     * the origin lists. It is also current if it was stored or validated in this run and does not lag behind that
     * revision. Every other entry is requested with its validators. A process that was killed may not have recorded
     * that a name lags behind; a recorded one waits for its retry.
     */
    boolean isCurrent(String name, Optional<EntryMetadata> head, @Nullable String listedRev) {
        return head.isPresent()
                && !head.get().isDoubtful()
                && ((isOfThisRun(head.get())
                                && (!lags(head.get(), listedRev)
                                        || records.progress().isRetried(name)))
                        || (mayTrustRevisions() && isOf(listedRev, head.get())));
    }

    /** Returns whether a change from the feed is stored already. */
    boolean covers(Optional<EntryMetadata> head, String changedRev) {
        return head.isPresent()
                && !head.get().isDoubtful()
                && isOf(changedRev, head.get())
                && (mayTrustRevisions() || isOfThisRun(head.get()));
    }

    private boolean mayTrustRevisions() {
        return records.kind() != JobHeader.Kind.RELOAD;
    }

    /**
     * Returns whether the entry was validated in this run. A time in the future comes from a clock that was ahead,
     * perhaps before this run.
     */
    private boolean isOfThisRun(EntryMetadata head) {
        return !head.validatedAt().isBefore(records.baseline())
                && !head.validatedAt().isAfter(clock.instant());
    }

    /**
     * Returns whether the entry lags behind the listed revision. Outcomes without a document have no revision that
     * could catch up.
     */
    private static boolean lags(EntryMetadata head, @Nullable String listedRev) {
        return listedRev != null
                && !listedRev.equals(head.rev())
                && !WITHOUT_REVISION.contains(String.valueOf(head.outcome()))
                && PackumentResult.isBehind(head, listedRev);
    }

    private static boolean isOf(@Nullable String rev, EntryMetadata head) {
        return rev != null && rev.equals(head.rev());
    }
}
