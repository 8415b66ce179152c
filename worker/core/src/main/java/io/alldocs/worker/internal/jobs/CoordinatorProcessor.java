package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.RegistrySync;
import io.alldocs.worker.WorkException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.jobs.CoordinationRecords.SupersededException;
import io.alldocs.worker.internal.lease.FailureDecision;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code sync}: runs one pass of a job's coordinator, and enqueues the item for the next pass. */
final class CoordinatorProcessor implements ItemProcessor {
    private static final Logger LOG = System.getLogger(CoordinatorProcessor.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 6;

    @Override
    public String type() {
        return JobItems.COORDINATE;
    }

    @Override
    public WorkResult process(WorkItem item, ItemContext context) throws InterruptedException {
        Coordination known =
                Coordination.of(JobItems.requireWritten(item).payload().as(JsonNode.class));
        CoordinationRecords records = new CoordinationRecords(context.checkpoints());
        String queue = context.queueName();
        if (!records.begin(known, queue)) {
            return WorkResult.of(0); // a later pass has begun
        }
        known.follow = records.follows(known.job.id(), known.follow);
        Optional<Duration> wait;
        try {
            wait = look(known, records, context);
            records.requireLatest(known);
        } catch (SupersededException e) {
            return WorkResult.of(0);
        }
        if (wait.isEmpty()) {
            records.ended(known, queue);
        } else {
            next(known, wait.get(), records, context);
        }
        return WorkResult.of(
                1,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("set", known.set)
                        .put("phase", known.phase.name())
                        .put("ended", wait.isEmpty()));
    }

    private static Optional<Duration> look(Coordination known, CoordinationRecords records, ItemContext context)
            throws InterruptedException {
        RegistrySync sync = context.sync(known.job);
        try {
            sync.renewShared(known.claim);
            Optional<Duration> wait = new Coordinator(known, records, context).look();
            known.failures = 0;
            known.lost = 0;
            known.problem = "";
            if (wait.isEmpty()) {
                sync.releaseShared(known.claim);
            }
            return wait;
        } catch (JobInUseException e) {
            records.requireLatest(known);
            known.problem = FailureDecision.reason(e);
            records.ended(known, context.queueName());
            throw WorkException.permanent(known.problem, e);
        } catch (SupersededException e) {
            throw e;
        } catch (RuntimeException e) {
            return Optional.of(outage(known, e));
        }
    }

    /** Returns how long to wait when a registry, a store or a queue is unavailable. */
    private static Duration outage(Coordination known, RuntimeException failure) {
        if (FailureDecision.of(failure).action() != FailureDecision.Action.RETRY) {
            throw failure;
        }
        known.problem = FailureDecision.reason(failure);
        known.failures++;
        LOG.log(Level.DEBUG, "{0} waits: {1}", known.set, known.problem);
        return FIRST_PAUSE.multipliedBy(1L << Math.min(known.failures - 1, MAX_DOUBLINGS));
    }

    /**
     * Enqueues the next pass before this one is settled. If this pass is repeated, it enqueues the same id and finds
     * that a later one has begun.
     */
    private static void next(Coordination known, Duration wait, CoordinationRecords records, ItemContext context) {
        records.looked(known, context.queueName(), wait);
        known.tick++;
        context.enqueue(List.of(JobItems.of(known).coordinate(known)), wait);
    }
}
