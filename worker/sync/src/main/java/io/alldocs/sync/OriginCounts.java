package io.alldocs.sync;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.http.RequestException;
import io.alldocs.partition.Change;
import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.OriginException;
import io.alldocs.partition.OriginInfo;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRows;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import io.alldocs.partition.SequenceResetException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Requests from an origin the number of documents in each partition and for the changes since the recorded sequence.
 * Values that it does not return are reported as unknown; an unavailable origin does not end a report. Used once, by
 * one thread.
 */
final class OriginCounts {
    /**
     * Maximum number of changes to count: 100 pages of the maximum size. A job that is further behind should bootstrap
     * instead.
     */
    private static final long MAX_ROWS = 1_000_000;

    private final SyncContext context;
    private final JobState state;
    private List<Long> documents = List.of();
    private long[] changed = new long[0];
    private boolean counted;
    private @Nullable OriginInfo info;
    private SyncReport.@Nullable FeedLag feed;
    private @Nullable RuntimeException failure;

    OriginCounts(SyncContext context, JobState state) {
        this.context = context;
        this.state = state;
    }

    /**
     * Queries the origin.
     *
     * @param plan the partitions of the job, in order
     */
    void at(PartitionSet plan) {
        try {
            info = context.changes().info();
            readFeed(plan);
            if (context.job().names().isEmpty()) {
                count(plan);
            }
        } catch (RequestException | OriginException e) {
            failure = e;
        }
        context.listener().phaseEnded();
    }

    private void readFeed(PartitionSet plan) {
        Sequence since = state.position();
        if (since == null) {
            return;
        }
        context.listener().phaseStarted(SyncPhase.REPLAY, 0);
        Reading reading = new Reading(plan, concerns());
        boolean whole = true;
        try {
            context.changes().replay(since, reading::take);
        } catch (EnoughRead e) {
            whole = false;
        } catch (SequenceResetException e) {
            feed = new SyncReport.FeedLag(true, null, 0, 0, 0, false);
            return;
        }
        changed = reading.changed;
        feed = new SyncReport.FeedLag(
                false, sequences(since), reading.rows, reading.concerning, reading.deletions, whole);
    }

    private Predicate<String> concerns() {
        SyncJob job = context.job();
        return job.names().isPresent() ? job.listed() : name -> true;
    }

    private @Nullable Long sequences(Sequence since) {
        OriginInfo seen = info;
        OptionalLong from = since.number();
        OptionalLong to = seen == null ? OptionalLong.empty() : seen.updateSeq().number();
        return from.isPresent() && to.isPresent() ? Long.valueOf(Math.max(0, to.getAsLong() - from.getAsLong())) : null;
    }

    private final class Reading {
        private final PartitionSet plan;
        private final Predicate<String> concerns;
        private final long[] changed;
        private long rows;
        private long concerning;
        private long deletions;

        Reading(PartitionSet plan, Predicate<String> concerns) {
            this.plan = plan;
            this.concerns = concerns;
            this.changed = new long[plan.size()];
        }

        void take(ChangesPage page) {
            for (Change change : page.changes()) {
                if (plan.range().contains(change.id()) && concerns.test(change.id())) {
                    changed[plan.indexOf(change.id())]++;
                    concerning++;
                    deletions += change.deleted() ? 1 : 0;
                }
            }
            rows += page.changes().size();
            context.listener().progressed(page.changes().size());
            if (rows >= MAX_ROWS) {
                throw new EnoughRead();
            }
        }
    }

    /** Ends a replay. */
    private static final class EnoughRead extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EnoughRead() {
            super("Read enough.", null, false, false);
        }
    }

    /**
     * Counts the documents of each partition. If the database does not provide counts, the partitions are listed;
     * nothing of that is stored.
     */
    private void count(PartitionSet plan) {
        List<Long> sizes = context.partitions().sizes(plan);
        counted = !sizes.isEmpty();
        documents = counted ? sizes : walked(plan);
    }

    private List<Long> walked(PartitionSet plan) {
        context.listener().phaseStarted(SyncPhase.COMPARE, 0);
        List<Long> sizes = new ArrayList<>();
        for (Partition partition : plan) {
            long names = 0;
            try (PartitionRows rows = context.partitions().rows(partition, RequestOptions.of(CacheMode.NO_STORE))) {
                for (; rows.hasNext(); names++) {
                    rows.next();
                    context.listener().progressed(1);
                }
            }
            sizes.add(names);
        }
        return sizes;
    }

    /** Returns the number of documents that the origin has in a partition, null if unknown. */
    @Nullable
    Long documents(int part) {
        return part < documents.size() ? documents.get(part) : null;
    }

    /** Returns the number of names of a partition that have changed since the feed was followed, null if unknown. */
    @Nullable
    Long changed(int part) {
        return part < changed.length ? Long.valueOf(changed[part]) : null;
    }

    SyncReport.OriginView view() {
        RuntimeException why = failure;
        OriginInfo seen = info;
        return new SyncReport.OriginView(
                why == null ? null : Failures.message(why),
                why,
                seen == null ? null : seen.updateSeq(),
                seen == null ? null : Long.valueOf(seen.docCount()),
                feed,
                counted);
    }
}
