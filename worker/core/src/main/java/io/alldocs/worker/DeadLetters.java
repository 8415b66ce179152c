package io.alldocs.worker;

import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.WorkQueue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** Retries and discards all dead letters of a queue. */
public final class DeadLetters {
    private static final int BATCH = 500;

    private DeadLetters() {}

    /**
     * Lets every dead letter wait again, as new. An item that dies again meanwhile stays a dead letter.
     *
     * @return how many wait again
     * @throws io.alldocs.worker.spi.QueueException when the queue's server refuses or cannot be reached; some may wait
     *     again by then
     */
    public static int retryAll(WorkQueue queue) {
        return forEachBatch(queue, queue::retryDead);
    }

    /**
     * Forgets every dead letter.
     *
     * @return how many were forgotten
     * @throws io.alldocs.worker.spi.QueueException when the queue's server refuses or cannot be reached; some may be
     *     forgotten by then
     */
    public static int discardAll(WorkQueue queue) {
        return forEachBatch(queue, queue::discardDead);
    }

    /** As many as there were at the beginning, oldest first: what dies meanwhile comes behind them. */
    private static int forEachBatch(WorkQueue queue, ToIntFunction<List<String>> change) {
        long left = queue.sizes().dead();
        int changed = 0;
        while (left > 0) {
            List<String> ids = oldest(queue, (int) Math.min(BATCH, left));
            if (ids.isEmpty()) {
                return changed;
            }
            left -= ids.size();
            changed += change.applyAsInt(ids);
        }
        return changed;
    }

    private static List<String> oldest(WorkQueue queue, int count) {
        List<String> ids = new ArrayList<>(count);
        try (Stream<DeadLetter> letters = queue.deadLetters()) {
            for (Iterator<DeadLetter> each = letters.iterator(); ids.size() < count && each.hasNext(); ) {
                ids.add(each.next().item().id());
            }
        }
        return ids;
    }
}
