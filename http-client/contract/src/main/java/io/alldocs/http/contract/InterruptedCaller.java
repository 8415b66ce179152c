package io.alldocs.http.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** A thread that another thread interrupts. */
final class InterruptedCaller {
    private final Thread thread;
    private volatile @Nullable Throwable thrown;
    private volatile boolean hadFlag;

    InterruptedCaller(ThrowingCallable work) {
        this.thread = new Thread(() -> {
            thrown = catchThrowable(work);
            hadFlag = Thread.currentThread().isInterrupted();
        });
        thread.start();
    }

    /** Interrupts the thread and returns the exception that its work threw. */
    @Nullable
    Throwable interrupt() throws InterruptedException {
        thread.interrupt();
        thread.join(20_000);
        assertThat(thread.isAlive()).isFalse();
        return thrown;
    }

    /** Returns whether the interrupt flag was set when the work ended. */
    boolean hadFlag() {
        return hadFlag;
    }
}
