package io.alldocs.sync;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Revalidates names whose packument this process stored while another process may have stored a newer one. A process
 * that was suspended during a request may overwrite a newer packument when it continues. The newer packument would not
 * be fetched again, because its change has already been processed.
 */
final class Revalidation {
    private Revalidation() {}

    /** @throws RuntimeException the first failure of a request, after all were sent */
    static void run(SyncContext context, Collection<String> names) {
        AtomicReference<@Nullable RuntimeException> failed = new AtomicReference<>();
        context.packuments()
                .requestAll(
                        names,
                        RequestOptions.of(CacheMode.NO_CACHE),
                        result -> context.tally().answered(result),
                        (name, failure) -> failed.compareAndSet(null, failure));
        RuntimeException failure = failed.get();
        if (failure != null) {
            throw failure;
        }
    }
}
