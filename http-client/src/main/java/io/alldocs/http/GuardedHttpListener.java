package io.alldocs.http;

import io.alldocs.spi.ListenerGuard;
import java.time.Duration;

/**
 * Calls the listener of an application and catches its exceptions, so that they do not end a request. Safe for
 * concurrent use.
 */
final class GuardedHttpListener implements HttpListener {
    private final ListenerGuard<HttpListener> guard;

    private GuardedHttpListener(HttpListener listener) {
        this.guard = new ListenerGuard<>(listener, "HTTP client", BaseHttpClient.class);
    }

    /** Returns a listener that throws nothing. Returns {@link HttpListener#NONE} itself. */
    static HttpListener of(HttpListener listener) {
        return listener == NONE ? NONE : new GuardedHttpListener(listener);
    }

    @Override
    public void requested(HttpAttempt attempt) {
        guard.call(each -> each.requested(attempt));
    }

    @Override
    public void retrying(String origin, String reason, Duration delay) {
        guard.call(each -> each.retrying(origin, reason, delay));
    }

    @Override
    public void throttled(String origin, Duration pause) {
        guard.call(each -> each.throttled(origin, pause));
    }

    @Override
    public void clientReplaced(String origin) {
        guard.call(each -> each.clientReplaced(origin));
    }
}
