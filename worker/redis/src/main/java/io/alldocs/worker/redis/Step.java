package io.alldocs.worker.redis;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.Settlement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The combined results of the script runs that settle and reserve. */
final class Step {
    /** Longest time between two polls of a waiting thread, in case an event of the server is lost. */
    private static final long LONGEST_IDLE_MILLIS = 5_000;

    private static final long NOBODY_KNOWS = -1;

    private final List<Lease> passedOver = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private long idleMillis = NOBODY_KNOWS;

    /**
     * Returns the settlements without duplicates. If a lease has several, the first one is used and the others are
     * ignored.
     */
    List<Settlement> withoutRepeats(Collection<? extends Settlement> settlements) {
        Set<String> seen = new HashSet<>();
        List<Settlement> first = new ArrayList<>();
        for (Settlement settlement : settlements) {
            Lease lease = settlement.lease();
            if (seen.add(lease.token() + " " + lease.item().id())) {
                first.add(settlement);
            } else {
                passedOver.add(lease);
            }
        }
        return first;
    }

    /**
     * Adds a response of {@code step.lua}.
     *
     * @return how many items were reserved
     * @throws IOException if an item cannot be parsed
     */
    int add(List<Object> answer, Settlements asked, String token) throws IOException {
        idleMillis = (Long) answer.get(0);
        for (Object number : (List<?>) answer.get(1)) {
            passedOver.add(asked.lease((Long) number));
        }
        List<?> taken = (List<?>) answer.get(2);
        List<?> items = (List<?>) answer.get(3);
        for (int i = 0; i < items.size(); i++) {
            String id = StoredItem.text(taken.get(2 * i));
            String score = StoredItem.text(taken.get(2 * i + 1));
            leases.add(StoredItem.readHandedOut(id, (byte[]) items.get(i), token + ":" + score));
        }
        return items.size();
    }

    List<Lease> passedOver() {
        return passedOver;
    }

    List<Lease> leases() {
        return leases;
    }

    /** Returns how long to wait before the next poll if nothing was reserved. */
    long idleNanos() {
        boolean known = idleMillis != NOBODY_KNOWS;
        return TimeUnit.MILLISECONDS.toNanos(
                known ? Math.max(1, Math.min(idleMillis, LONGEST_IDLE_MILLIS)) : LONGEST_IDLE_MILLIS);
    }
}
