package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FailuresTest {

    @Test
    void message_severalLines_isOne() {
        assertThat(Failures.message(new IllegalStateException(" a \r\n\n\t b\u2028c ")))
                .isEqualTo("a b c");
        assertThat(Failures.message(new IllegalStateException())).isEqualTo("java.lang.IllegalStateException");
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void message_aMillionSpaces_isCutAtOnce() {
        String message = Failures.message(new IllegalStateException("a" + " ".repeat(2_000_000) + "b"));
        assertThat(message).startsWith("a ").endsWith("… (2000002 characters)").hasSizeLessThan(1_100);
    }
}
