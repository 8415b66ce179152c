package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.sync.ChangeWindow;
import io.alldocs.sync.IncompleteBatchException;
import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.SyncSteps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The steps of a job that many workers do at the same time, each as the processor of a type of items. */
final class StepProcessors {
    private StepProcessors() {}

    static List<Processor> all() {
        return List.of(
                new StepProcessor(JobItems.LIST, StepProcessors::list),
                new StepProcessor(JobItems.FETCH, StepProcessors::fetch),
                new StepProcessor(JobItems.CHANGES, StepProcessors::changes));
    }

    private interface Step {
        WorkResult perform(SyncSteps steps, JobItems items, JsonNode payload, WorkContext context);
    }

    private record StepProcessor(String type, Step step) implements Processor {
        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            JobItems items = JobItems.of(item);
            try {
                return step.perform(items.steps(context), items, item.payload(), context);
            } catch (JobInUseException e) {
                return WorkResult.of(0); // of a claim that is over
            } catch (IncompleteBatchException e) {
                throw WorkException.temporary(Verdict.reason(e), Duration.ZERO, e);
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

    private static WorkResult fetch(SyncSteps steps, JobItems items, JsonNode payload, WorkContext context) {
        int partition = payload.path("partition").asInt();
        int batch = payload.path("batch").asInt();
        steps.fetch(partition, batch);
        return WorkResult.of(steps.batchSize(partition, batch));
    }

    private static WorkResult changes(SyncSteps steps, JobItems items, JsonNode payload, WorkContext context) {
        ChangeWindow.Chunk chunk = ChangeWindow.Chunk.of(payload.path("chunk"));
        steps.fetchChanges(chunk);
        return WorkResult.of(chunk.size());
    }
}
