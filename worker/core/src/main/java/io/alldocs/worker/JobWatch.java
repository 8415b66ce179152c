package io.alldocs.worker;

import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Adds the next look of a coordinator again that is long overdue: a queue may have lost its items, while the job's records are where they were. Every worker of
 * the queue does so now and then; of looks that are added more than once only one counts.
 */
final class JobWatch {
    private static final Logger LOG = System.getLogger(JobWatch.class.getName());
    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(10);

    /** In leases: a worker that died with a look gives it back after one. */
    private static final int OVERDUE = 3;

    /** No coordinator waits longer for its next look, which an outage puts off by 64 s at most. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final WorkContext context;
    private final WorkQueue queue;
    private final CountDownLatch ended;
    private final Thread thread = new Thread(this::run, "all-docs-worker-jobs");

    /** @param ended when the worker has stopped */
    JobWatch(WorkContext context, CountDownLatch ended) {
        this.context = context;
        this.queue = context.queue();
        this.ended = ended;
        thread.setDaemon(true);
    }

    void start() {
        if (context.checkpoints().driver().capabilities().readAfterWrite()) {
            thread.start();
        }
    }

    private void run() {
        try {
            while (!ended.await(interval(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "Nobody looks for lost coordinators any longer: interrupted.");
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
                    records.latest(known.job()).filter(this::isOverdue).ifPresent(this::addNextLook);
                }
            }
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "Cannot look for lost coordinators: {0}", e.getMessage());
        }
    }

    private boolean isOverdue(CoordinationRecords.Latest latest) {
        Instant now = context.clock().instant();
        Instant overdue = latest.nextAt().plus(queue.options().lease().multipliedBy(OVERDUE));
        boolean isByAClockAhead = latest.nextAt().isAfter(now.plus(LONGEST_WAIT));
        return !latest.ended()
                && latest.queue().equals(context.queueName())
                && (isByAClockAhead || now.isAfter(overdue));
    }

    private void addNextLook(CoordinationRecords.Latest latest) {
        Coordination known = latest.known().nextForLostItems();
        WorkItem look = JobItems.of(known).coordinate(known);
        if (!isDead(look) && context.enqueue(List.of(look)) > 0) {
            LOG.log(Level.WARNING, "The queue has lost the coordinator of {0}; it is added again.", known.set);
        }
    }

    private boolean isDead(WorkItem look) {
        if (queue.sizes().dead() == 0) {
            return false;
        }
        try (Stream<DeadLetter> letters = queue.deadLetters()) {
            return letters.anyMatch(letter -> letter.item().id().equals(look.id()));
        }
    }
}
