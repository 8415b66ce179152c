package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares the content of a cache with a job's stored plan, name by name, without sending requests. Not thread-safe.
 */
final class Inventory {
    private final SyncContext context;
    private final SyncJob job;
    private final Cache cache;
    private final SyncListener listener;
    private final PartitionCheckpoint walk;

    Inventory(SyncContext context) {
        this.context = context;
        this.job = context.job();
        this.cache = context.cache();
        this.listener = context.listener();
        this.walk = context.listed();
    }

    /**
     * The stored names of one partition; a file's names are one partition.
     *
     * @param range its keys
     * @param walked whether all its names are stored
     * @param names number of names in it, or of those that were read before a read failed
     * @param designDocuments number of {@code _design/…} documents in addition
     * @param problem why its names cannot be read, or null
     */
    record Listed(
            Partition range,
            boolean walked,
            long names,
            long designDocuments,
            @Nullable String problem) {}

    /** Called with every name. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Visits one name of the job.
         *
         * @param part index of its partition
         * @param head the stored metadata; empty if nothing is stored, or if the job fetches only names
         */
        void visit(int part, String name, Optional<EntryMetadata> head);
    }

    /** Returns the recorded state of the job. */
    JobState state() {
        return JobState.of(context.records());
    }

    /**
     * Visits every name. An interrupt ends the visit between two names; the result covers the names visited so far.
     *
     * @throws UnknownJobException if this job never ran on this cache
     */
    List<Listed> visit(Visitor visitor) {
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
                .orElseThrow(
                        () -> new UnknownJobException("The cache contains nothing of this job (" + job.what() + " of "
                                + job.origin().map(Object::toString).orElse("") + ", form "
                                + job.form().label()
                                + "). Check the job, or bootstrap it first."));
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
            NameSource.Rows rows = new PageRows(
                    context.partitions().rows(range, RequestOptions.of(CacheMode.ONLY_IF_CACHED)), failure -> failure);
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

    private Optional<EntryMetadata> head(String name) {
        return job.form() == SyncForm.NAMES ? Optional.empty() : cache.head(context.key(name));
    }

    /**
     * Returns the recorded outcome of a name. For a name that the filter excludes, it returns {@code denied} or
     * {@code other_registry}. For an id that is not a package name and cannot be requested from a registry, it returns
     * {@code unaskable}.
     */
    Optional<String> outcome(String name, Optional<EntryMetadata> head) {
        if (!job.filter().allows(name)) {
            return Optional.of(PackumentFetch.whyDenied(job.filter(), name));
        }
        return head.isPresent() || PackumentFetch.isAskable(name)
                ? head.filter(stored -> !stored.isDoubtful()).map(EntryMetadata::outcome)
                : Optional.of(PackumentFetch.UNASKABLE);
    }

    private long detail(int index, String name) {
        return Numbers.longValue(walk.record(index).details().get(name));
    }
}
