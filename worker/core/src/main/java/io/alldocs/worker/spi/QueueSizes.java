package io.alldocs.worker.spi;

/**
 * The number of items in a queue by state; each item is in exactly one state.
 *
 * @param waiting items that may be leased now
 * @param delayed items that may be leased later: enqueued with a delay, or failed and waiting for the next attempt
 * @param running leased items, including those whose leases expired but were not yet reclaimed
 * @param dead dead letters
 */
public record QueueSizes(long waiting, long delayed, long running, long dead) {

    /** Returns the number of unfinished items: all except dead letters. */
    public long open() {
        return waiting + delayed + running;
    }
}
