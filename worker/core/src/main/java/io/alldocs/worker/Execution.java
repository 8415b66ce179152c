package io.alldocs.worker;

import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.progress.WorkEvents;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * What a worker needs to process items, whether they are leased from its queue or passed by a caller.
 *
 * @param context context of items, with the worker's queue
 * @param busy number of items in progress
 * @param running returns whether the worker runs; it is false before the start and from the stop on
 */
record Execution(
        ItemContext context,
        Processors processors,
        WorkEvents events,
        WorkerThreads threads,
        AtomicInteger busy,
        BooleanSupplier running) {}
