package io.alldocs.worker.redis;

import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import java.util.ArrayList;
import java.util.List;

/**
 * The processor that ServiceLoader finds in these tests. It exhausts the heap of the worker that processes its item.
 */
public final class PoisonProcessor implements Processor {
    static final String TYPE = "poison";

    /** For ServiceLoader. */
    public PoisonProcessor() {}

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        List<byte[]> all = new ArrayList<>();
        while (all.size() < Integer.MAX_VALUE) {
            all.add(new byte[100_000]);
        }
        return WorkResult.of(all.size());
    }
}
