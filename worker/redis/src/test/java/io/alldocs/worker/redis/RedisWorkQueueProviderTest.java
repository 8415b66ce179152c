package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisWorkQueueProviderTest {
    @TempDir
    private Path folder;

    @Test
    void create_byServiceLoader_connectsToTheServerOfTheEnvironment() {
        try (RedisProcess redis = RedisProcess.start(folder);
                WorkQueue queue = create(Map.of("REDIS_URL", redis.url() + "/3", "QUEUE_NAME", "by-name"))) {
            assertThat(queue.name()).isEqualTo("redis");
            assertThat(queue.options().name()).isEqualTo("by-name");
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void create_withoutAddress_namesTheVariable() {
        assertThatThrownBy(() -> create(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("REDIS_URL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:6379",
                "http://u:s3cr3t@host",
                "redis://:s3cr3t@",
                "rediss://u:s3 cr3t@host",
                "redis://"
            })
    void create_wrongAddress_namesTheVariable_notTheValue(String url) {
        assertThatThrownBy(() -> create(Map.of("REDIS_URL", url)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("REDIS_URL")
                .hasMessageContaining("redis://")
                .satisfies(failure -> {
                    for (Throwable each = failure; each != null; each = each.getCause()) {
                        assertThat(each.toString()).doesNotContain("cr3t");
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"REDIS_TIMEOUT_MS", "REDIS_ALLOW_EVICTION"})
    void create_wrongSetting_namesTheVariable(String name) {
        assertThatThrownBy(() -> create(Map.of("REDIS_URL", "redis://127.0.0.1:1", name, "soon")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    private static WorkQueue create(Map<String, String> variables) {
        Env env = Env.of(variables);
        WorkQueueProvider provider = ServiceLoader.load(WorkQueueProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.name().equals("redis"))
                .findFirst()
                .orElseThrow();
        assertThat(provider.spiVersion()).isEqualTo(WorkQueueProvider.SPI_VERSION);
        assertThat(provider.runtimes()).isEmpty();
        return provider.create(env, QueueOptions.of(env), () -> {
            throw new AssertionError("the queue has no use for a store");
        });
    }
}
