package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.sync.ChangeWindow;
import io.alldocs.sync.IncompleteBatchException;
import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.SyncSteps;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The steps of a job that many workers do at the same time, each as the processor of a type of items. */
final class StepProcessors {
    private static final Logger LOG = System.getLogger(StepProcessors.class.getName());

    private StepProcessors() {}

    static List<Processor> all() {
        return List.of(
                new StepProcessor(JobItems.LIST, StepProcessors::list, StepProcessors::listAgain),
                new StepProcessor(JobItems.FETCH, StepProcessors::fetch, StepProcessors::checkFetched),
                new StepProcessor(JobItems.CHANGES, StepProcessors::changes, StepProcessors::checkChanges));
    }

    private interface Step {
        WorkResult perform(SyncSteps steps, JobItems items, JsonNode payload, WorkContext context);
    }

    /** Looks again at what a step stored while another worker may have stored something newer. */
    private interface Check {
        void perform(SyncSteps steps, JsonNode payload, Instant since);
    }

    private record StepProcessor(String type, Step step, Check check) implements Processor {
        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            JobItems items = JobItems.of(item);
            SyncSteps steps = items.steps(context);
            long start = System.nanoTime();
            try {
                return step.perform(steps, items, item.payload(), context);
            } catch (JobInUseException e) {
                return WorkResult.of(0); // of a claim that is over
            } catch (IncompleteBatchException e) {
                throw WorkException.temporary(Verdict.reason(e), Duration.ZERO, e);
            } finally {
                context.unprotectedSince(start).ifPresent(since -> check(steps, item, since));
            }
        }

        private void check(SyncSteps steps, WorkItem item, Instant since) {
            LOG.log(Level.DEBUG, "{0} was done without a lease since {1}; checking what it stored.", item.id(), since);
            try {
                check.perform(steps, item.payload(), since);
            } catch (JobInUseException e) {
                LOG.log(Level.DEBUG, "{0} is of a claim that is over.", item.id());
            }
        }
    }

    private static WorkResult list(SyncSteps steps, JobItems items, JsonNode payload, WorkContext context) {
        int partition = payload.path("partition").asInt();
        steps.list(partition);
        if (items.fetchesPackuments()) {
            List<WorkItem> batches = new ArrayList<>();
            steps.openBatches(partition).forEach(batch -> batches.add(items.fetch(partition, batch)));
            context.enqueue(batches);
        }
        return WorkResult.of(1);
    }

    private static void listAgain(SyncSteps steps, JsonNode payload, Instant since) {
        steps.listAgain(payload.path("partition").asInt());
    }

    private static WorkResult fetch(SyncSteps steps, JobItems items, JsonNode payload, WorkContext context) {
        int partition = payload.path("partition").asInt();
        int batch = payload.path("batch").asInt();
        steps.fetch(partition, batch);
        return WorkResult.of(steps.batchSize(partition, batch));
    }

    private static void checkFetched(SyncSteps steps, JsonNode payload, Instant since) {
        steps.check(payload.path("partition").asInt(), payload.path("batch").asInt(), since);
    }

    private static WorkResult changes(SyncSteps steps, JobItems items, JsonNode payload, WorkContext context) {
        ChangeWindow.Chunk chunk = ChangeWindow.Chunk.of(payload.path("chunk"));
        steps.fetchChanges(chunk);
        return WorkResult.of(chunk.size());
    }

    private static void checkChanges(SyncSteps steps, JsonNode payload, Instant since) {
        steps.check(ChangeWindow.Chunk.of(payload.path("chunk")), since);
    }
}
