package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tells what a cache holds against a job's stored plan, name by name, without asking anybody. Not thread-safe. */
public final class Inventory {
    private final SyncJob job;
    private final Cache cache;
    private final PartitionClient partitions;
    private final NameFilter filter;
    private final SyncListener listener;
    private final RunState state;
    private final PartitionCheckpoint walk;

    /** Reads the job's state, which is in the cache for checkpoints; so is what the client reads. */
    public Inventory(
            SyncJob job,
            Cache cache,
            Cache checkpoints,
            PartitionClient partitions,
            NameFilter filter,
            SyncListener listener) {
        this.job = job;
        this.cache = cache;
        this.partitions = partitions;
        this.filter = filter;
        this.listener = listener;
        this.state = RunState.read(checkpoints, job);
        this.walk = new PartitionCheckpoint(checkpoints, job.id() + "-names");
    }

    /**
     * What is stored of the names of one partition; of a file's names there is one.
     *
     * @param range its keys
     * @param walked whether its names are all there
     * @param names names in it, or those that were read before they could not be read on
     * @param designDocuments {@code _design/…} documents beside them
     * @param problem why its names cannot be read, or null
     */
    public record Listed(
            Partition range,
            boolean walked,
            long names,
            long designDocuments,
            @Nullable String problem) {}

    /** Called with every name. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One name of the job.
         *
         * @param part index of its partition
         * @param head what is stored of it; empty for nothing, and when only names are fetched
         */
        void visit(int part, String name, Optional<EntryHead> head);
    }

    /** What the job remembers. */
    public JobState state() {
        return JobState.of(state);
    }

    /**
     * Visits every name. An interrupt ends that between two names; what was visited until then is in the result.
     *
     * @throws UnknownJobException when this job never ran on this cache
     */
    public List<Listed> visit(Visitor visitor) {
        List<Listed> listed = job.names().isPresent() ? ofFile(visitor) : ofPlan(visitor);
        listener.phaseEnded();
        return listed;
    }

    private List<Listed> ofFile(Visitor visitor) {
        NameList file = job.names().orElseThrow();
        listener.phaseStarted(SyncPhase.COUNT, file.count());
        return List.of(read(0, Partition.all(), 0, new FileNames(file).rows(), visitor));
    }

    private List<Listed> ofPlan(Visitor visitor) {
        PartitionCheckpoint.Header header = walk.header()
                .orElseThrow(() -> new UnknownJobException("The cache holds nothing of this job (" + job.what() + " of "
                        + job.origin().map(Object::toString).orElse("") + ", form "
                        + job.form().label()
                        + "). Check the options, or run a bootstrap of it first, without --offline."));
        int planned = header.partitions().size();
        listener.phaseStarted(
                SyncPhase.COUNT,
                IntStream.range(0, planned)
                        .mapToLong(index -> detail(index, "rows"))
                        .sum());
        List<Listed> listed = new ArrayList<>();
        for (int i = 0; i < planned; i++) {
            listed.add(ofPartition(i, Partition.of(header.partitions().get(i)), visitor));
        }
        return listed;
    }

    private Listed ofPartition(int index, Partition range, Visitor visitor) {
        boolean isWalked = walk.record(index).state() == PartitionCheckpoint.State.COMPLETE;
        if (!isWalked || Thread.currentThread().isInterrupted()) {
            return new Listed(range, false, 0, 0, null);
        }
        long designDocuments = detail(index, "designDocuments");
        try {
            NameSource.Rows rows = new PageRows(partitions.rows(range, RequestOptions.of(CacheMode.ONLY_IF_CACHED)));
            return read(index, range, designDocuments, rows, visitor);
        } catch (NotCachedException | IntegrityException e) {
            return new Listed(range, false, 0, designDocuments, Failures.message(e));
        }
    }

    private Listed read(int part, Partition range, long designDocuments, NameSource.Rows source, Visitor visitor) {
        long names = 0;
        try (source) {
            while (source.hasNext()) {
                if (Thread.currentThread().isInterrupted()) {
                    return new Listed(range, false, names, designDocuments, null);
                }
                String name = source.next().id();
                visitor.visit(part, name, head(name));
                names++;
                listener.progressed(1);
            }
            return new Listed(range, true, names, designDocuments, null);
        } catch (NotCachedException | IntegrityException e) {
            return new Listed(range, false, names, designDocuments, Failures.message(e));
        }
    }

    private Optional<EntryHead> head(String name) {
        return job.form() == SyncForm.NAMES
                ? Optional.empty()
                : cache.head(job.form().key(job.registry(), name));
    }

    /**
     * The recorded outcome of a name; of one that the filter leaves out, that it is {@code denied}, and of one that is no package name, so that no
     * registry can be asked, that it is {@code unaskable}.
     */
    public Optional<String> outcome(String name, Optional<EntryHead> head) {
        if (!filter.allows(name)) {
            return Optional.of(PackumentFetch.DENIED);
        }
        return head.isPresent() || PackumentFetch.isAskable(name)
                ? head.map(EntryHead::outcome)
                : Optional.of(PackumentFetch.UNASKABLE);
    }

    private long detail(int index, String name) {
        return Numbers.longValue(walk.record(index).details().get(name));
    }

    /**
     * Counts what is stored, as a result.
     *
     * @throws UnknownJobException when this job never ran on this cache
     */
    public SyncResult take() {
        Instant begin = cache.clock().instant();
        List<Map<String, Long>> outcomes = new ArrayList<>();
        List<Listed> listed = visit((part, name, head) -> {
            while (outcomes.size() <= part) {
                outcomes.add(new TreeMap<>());
            }
            if (job.form() == SyncForm.NAMES) {
                return;
            }
            outcome(name, head).ifPresent(outcome -> outcomes.get(part).merge(outcome, 1L, Long::sum));
        });
        Map<String, Long> sums = new TreeMap<>();
        outcomes.forEach(of -> of.forEach((outcome, count) -> sums.merge(outcome, count, Long::sum)));
        long names = listed.stream().mapToLong(Listed::names).sum();
        boolean walkedAll = listed.stream().allMatch(Listed::walked);
        boolean complete = walkedAll && (job.form() == SyncForm.NAMES || sum(sums) >= names);
        return new SyncResult(
                job,
                complete ? SyncResult.Status.COMPLETE : SyncResult.Status.PARTIAL,
                null,
                null,
                true,
                true,
                names,
                sums,
                job.names().isPresent() ? List.of() : parts(listed, outcomes),
                Map.of(),
                0,
                state.owed().size(),
                work(begin),
                feed(),
                null);
    }

    private static List<SyncResult.Part> parts(List<Listed> listed, List<Map<String, Long>> outcomes) {
        return IntStream.range(0, listed.size())
                .mapToObj(i -> part(listed.get(i), i < outcomes.size() ? outcomes.get(i) : Map.of()))
                .toList();
    }

    private static SyncResult.Part part(Listed listed, Map<String, Long> outcomes) {
        boolean isFetched = listed.walked() && sum(outcomes) == listed.names();
        return new SyncResult.Part(listed.range().toString(), listed.walked(), listed.names(), isFetched, outcomes);
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private SyncResult.Work work(Instant begin) {
        Duration elapsed = Duration.between(begin, cache.clock().instant());
        return new SyncResult.Work(elapsed, 0, 0, 0, 0, 0, new CountingTransport.Counts(0, 0, 0, 0, 0));
    }

    private SyncResult.Feed feed() {
        return new SyncResult.Feed(
                state.from().orElse(null),
                state.sequence().orElse(null),
                state.followedAt().orElse(null),
                0,
                0,
                0,
                0,
                state.stale().size());
    }
}
