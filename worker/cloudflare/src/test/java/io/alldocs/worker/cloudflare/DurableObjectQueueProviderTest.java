package io.alldocs.worker.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurableObjectQueueProviderTest {
    private static final Map<String, String> COMPLETE = Map.of(
            "WORK_QUEUE_URL",
            "https://queue.example.com/",
            "WORK_QUEUE_TOKEN",
            FakeQueueWorker.TOKEN,
            "QUEUE_NAME",
            "mine");

    private static WorkQueue create(Map<String, String> values) {
        Env env = Env.of(values);
        return new DurableObjectQueueProvider().create(env, QueueOptions.of(env), () -> {
            throw new AssertionError("The queue keeps nothing in the worker's store.");
        });
    }

    @Test
    void isFound_andTheDefaultOfTheRuntime() {
        assertThat(ServiceLoader.load(WorkQueueProvider.class).stream())
                .anySatisfy(provider -> assertThat(provider.type()).isEqualTo(DurableObjectQueueProvider.class));
        DurableObjectQueueProvider provider = new DurableObjectQueueProvider();
        assertThat(provider.name()).isEqualTo("durable-object");
        assertThat(provider.runtimes()).containsExactly("cloudflare");
        assertThat(provider.spiVersion()).isEqualTo(WorkQueueProvider.SPI_VERSION);
    }

    @Test
    void completeEnvironment_makesAQueue_andSendsNothing() {
        try (WorkQueue queue = create(COMPLETE)) {
            assertThat(queue.name()).isEqualTo("durable-object");
            assertThat(queue.options().name()).isEqualTo("mine");
            assertThat(queue).hasToString("queue mine at https://queue.example.com");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "WORK_QUEUE_URL, ",
        "WORK_QUEUE_URL, queue.example.com",
        "WORK_QUEUE_URL, http://queue.example.com",
        "WORK_QUEUE_TOKEN, ",
        "WORK_QUEUE_TOKEN, 'two\nlines'",
        "WORK_QUEUE_MAX_ATTEMPTS, 0",
    })
    void wrongVariable_isNamed_andNotRepeated(String name, String value) {
        Map<String, String> values = new HashMap<>(COMPLETE);
        values.remove(name);
        if (value != null) {
            values.put(name, value);
        }
        assertThatThrownBy(() -> create(values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageNotContaining(FakeQueueWorker.TOKEN)
                .hasMessageNotContaining("two\nlines");
    }
}
