package io.alldocs.sync;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import java.util.Iterator;
import java.util.stream.Stream;

/**
 * After a reset, the feed does not report earlier deletions. This class requests the names that are stored but no
 * longer listed, so that their outcome is recorded.
 */
final class VanishedNames {
    private final SyncContext context;
    private final Deletions deletions;

    VanishedNames(SyncContext context) {
        this.context = context;
        this.deletions = new Deletions(context);
    }

    /** Does nothing unless the baseline began with a reset. */
    void run(NameSource names) {
        SyncJob job = context.job();
        if (context.records().kind() != JobHeader.Kind.RECONCILE || job.deletions() == DeletionPolicy.KEEP) {
            return;
        }
        NameHashes listed = NameHashes.of(names);
        try (Stream<String> keys = context.cache().keys(context.keyPrefix())) {
            Iterator<String> vanished = keys.flatMap(key -> CacheKey.parse(key).packageName().stream())
                    .filter(name -> job.range().contains(name) && job.filter().allows(name) && !listed.contains(name))
                    .iterator();
            context.packuments()
                    .requestAll(
                            () -> vanished,
                            RequestOptions.of(CacheMode.NO_CACHE),
                            result -> {
                                context.guard().succeeded();
                                context.tally().answered(result);
                                context.listener().outcome(result);
                                deletions.answered(result);
                            },
                            (name, failure) -> {
                                context.tally().fail(name, failure);
                                context.listener().failed(name, failure);
                                context.guard().failed(failure);
                            });
        }
    }
}
