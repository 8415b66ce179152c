package io.alldocs.spi;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Calls the listener of an application and catches its exceptions, so that they do not end the work that the listener
 * observes. Logs the first failure at WARNING and the next ones at DEBUG. Safe for concurrent use.
 *
 * @param <L> type of the listener
 */
public final class ListenerGuard<L> {
    private final L listener;
    private final String owner;
    private final System.Logger log;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    /**
     * Creates a guard.
     *
     * @param owner what the listener observes, such as {@code cache}; part of the log line
     * @param logger type under whose name failures are logged
     */
    public ListenerGuard(L listener, String owner, Class<?> logger) {
        this.listener = listener;
        this.owner = owner;
        this.log = System.getLogger(logger.getName());
    }

    /**
     * Calls the listener.
     *
     * @throws VirtualMachineError if the listener threw one
     */
    public void call(Consumer<? super L> event) {
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
            log.log(
                    level,
                    "The listener of the " + owner + " failed; the " + owner
                            + " continues. Its next failures are logged at DEBUG.",
                    e);
        }
    }
}
