package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionResult;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.context.Payload;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * {@code partition}: stores the pages of one range of names.
 *
 * <p>Payload: {@code startKey} and {@code endKey}, null or absent for an open end. An item of a set that an earlier
 * version planned resumes the set.
 */
final class PartitionProcessor implements ItemProcessor {
    static final String TYPE = "partition";

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, ItemContext context) {
        Payload payload = new Payload(item);
        if (payload.has("set")) {
            EarlierSets.resume(payload.text("set"), payload.flag("packuments"), item.priority(), context);
            return WorkResult.of(0);
        }
        return range(payload, context);
    }

    /**
     * Stores a range as the JavaScript project documents it. Pages of an earlier attempt are not requested again while
     * they are fresh.
     */
    private static WorkResult range(Payload payload, ItemContext context) {
        Partition range = Partition.of(
                payload.optionalText("startKey").orElse(null),
                payload.optionalText("endKey").orElse(null));
        AtomicLong rows = new AtomicLong();
        AtomicLong pages = new AtomicLong();
        AtomicReference<@Nullable RuntimeException> failed = new AtomicReference<>();
        context.partitions()
                .requestAll(
                        List.of(range),
                        RequestOptions.DEFAULT,
                        page -> {
                            rows.addAndGet(page.rows());
                            pages.incrementAndGet();
                            keep(page, context);
                        },
                        (partition, failure) -> failed.set(failure));
        RuntimeException failure = failed.get();
        if (failure != null) {
            throw failure;
        }
        ObjectNode details = JsonNodeFactory.instance.objectNode();
        details.put("rows", rows.get()).put("pages", pages.get());
        return WorkResult.of(rows.get(), details);
    }

    /**
     * Stores a page. Pages are read again soon after they are stored, so the client stores them in the cache for
     * checkpoints.
     */
    private static void keep(PartitionResult page, ItemContext context) {
        if (context.cache() != context.checkpoints()) {
            URI origin = context.partitions().origin();
            context.cache().set(page.partition().key(origin).toString(), page.entry());
        }
    }
}
