package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentResult;
import java.util.Optional;

/** Applies the deletion policy to names that the origin no longer has. Safe for concurrent use. */
final class Deletions {
    private final DeletionPolicy policy;
    private final SyncJob job;
    private final Cache cache;
    private final Tally tally;

    Deletions(SyncContext context) {
        this.policy = context.job().deletions();
        this.job = context.job();
        this.cache = context.cache();
        this.tally = context.tally();
    }

    /** Returns whether to request a deleted name with the stored {@code head} from the registry. */
    boolean concern(Optional<EntryMetadata> head) {
        return switch (policy) {
            case KEEP -> false;
            case MARK ->
                head.isPresent()
                        && !PackumentFetch.label(Outcome.NOT_FOUND)
                                .equals(head.get().outcome());
            case DELETE -> head.isPresent();
        };
    }

    /** Called with the registry's response for a deleted name. */
    void answered(PackumentResult result) {
        if (policy == DeletionPolicy.DELETE && result.outcome() == Outcome.NOT_FOUND) {
            cache.delete(SyncForm.FULL.key(job.registry(), result.name()).toString());
            cache.delete(SyncForm.ABBREVIATED.key(job.registry(), result.name()).toString());
            tally.deleted.incrementAndGet();
        }
    }
}
