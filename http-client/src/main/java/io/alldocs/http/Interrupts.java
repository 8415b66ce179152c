package io.alldocs.http;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Notes who interrupts a thread. The interrupt status is one bit, so a thread that two others interrupt at the same
 * time cannot know of both. But {@link Thread#interrupt()} calls {@link #wakeup()} of the selector in which the target
 * thread waits, on the thread of the caller: this is a selector for that alone, which selects nothing.
 */
final class Interrupts extends AbstractSelector {

    private volatile @Nullable Thread ours;
    private volatile boolean foreign;

    private Interrupts() {
        super(SelectorProvider.provider());
    }

    /**
     * Notes the interrupts of the current thread, an earlier one that nobody has noticed included, until {@link #stop}.
     */
    static Interrupts ofThisThread() {
        Interrupts interrupts = new Interrupts();
        interrupts.begin();
        return interrupts;
    }

    /** The current thread is about to interrupt. */
    void ignoreThoseOfThisThread() {
        ours = Thread.currentThread();
    }

    /** Whether any other thread interrupted. */
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

    /** Notes no more; called on the thread whose interrupts were noted. */
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
