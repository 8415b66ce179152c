package io.alldocs.worker.spi;

/**
 * How many items a queue holds, by state; each item is in one.
 *
 * @param waiting may be handed out
 * @param delayed may be handed out later: enqueued with a delay, or failed and waiting for another attempt
 * @param running leased, leases that ran out but were not yet taken back included
 * @param dead given up
 */
public record QueueSizes(long waiting, long delayed, long running, long dead) {

    /** What is still to be done: all but the dead. */
    public long open() {
        return waiting + delayed + running;
    }
}
