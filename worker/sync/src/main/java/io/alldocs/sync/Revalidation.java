package io.alldocs.sync;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.RequestOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks again, with validators, for names whose packument was stored or confirmed since a moment. A process that was stopped in the middle of a request puts its answer
 * over a newer one when it continues; after that nothing would fetch the newer one again, since its change was followed already.
 */
final class Revalidation {
    /** What a request brought shortly before the moment may have been stored after it. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private final SyncContext context;
    private final Instant from;

    Revalidation(SyncContext context, Instant since) {
        this.context = context;
        this.from = since.minus(MARGIN);
    }

    /** @throws RuntimeException the first failure of a request, after all were sent */
    void run(Collection<String> names) {
        List<String> doubtful = names.stream()
                .filter(PackumentFetch::isAskable)
                .filter(name -> context.cache()
                        .head(context.key(name))
                        .filter(this::isRecent)
                        .isPresent())
                .toList();
        AtomicReference<@Nullable RuntimeException> failed = new AtomicReference<>();
        context.packuments()
                .requestAll(
                        doubtful,
                        RequestOptions.of(CacheMode.NO_CACHE),
                        result -> PackumentFetch.count(context.tally(), result),
                        (name, failure) -> failed.compareAndSet(null, failure));
        RuntimeException failure = failed.get();
        if (failure != null) {
            throw failure;
        }
    }

    private boolean isRecent(EntryHead head) {
        return !head.storedAt().isBefore(from) || !head.validatedAt().isBefore(from);
    }
}
