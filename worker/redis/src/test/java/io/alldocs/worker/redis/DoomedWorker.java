package io.alldocs.worker.redis;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import java.time.Duration;
import java.util.List;

/**
 * A worker in a separate process that reserves items and never exits. Arguments: address of the server, number of
 * items.
 */
final class DoomedWorker {
    /** Options with a lease that is short enough to wait for. */
    static final QueueOptions OPTIONS = new QueueOptions(
            "doomed",
            3,
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            10,
            Duration.ofSeconds(1),
            0);

    private DoomedWorker() {}

    /** Prints the ids that it has reserved, in one line. */
    public static void main(String[] args) throws InterruptedException {
        try (RedisWorkQueue queue =
                RedisWorkQueue.builder(args[0]).options(OPTIONS).build()) {
            List<Lease> leases = queue.reserve(Integer.parseInt(args[1]), Duration.ofMinutes(1));
            System.out.println(String.join(
                    " ", leases.stream().map(each -> each.item().id()).toList()));
            while (true) {
                queue.renew(leases);
            }
        }
    }
}
