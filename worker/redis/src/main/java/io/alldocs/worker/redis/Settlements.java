package io.alldocs.worker.redis;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Settlements for one run of the script that settles and reserves, and their results. */
final class Settlements {
    private static final String NO_MORE = "-1";
    private static final String LOST = "-2";

    /** Leaves room for the prefix that the script adds to the reason of a lost lease. */
    private static final int MAX_LOST_REASON_CHARS = WorkQueue.MAX_REASON_CHARS - 50;

    private final QueueOptions options;
    private final List<Lease> done = new ArrayList<>();

    /** Failed and lost settlements. */
    private final List<Settlement> failed = new ArrayList<>();

    private final List<Lease> back = new ArrayList<>();

    Settlements(QueueOptions options, List<? extends Settlement> settlements) {
        this.options = options;
        for (Settlement settlement : settlements) {
            if (settlement instanceof Settlement.Failed || settlement instanceof Settlement.Lost) {
                failed.add(settlement);
            } else {
                (settlement instanceof Settlement.Done ? done : back).add(settlement.lease());
            }
        }
    }

    int size() {
        return done.size() + failed.size() + back.size();
    }

    /** Returns the last arguments of {@code step.lua}. */
    List<byte[]> args() {
        List<byte[]> args = new ArrayList<>();
        args.add(number(done.size()));
        args.add(number(failed.size()));
        args.add(number(back.size()));
        done.forEach(lease -> args.add(member(lease)));
        done.forEach(lease -> args.add(id(lease)));
        for (Settlement each : failed) {
            args.add(member(each.lease()));
            if (each instanceof Settlement.Failed failure) {
                args.add(StoredItem.ascii(pause(failure)));
                args.add(reason(failure.reason(), WorkQueue.MAX_REASON_CHARS));
            } else {
                args.add(StoredItem.ascii(LOST));
                args.add(reason(((Settlement.Lost) each).reason(), MAX_LOST_REASON_CHARS));
            }
        }
        back.forEach(lease -> args.add(member(lease)));
        return args;
    }

    /** Returns the lease's member of the set {@code active}. */
    static byte[] member(Lease lease) {
        return (lease.token() + " " + lease.item().id()).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] id(Lease lease) {
        return lease.item().id().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] number(int value) {
        return StoredItem.ascii(Integer.toString(value));
    }

    private String pause(Settlement.Failed failure) {
        int attempts = failure.lease().item().attempts();
        if (!failure.retryable() || attempts >= options.maxAttempts()) {
            return NO_MORE;
        }
        Duration pause = options.backoffAfter(attempts);
        Duration asked = failure.after();
        Duration longer = asked != null && asked.compareTo(pause) > 0 ? asked : pause;
        return Long.toString(RedisWorkQueue.millis(longer));
    }

    private static byte[] reason(String reason, int maxChars) {
        int end = Math.min(reason.length(), maxChars);
        boolean half = end < reason.length() && Character.isHighSurrogate(reason.charAt(end - 1));
        return reason.substring(0, half ? end - 1 : end).getBytes(StandardCharsets.UTF_8);
    }

    /** @param number of a lease in {@link #args()}, starting from 1 */
    Lease lease(long number) {
        int at = (int) number - 1;
        if (at < done.size()) {
            return done.get(at);
        }
        at -= done.size();
        return at < failed.size() ? failed.get(at).lease() : back.get(at - failed.size());
    }
}
