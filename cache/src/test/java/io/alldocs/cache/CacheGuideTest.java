package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The code that the module's README shows. */
class CacheGuideTest {

    // region own
    static String licence(Cache cache, String name, Supplier<String> scan) {
        // Concurrent calls for one key share one scan, and its result is kept for a day.
        return cache.fetch("licence:" + name, String.class, Duration.ofDays(1), scan);
    }
    // endregion

    @Test
    void guide_ofAnOwnKey_computesItOnce() {
        AtomicInteger scans = new AtomicInteger();
        Supplier<String> scan = () -> "MIT" + scans.incrementAndGet();
        try (Cache cache =
                Cache.builder().env(Env.of(Map.of("STORAGE_DRIVER", "memory"))).build()) {
            assertThat(licence(cache, "express", scan)).isEqualTo("MIT1");
            assertThat(licence(cache, "express", scan)).isEqualTo("MIT1");
            assertThat(licence(cache, "zod", scan)).isEqualTo("MIT2");
        }
    }
}
