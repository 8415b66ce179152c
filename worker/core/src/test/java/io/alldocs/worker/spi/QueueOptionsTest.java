package io.alldocs.worker.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QueueOptionsTest {

    @Test
    void builder_withoutSettings_hasTheDefaults() {
        assertThat(QueueOptions.builder().build()).isEqualTo(QueueOptions.DEFAULT);
    }

    @Test
    void builder_withEverySetting_setsEachOne() {
        QueueOptions options = QueueOptions.builder()
                .name("q")
                .maxAttempts(5)
                .backoff(Duration.ofSeconds(1))
                .maxBackoff(Duration.ofSeconds(9))
                .lease(Duration.ofSeconds(40))
                .maxLostLeases(4)
                .rate(7, Duration.ofSeconds(2))
                .build();

        assertThat(options)
                .isEqualTo(new QueueOptions(
                        "q",
                        5,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(9),
                        Duration.ofSeconds(40),
                        4,
                        Duration.ofSeconds(2),
                        7));
    }

    @Test
    void build_valueOutOfRange_isRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QueueOptions.builder().maxAttempts(0).build())
                .withMessageContaining("maxAttempts");
    }
}
