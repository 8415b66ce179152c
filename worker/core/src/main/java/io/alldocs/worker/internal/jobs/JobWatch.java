package io.alldocs.worker.internal.jobs;

import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.RegistrySync;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Renews the claims on the jobs of this queue. Also enqueues a coordinator's pass again if it is long overdue, or if
 * the queue has certainly lost it because the queue is empty. The job's records are unchanged. Every worker of the
 * queue does this periodically; if a pass is enqueued more than once, only one of them takes effect.
 */
public final class JobWatch {
    private static final Logger LOG = System.getLogger(JobWatch.class.getName());
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(10);

    /** A number of lease durations. The pass of a worker that crashed returns to the queue after one lease. */
    private static final int OVERDUE = 3;

    /** Longest wait of a coordinator for its next pass; an outage delays a pass by at most 64 s. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    /**
     * How many passes in a row are enqueued again, so that a pass that crashes its worker every time is not retried
     * forever.
     */
    private static final int MAX_LOST = 3;

    private final ItemContext context;
    private final WorkQueue queue;
    private final CountDownLatch ended;
    private final Thread thread = new Thread(this::run, "all-docs-worker-jobs");

    /** @param ended reaches zero when the worker has stopped */
    public JobWatch(ItemContext context, CountDownLatch ended) {
        this.context = context;
        this.queue = context.queue();
        this.ended = ended;
        thread.setDaemon(true);
    }

    public void start() {
        if (context.checkpoints().capabilities().readAfterWrite()) {
            thread.start();
        }
    }

    private void run() {
        try {
            while (!ended.await(interval(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "The thread that checks for lost coordinators was interrupted and ends.");
        }
    }

    private long interval() {
        long most = Math.min(queue.options().lease().toMillis(), LONGEST_INTERVAL.toMillis());
        return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
    }

    private void look() {
        try {
            CoordinationRecords records = new CoordinationRecords(context.checkpoints());
            for (KnownSets.Known known : new KnownSets(context.checkpoints()).all()) {
                if (!known.job().isEmpty()) {
                    records.latest(known.job()).filter(this::isRunning).ifPresent(this::look);
                }
            }
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "Cannot check for lost coordinators: {0}", e.getMessage());
        }
    }

    private boolean isRunning(CoordinationRecords.Latest latest) {
        return !latest.ended() && latest.queue().equals(context.queueName());
    }

    private void look(CoordinationRecords.Latest latest) {
        Coordination known = latest.known();
        RegistrySync sync = context.sync(known.job);
        try {
            sync.renewShared(known.claim); // a pass may take longer than a claim lasts
        } catch (JobInUseException e) {
            return; // another executor continues the job
        }
        if (new CoordinationRecords(context.checkpoints())
                .latest(known.job.id())
                .filter(this::isRunning)
                .isEmpty()) {
            sync.releaseShared(known.claim); // the job ended meanwhile
            return;
        }
        Instant now = context.clock().instant();
        Instant overdue = latest.nextAt().plus(queue.options().lease().multipliedBy(OVERDUE));
        boolean isByAClockAhead = latest.nextAt().isAfter(now.plus(LONGEST_WAIT));
        if (isByAClockAhead || now.isAfter(overdue) || queue.sizes().open() == 0) {
            addLook(latest.lostLook());
        }
    }

    private void addLook(Coordination known) {
        if (known.lost > MAX_LOST) {
            known.problem = "The coordinator of " + known.set + " was lost " + known.lost
                    + " times in a row and is not added again. Check the dead letters, then add the partition-set"
                    + " again.";
            new CoordinationRecords(context.checkpoints()).ended(known, context.queueName());
            LOG.log(Level.WARNING, known.problem);
            return;
        }
        WorkItem look = JobItems.of(known).coordinate(known);
        if (context.enqueue(List.of(look)) > 0) {
            LOG.log(Level.WARNING, "The queue lost the coordinator of {0}. It is added again.", known.set);
        }
    }
}
