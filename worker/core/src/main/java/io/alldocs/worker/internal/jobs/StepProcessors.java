package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.sync.ChangeWindow;
import io.alldocs.sync.IncompleteBatchException;
import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.SyncSteps;
import io.alldocs.sync.UnlistedException;
import io.alldocs.worker.WorkException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.lease.FailureDecision;
import io.alldocs.worker.internal.lease.Hold;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The processors for the steps of a job that many workers execute in parallel, one for each item type. */
public final class StepProcessors {
    /** How often a partition is listed again because the cache lost its pages. {@code bootstrap} has the same limit. */
    static final int MAX_RELISTINGS = 3;

    private static final Logger LOG = System.getLogger(StepProcessors.class.getName());

    private StepProcessors() {}

    public static List<ItemProcessor> all() {
        return List.of(
                new StepProcessor(JobItems.LIST, StepProcessors::list),
                new StepProcessor(JobItems.FETCH, StepProcessors::fetch),
                new StepProcessor(JobItems.CHANGES, StepProcessors::changes));
    }

    private interface Step {
        WorkResult perform(SyncSteps steps, JobItems items, JsonNode payload, ItemContext context);
    }

    private record StepProcessor(String type, Step step) implements ItemProcessor {
        @Override
        public WorkResult process(WorkItem item, ItemContext context) throws InterruptedException {
            JobItems items = JobItems.of(item);
            SyncSteps steps =
                    items.steps(context).abandonedWhen(context.hold()::isLost).counting(context::progressed);
            try {
                return step.perform(steps, items, item.payload().as(JsonNode.class), context);
            } catch (JobInUseException e) {
                return WorkResult.of(0); // the claim has ended
            } catch (IncompleteBatchException e) {
                if (context.hold().isLost()) {
                    throw new InterruptedException("Another worker processes the rest of " + item.id() + '.');
                }
                throw e.retryable()
                        ? WorkException.temporary(FailureDecision.reason(e), Duration.ZERO, e)
                        : WorkException.permanent(FailureDecision.reason(e), e);
            } finally {
                revalidate(item.id(), steps, context.hold());
            }
        }
    }

    /** Revalidates names that were stored while another worker may have stored something newer. */
    static void revalidate(String id, SyncSteps steps, Hold hold) {
        OptionalLong since = hold.unprotectedSince();
        List<String> names = since.isPresent() ? steps.storedSince(since.getAsLong()) : List.of();
        if (!names.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "{1} packuments are fetched again, because the lease of {0} had expired when they were stored.",
                    id,
                    String.valueOf(names.size()));
            steps.revalidate(names);
        }
    }

    private static WorkResult list(SyncSteps steps, JobItems items, JsonNode payload, ItemContext context) {
        int partition = payload.path("partition").asInt();
        int relistings = JobItems.relistings(payload);
        if (relistings > MAX_RELISTINGS) {
            throw WorkException.permanent(
                    "The cache lost the stored pages of partition " + partition + " after each of " + MAX_RELISTINGS
                            + " listings. Check whether the store deletes or changes values, then start the job again.",
                    null);
        }
        try {
            steps.list(partition);
        } finally {
            if (context.hold().unprotectedSince().isPresent()) {
                steps.listAgain(partition); // another worker may have stored newer pages meanwhile
            }
        }
        if (items.fetchesPackuments()) {
            List<WorkItem> batches = new ArrayList<>();
            steps.openBatches(partition).forEach(batch -> batches.add(items.fetch(partition, batch, relistings)));
            context.enqueue(batches);
        }
        return WorkResult.of(1);
    }

    private static WorkResult fetch(SyncSteps steps, JobItems items, JsonNode payload, ItemContext context) {
        int partition = payload.path("partition").asInt();
        int batch = payload.path("batch").asInt();
        try {
            steps.fetch(partition, batch);
            return WorkResult.of(steps.batchSize(partition, batch));
        } catch (UnlistedException e) {
            LOG.log(Level.WARNING, "{0} It is listed again before its names are fetched.", e.getMessage());
            // The item adds the batches of the new listing.
            context.enqueue(List.of(items.list(partition, JobItems.relistings(payload) + 1)));
            return WorkResult.of(0);
        }
    }

    private static WorkResult changes(SyncSteps steps, JobItems items, JsonNode payload, ItemContext context) {
        ChangeWindow.Chunk chunk = ChangeWindow.Chunk.of(JsonTree.of(payload.path("chunk")));
        steps.fetchChanges(chunk);
        return WorkResult.of(chunk.size());
    }
}
