package io.alldocs.sync;

import io.alldocs.partition.PartitionSet;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Creates a {@link SyncReport}: counts the stored entries, then queries the origin. For one thread. */
final class Reporter {
    private final SyncContext context;

    Reporter(SyncContext context) {
        this.context = context;
    }

    /**
     * Returns the report. An interrupt ends the counting and leaves the thread's flag set.
     *
     * @param offline whether no request is sent
     * @param repair the result of the repair before it, or null
     * @throws UnknownJobException if the job never ran on the cache
     */
    SyncReport take(boolean offline, @Nullable SyncResult repair) {
        SyncJob job = context.job();
        Instant now = context.cache().clock().instant();
        Inventory inventory = new Inventory(context);
        NameCounts census = new NameCounts(now, job.form() != SyncForm.NAMES, inventory::outcome);
        JobState state = inventory.state();
        List<Inventory.Listed> listed = inventory.visit(census);
        boolean interrupted = Thread.currentThread().isInterrupted();
        boolean asks = !offline && !interrupted && job.origin().isPresent();
        OriginCounts look = new OriginCounts(context, state);
        if (asks) {
            look.at(PartitionSet.of(listed.stream().map(Inventory.Listed::range).toList()));
        }
        List<SyncReport.Part> parts = IntStream.range(0, listed.size())
                .mapToObj(index -> part(index, listed.get(index), census, look, state))
                .toList();
        return new SyncReport(
                now,
                job,
                state,
                interrupted || Thread.currentThread().isInterrupted(),
                parts,
                stock(census),
                asks ? look.view() : null,
                repair);
    }

    private static SyncReport.Part part(
            int index, Inventory.Listed listed, NameCounts census, OriginCounts look, JobState state) {
        return new SyncReport.Part(
                listed.range(),
                listed.walked(),
                listed.problem(),
                listed.names(),
                census.first(index),
                census.last(index),
                listed.designDocuments(),
                census.outcomes(index),
                census.bytes(index),
                look.documents(index),
                look.changed(index),
                state.stale().contains(index));
    }

    private static SyncReport.StoredDocuments stock(NameCounts census) {
        return new SyncReport.StoredDocuments(
                census.documents(),
                census.bytes(),
                census.biggest().stream()
                        .map(sized -> new SyncReport.Biggest(sized.name(), sized.bytes()))
                        .toList(),
                census.sizes(),
                census.ages(),
                census.arrivals().step(),
                census.arrivals().steps().stream()
                        .map(step -> new SyncReport.Arrival(step.from(), step.events()))
                        .toList());
    }
}
