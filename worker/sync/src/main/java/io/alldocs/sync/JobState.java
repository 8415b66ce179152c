package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.JsonTree;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a job in its cache at one moment. Immutable.
 *
 * @param id of the job
 * @param what a description of the names and their source; empty when an earlier version of the program wrote it
 * @param definition the job as {@link SyncJob#toJson} writes it, with two differences. If it has a list of names,
 *     {@code names} is the label of the list. If it has more than 1,000 patterns, it contains only their number, as
 *     {@code patterns}. Null when an earlier version of the program wrote the records. For reading only
 * @param begun when the current baseline began; the epoch when the job never ran
 * @param finished when a run finished, null while none has
 * @param from sequence of the feed before the names were listed, null without a feed
 * @param position sequence up to which the feed was followed, null without a feed
 * @param followed when the end of the feed was last reached, null when never
 * @param retries names whose change is still to be fetched
 * @param stale indices of partitions that changed since their pages were stored
 * @param givenUp items that the workers of a queue gave up, with the reasons: dead letters
 * @param holder a description of the executor that runs the job: its kind, its process, and since when it holds the
 *     job; null if none does
 */
public record JobState(
        String id,
        String what,
        @Nullable JsonTree definition,
        Instant begun,
        @Nullable Instant finished,
        @Nullable Sequence from,
        @Nullable Sequence position,
        @Nullable Instant followed,
        int retries,
        Set<Integer> stale,
        Map<String, String> givenUp,
        @Nullable String holder) {

    /** Copies the collections. */
    public JobState {
        stale = Set.copyOf(stale);
        givenUp = Collections.unmodifiableMap(new TreeMap<>(givenUp));
    }

    static JobState of(JobRecords state) {
        return new JobState(
                state.job(),
                state.what(),
                state.definition().map(JsonTree::of).orElse(null),
                state.baseline(),
                state.finishedAt().orElse(null),
                state.from().orElse(null),
                state.progress().sequence().orElse(null),
                state.progress().followedAt().orElse(null),
                state.progress().pendingRetries(),
                state.progress().stale(),
                new GivenUp(state).read(),
                new Claims(state.store().cache(), state.job())
                        .current()
                        .map(JobHolder::toString)
                        .orElse(null));
    }

    /** Returns the state as JSON; times are in ISO 8601, and unknown values are null. */
    public JsonTree toJson() {
        return JsonTree.of(SyncReportJson.state(this));
    }

    /**
     * Returns the recorded state of {@code job} in a cache; empty if there is none.
     *
     * @throws StateFormatException when a newer version of this library wrote it
     */
    public static Optional<JobState> find(Cache checkpoints, SyncJob job) {
        JobRecords records = JobRecords.read(checkpoints, job.id());
        return records.exists() ? Optional.of(of(records)) : Optional.empty();
    }

    /** Returns all jobs of a cache. If the store keeps no order of keys, this reads all keys. */
    public static List<JobState> all(Cache cache) {
        try (Stream<String> keys = cache.keys(JobRecords.HEADERS)) {
            RecordStore store = new RecordStore(cache);
            return keys.filter(key -> store.read(key).isPresent())
                    .map(key -> of(JobRecords.read(cache, key.substring(JobRecords.HEADERS.length()))))
                    .toList();
        }
    }
}
