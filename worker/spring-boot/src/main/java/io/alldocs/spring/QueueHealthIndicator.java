package io.alldocs.spring;

import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerStatus;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.WorkQueue;
import java.util.Locale;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Reports the sizes of the queue. It is down when the queue does not respond, or when the worker has stopped. */
final class QueueHealthIndicator extends AbstractHealthIndicator {
    private final WorkQueue queue;
    private final Worker worker;

    QueueHealthIndicator(WorkQueue queue, Worker worker) {
        super("The queue does not respond");
        this.queue = queue;
        this.worker = worker;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        WorkerStatus status = worker.status();
        QueueSizes sizes = queue.sizes();
        health.up()
                .withDetail("driver", queue.name())
                .withDetail("worker", status.state().name().toLowerCase(Locale.ROOT))
                .withDetail("waiting", sizes.waiting())
                .withDetail("delayed", sizes.delayed())
                .withDetail("running", sizes.running())
                .withDetail("dead", sizes.dead());
        status.failure().ifPresent(problem -> health.down().withDetail("problem", problem));
    }
}
