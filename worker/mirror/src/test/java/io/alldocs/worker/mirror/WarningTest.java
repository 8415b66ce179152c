package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

/** Tests the warnings of a mirror. */
class WarningTest {

    @Test
    void mirrorThatProxiesTarballs_warnsBeyondLoopback() {
        assertThat(warnings("0.0.0.0", true)).singleElement().asString().contains("0.0.0.0", "private packages");
        assertThat(warnings("127.0.0.1", true)).isEmpty();
        assertThat(warnings("localhost", true)).isEmpty();
        assertThat(warnings("0.0.0.0", false)).isEmpty();
    }

    @Test
    void registryThatFails_isReportedOnceAMinute_withTheReason() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names("express", "other").start();
                BaseHttpClient http =
                        BaseHttpClient.builder().retry(RetryPolicy.none()).build();
                Bench bench =
                        new Bench(registry.origin(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            registry.faults().set(Fault.status(418, 1));

            List<String> warnings = warnings(Documents.class, () -> {
                assertThat(bench.get("/express").statusCode()).isEqualTo(502);
                assertThat(bench.get("/other").statusCode()).isEqualTo(502);
            });
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .startsWith("Cannot fetch express from the registry: ")
                    .contains(registry.origin() + "/express", "418", "for a minute");

            bench.clock.advance(Duration.ofMinutes(1));
            bench.recheck();
            assertThat(warnings(Documents.class, () -> bench.get("/other")))
                    .singleElement()
                    .asString()
                    .contains("/other");
        }
    }

    private static List<String> warnings(String host, boolean proxies) {
        return warnings(MirrorServer.class, () -> {
            try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build()) {
                MirrorServerBuilder builder =
                        MirrorServer.builder().cache(cache).host(host);
                (proxies ? builder.proxyTarballs() : builder).start().close();
            }
        });
    }

    private static List<String> warnings(Class<?> source, Runnable action) {
        Logger logger = Logger.getLogger(source.getName());
        List<String> warnings = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                if (logged.getLevel().intValue() >= Level.WARNING.intValue()) {
                    warnings.add(new SimpleFormatter().formatMessage(logged));
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            action.run();
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
        return warnings;
    }
}
