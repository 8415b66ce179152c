package io.alldocs.worker.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FailureDecisionTest {

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void reason_linesAndAMillionSpaces_isOneShortLineAtOnce() {
        assertThat(FailureDecision.reason(new IllegalStateException(" a \r\n\n\t b\u2028c ")))
                .isEqualTo("a b c");
        assertThat(FailureDecision.reason(new IllegalStateException("a" + " ".repeat(2_000_000) + "b")))
                .startsWith("a ")
                .endsWith("…")
                .hasSizeLessThan(600);
    }
}
