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
     * Returns every dead letter to the queue as a new item. If an item becomes a dead letter again meanwhile, it
     * remains a dead letter.
     *
     * @return how many items were returned to the queue
     * @throws io.alldocs.worker.spi.QueueException if the queue's server refuses or is unreachable; some items may
     *     already be back in the queue
     */
    public static int retryAll(WorkQueue queue) {
        return forEachBatch(queue, queue::retryDead);
    }

    /**
     * Deletes every dead letter.
     *
     * @return how many were deleted
     * @throws io.alldocs.worker.spi.QueueException if the queue's server refuses or is unreachable; some may already be
     *     deleted
     */
    public static int discardAll(WorkQueue queue) {
        return forEachBatch(queue, queue::discardDead);
    }

    /**
     * Processes as many dead letters as there were at the start, oldest first; letters added meanwhile come after them.
     */
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
