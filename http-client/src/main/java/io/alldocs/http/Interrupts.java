package io.alldocs.http;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records which thread interrupts another. The interrupt status is one bit, so a thread cannot detect that two other
 * threads interrupted it at the same time. However, {@link Thread#interrupt()} calls {@link #wakeup()} of the selector
 * in which the target thread waits, on the interrupting thread. This class is a selector for that purpose only; it
 * selects nothing.
 */
final class Interrupts extends AbstractSelector {

    private volatile @Nullable Thread ours;
    private volatile boolean foreign;

    private Interrupts() {
        super(SelectorProvider.provider());
    }

    /**
     * Records interrupts of the current thread until {@link #stop}, including an earlier interrupt that is still
     * pending.
     */
    static Interrupts ofThisThread() {
        Interrupts interrupts = new Interrupts();
        interrupts.begin();
        return interrupts;
    }

    /** Called when the current thread is about to interrupt the recorded one. */
    void ignoreThoseOfThisThread() {
        ours = Thread.currentThread();
    }

    /** Returns whether any other thread interrupted. */
    boolean foreign() {
        return foreign;
    }

    @Override
    public Selector wakeup() {
        if (Thread.currentThread() != ours) {
            foreign = true;
        }
        return this;
    }

    /** Stops recording; called on the thread whose interrupts are recorded. */
    void stop() {
        end();
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int operations, @Nullable Object attachment) {
        throw new UnsupportedOperationException("This selector has no channels.");
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return Set.of();
    }

    @Override
    public int selectNow() {
        return 0;
    }

    @Override
    public int select(long timeout) {
        return 0;
    }

    @Override
    public int select() {
        return 0;
    }
}
