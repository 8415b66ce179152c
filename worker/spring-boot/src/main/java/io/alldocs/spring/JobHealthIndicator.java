package io.alldocs.spring;

import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncStatus;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Reports the job. It is down when it has ended with a failure, which an operator must resolve. It is unknown while it
 * waits for the origin, the registry or the store, because the stored packuments can still be served. Sends no request.
 */
final class JobHealthIndicator extends AbstractHealthIndicator {
    private final RegistrySync sync;
    private final SyncLifecycle lifecycle;

    JobHealthIndicator(RegistrySync sync, SyncLifecycle lifecycle) {
        super("The status of the sync job cannot be read");
        this.sync = sync;
        this.lifecycle = lifecycle;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        SyncStatus status = sync.status();
        health.withDetail("names", sync.job().what());
        Optional<Throwable> failure = lifecycle.failure();
        Optional<RuntimeException> cause = lifecycle.waitsFor();
        if (failure.isPresent()) {
            health.down().withDetail("state", "failed").withDetail("problem", message(failure.get()));
        } else if (cause.isPresent()) {
            boolean standsBy = cause.get() instanceof JobInUseException;
            (standsBy ? health.up() : health.unknown())
                    .withDetail("state", standsBy ? "standby" : "waiting")
                    .withDetail("problem", message(cause.get()));
        } else {
            describe(health, status);
        }
    }

    private static void describe(Health.Builder health, SyncStatus status) {
        boolean waits = status.state() == SyncStatus.State.WAITING;
        (waits ? health.unknown() : health.up())
                .withDetail("state", status.state().label())
                .withDetail("done", status.done());
        detail(health, "problem", status.problem());
        detail(health, "phase", status.phase() == null ? null : status.phase().label());
        detail(health, "total", status.total().isPresent() ? status.total().getAsLong() : null);
        detail(health, "lag", status.lagRows().isPresent() ? status.lagRows().getAsLong() : null);
        detail(health, "pending", status.retries());
        detail(
                health,
                "contact",
                status.contact() == null ? null : status.contact().toString());
    }

    private static void detail(Health.Builder health, String name, @Nullable Object value) {
        if (value != null) {
            health.withDetail(name, value);
        }
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
