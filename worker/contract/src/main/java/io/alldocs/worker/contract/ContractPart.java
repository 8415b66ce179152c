package io.alldocs.worker.contract;

import io.alldocs.worker.spi.WorkQueue;

/** A part of the contract. {@link WorkQueueContract} combines all parts. */
interface ContractPart {

    /** Returns the means of the tests. */
    QueueHarness harness();

    /** Returns the queue of this test. */
    default WorkQueue queue() {
        return harness().queue();
    }
}
