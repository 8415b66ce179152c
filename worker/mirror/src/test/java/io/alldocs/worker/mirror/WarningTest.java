package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

/** Tests that a mirror with credentials logs a warning if other machines can reach it. */
class WarningTest {

    @Test
    void mirrorThatPassesTarballsOn_warnsBeyondLoopback() {
        assertThat(warnings("0.0.0.0", true)).singleElement().asString().contains("0.0.0.0", "private packages");
        assertThat(warnings("127.0.0.1", true)).isEmpty();
        assertThat(warnings("localhost", true)).isEmpty();
        assertThat(warnings("0.0.0.0", false)).isEmpty();
    }

    private static List<String> warnings(String host, boolean proxies) {
        Logger logger = Logger.getLogger(MirrorServer.class.getName());
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
        try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build()) {
            MirrorServer.Builder builder = MirrorServer.builder().cache(cache).host(host);
            (proxies ? builder.proxyTarballs() : builder).start().close();
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
        return warnings;
    }
}
