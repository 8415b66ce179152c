package io.alldocs.worker;

/** Processes the work items of one built-in type. Thread-safe and idempotent, like every {@link Processor}. */
interface ItemProcessor {

    /** Returns the {@link WorkItem#type()} of the items to process. */
    String type();

    /** Processes one item. An exception determines what happens to the item, see {@link Processor#process}. */
    WorkResult process(WorkItem item, ItemContext context) throws InterruptedException;
}
