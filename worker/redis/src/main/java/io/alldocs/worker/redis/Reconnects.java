package io.alldocs.worker.redis;

import io.lettuce.core.event.Event;
import io.lettuce.core.event.EventBus;
import io.lettuce.core.event.connection.ConnectionActivatedEvent;
import io.lettuce.core.event.connection.ReconnectFailedEvent;
import org.jspecify.annotations.Nullable;

/**
 * Records why a lost connection cannot be re-established, because the commands that wait for it report only that there
 * is no connection. Safe for concurrent use.
 */
final class Reconnects {
    private volatile @Nullable Throwable failure;

    Reconnects(EventBus events) {
        events.get().subscribe(this::happened);
    }

    private void happened(Event event) {
        if (event instanceof ReconnectFailedEvent failed) {
            failure = failed.getCause();
        } else if (event instanceof ConnectionActivatedEvent) {
            failure = null;
        }
    }

    /** The last failure; null if a connection was established after it. */
    @Nullable
    Throwable failure() {
        return failure;
    }
}
