package io.alldocs.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ListenerGuardTest {
    private final Logger logger = Logger.getLogger(ListenerGuardTest.class.getName());
    private final List<LogRecord> records = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            records.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final ListenerGuard<List<String>> guard =
            new ListenerGuard<>(new ArrayList<>(), "cache", ListenerGuardTest.class);

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void leave() {
        logger.removeHandler(handler);
        Thread.interrupted();
    }

    @Test
    void call_listenerThrows_logsTheFirstFailureAtWarning() {
        for (int i = 0; i < 3; i++) {
            guard.call(listener -> {
                throw new IllegalStateException("of the application");
            });
        }

        assertThat(records).extracting(LogRecord::getLevel).containsExactly(Level.WARNING, Level.FINE, Level.FINE);
        assertThat(records.get(0).getMessage()).startsWith("The listener of the cache failed; the cache continues.");
        assertThat(records.get(0).getThrown()).hasMessage("of the application");
    }

    @Test
    void call_undeclaredInterrupt_setsTheFlag() {
        guard.call(listener -> ListenerGuardTest.<RuntimeException>sneak(new InterruptedException()));

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void call_fullHeap_isNotHidden() {
        assertThatThrownBy(() -> guard.call(listener -> {
                    throw new OutOfMemoryError("test");
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(records).isEmpty();
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> void sneak(Exception e) throws E {
        throw (E) e;
    }
}
