package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.spi.ServiceProviders;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class WorkQueuesTest {

    private static WorkQueue create(Map<String, String> env) {
        return WorkQueues.create(Env.of(env), MemoryStorageDriver::new);
    }

    private static String select(Map<String, String> env, WorkQueueProvider... providers) {
        return new ServiceProviders<>(WorkQueues.KIND, List.of(providers), List.of())
                .select(Env.of(env))
                .name();
    }

    @Test
    void create_withoutAnything_isTheLocalQueue_withTheDocumentedOptions() {
        try (WorkQueue queue = create(Map.of())) {
            assertThat(queue.name()).isEqualTo("local");
            assertThat(queue.options().intervalCap()).isEqualTo(20);
            assertThat(queue.options().interval()).isEqualTo(Duration.ofSeconds(1));
            assertThat(queue.options().maxAttempts()).isEqualTo(3);
            assertThat(queue.options().backoff()).isEqualTo(Duration.ofSeconds(2));
        }
    }

    @Test
    void create_runtime_choosesItsDefault() {
        for (String runtime : List.of("jvm", "node", "fastly", "cloudrun")) {
            try (WorkQueue queue = create(Map.of("RUNTIME", runtime))) {
                assertThat(queue.name()).isEqualTo("local");
            }
        }
    }

    @Test
    void create_durable_usesTheStore() throws Exception {
        MemoryStorageDriver store = new MemoryStorageDriver();
        Map<String, String> env = Map.of("QUEUE_DURABLE", "true", "QUEUE_NAME", "n");
        try (WorkQueue queue = WorkQueues.create(Env.of(env), () -> store)) {
            queue.enqueue(WorkItem.of("t", "a"));
        }
        try (WorkQueue queue = WorkQueues.create(Env.of(env), () -> store)) {
            assertThat(queue.reserve(1, Duration.ZERO)).hasSize(1);
        }
    }

    @Test
    void create_wrongValues_nameTheirVariable() {
        assertThatThrownBy(() -> create(Map.of("QUEUE_DURABLE", "yes"))).hasMessageContaining("QUEUE_DURABLE");
        assertThatThrownBy(() -> create(Map.of("QUEUE_ATTEMPTS", "0"))).hasMessageContaining("QUEUE_ATTEMPTS");
        assertThatThrownBy(() -> create(Map.of("QUEUE_LEASE_MS", "999"))).hasMessageContaining("QUEUE_LEASE_MS");
        assertThatThrownBy(() -> create(Map.of("QUEUE_NAME", "a b"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void create_noneOfThatName_saysWhatThereIsAndWhatToAdd() {
        assertThatThrownBy(() -> create(Map.of("QUEUE_DRIVER", "redis")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "No work queue for QUEUE_DRIVER=redis; found [local]. Add io.alldocs:all-docs-worker-redis.");
        assertThatThrownBy(() -> create(Map.of("RUNTIME", "cloudflare")))
                .hasMessageContaining("RUNTIME=cloudflare")
                .hasMessageContaining("all-docs-worker-cloudflare");
    }

    @Test
    void select_twoOfOneName_namesBoth() {
        assertThatThrownBy(() -> select(Map.of("QUEUE_DRIVER", "a"), new Stub("a", 1), new Stub("a", 1)))
                .hasMessageContaining("Two work queues for QUEUE_DRIVER=a")
                .hasMessageContaining(Stub.class.getName());
        assertThatThrownBy(() -> select(Map.of(), new Stub("a", 1), new Stub("b", 1)))
                .hasMessageContaining("Set QUEUE_DRIVER to one of them");
        assertThat(select(Map.of("QUEUE_DRIVER", "b"), new Stub("a", 1), new Stub("b", 1)))
                .isEqualTo("b");
    }

    @Test
    void select_anotherVersion_isRefused() {
        assertThatThrownBy(() -> select(Map.of("QUEUE_DRIVER", "a"), new Stub("a", 99)))
                .hasMessageContaining("version 99")
                .hasMessageContaining("same release");
    }

    @Test
    void runtime_unknown_saysWhatThereIs() {
        assertThatThrownBy(() -> WorkerRuntime.create(Env.of(Map.of("RUNTIME", "mars", "PORT", "0"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("No worker runtime for RUNTIME=mars; found [jvm]")
                .hasMessageContaining("META-INF/services");
    }

    @Test
    void runtime_wrongPort_namesTheVariable() {
        assertThatThrownBy(() -> WorkerRuntime.create(Env.of(Map.of("PORT", "http"))))
                .hasMessageContaining("PORT");
    }

    private record Stub(String name, int spiVersion) implements WorkQueueProvider {
        @Override
        public Set<String> runtimes() {
            return Set.of("jvm");
        }

        @Override
        public WorkQueue create(Env env, QueueOptions options, Supplier<StorageDriver> storage) {
            throw new AssertionError("Only its choice is tested; no test creates the queue of " + name);
        }
    }
}
