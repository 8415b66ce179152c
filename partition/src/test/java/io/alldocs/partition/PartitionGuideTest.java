package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.RequestOptions;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The code that the module's README shows. */
class PartitionGuideTest {

    // region list
    static Set<String> names(Env env) {
        Set<String> names = new TreeSet<>();
        try (Cache cache = Cache.builder().env(env).build();
                PartitionClient client =
                        PartitionClient.builder().env(env).cache(cache).build();
                PartitionRows rows = client.rows(Partition.of("@types/", "@types0"))) { // '0' follows '/'
            rows.forEachRemaining(row -> names.add(row.id()));
        }
        return names;
    }
    // endregion

    // region pivots
    static long countNames(Env env) {
        AtomicLong names = new AtomicLong();
        try (Cache cache = Cache.builder().env(env).build();
                PartitionClient client =
                        PartitionClient.builder().env(env).cache(cache).build()) {
            client.requestAll(
                    Partition.fromPivots("a", "g", "n", "t"), // five partitions: both ends are open
                    RequestOptions.DEFAULT,
                    result -> names.addAndGet(result.rows()));
        }
        return names.get();
    }
    // endregion

    // region changes
    static Sequence changedSince(Env env, Sequence sequence, Set<String> changed) {
        try (ChangesClient client = ChangesClient.builder().env(env).build()) {
            return client.replay(sequence, page -> page.changes().forEach(change -> changed.add(change.id())))
                    .last(); // store it after the changes; the next call begins there
        }
    }
    // endregion

    @Test
    void guide_ofAnEmbeddedRegistry_listsAndFollows() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(List.of("@types/a", "@types/node", "express", "zod"))
                .start()) {
            Env env = Env.of(Map.of("NPM_ORIGIN", registry.origin().toString(), "STORAGE_DRIVER", "memory"));

            assertThat(names(env)).containsExactly("@types/a", "@types/node");
            assertThat(countNames(env)).isEqualTo(4);
            Set<String> changed = new TreeSet<>();
            Sequence end = changedSince(env, Sequence.ZERO, changed);
            assertThat(changed).containsExactlyInAnyOrderElementsOf(registry.names());
            changed.clear();
            changedSince(env, end, changed);
            assertThat(changed).isEmpty();
        }
    }
}
