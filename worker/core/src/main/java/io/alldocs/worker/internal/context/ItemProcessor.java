package io.alldocs.worker.internal.context;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;

/** Processes the work items of one built-in type. Thread-safe and idempotent, like every {@code Processor}. */
public interface ItemProcessor {

    /** Returns the {@link WorkItem#type()} of the items to process. */
    String type();

    /** Processes one item. An exception determines what happens to the item, see {@code Processor.process}. */
    WorkResult process(WorkItem item, ItemContext context) throws InterruptedException;
}
