package io.alldocs.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Calls the listener of an application and catches its exceptions, so that they do not end a request. Safe for
 * concurrent use.
 */
final class GuardedHttpListener implements HttpListener {
    private static final System.Logger LOG = System.getLogger(BaseHttpClient.class.getName());

    private final HttpListener listener;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    private GuardedHttpListener(HttpListener listener) {
        this.listener = listener;
    }

    /** Returns a listener that throws nothing. Returns {@link HttpListener#NONE} itself. */
    static HttpListener of(HttpListener listener) {
        return listener == NONE ? NONE : new GuardedHttpListener(listener);
    }

    private void call(Consumer<HttpListener> event) {
        try {
            event.accept(listener);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            if (e instanceof InterruptedException) { // other languages throw checked exceptions without declaring them
                Thread.currentThread().interrupt();
            }
            System.Logger.Level level =
                    hasFailed.getAndSet(true) ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            LOG.log(
                    level,
                    "The listener of an HTTP client failed; the client continues. Its next failures are logged at"
                            + " DEBUG.",
                    e);
        }
    }

    @Override
    public void requested(HttpAttempt attempt) {
        call(each -> each.requested(attempt));
    }

    @Override
    public void retrying(String origin, String reason, Duration delay) {
        call(each -> each.retrying(origin, reason, delay));
    }

    @Override
    public void throttled(String origin, Duration pause) {
        call(each -> each.throttled(origin, pause));
    }

    @Override
    public void clientLost(String origin) {
        call(each -> each.clientLost(origin));
    }
}
