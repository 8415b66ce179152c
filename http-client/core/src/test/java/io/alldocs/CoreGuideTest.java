package io.alldocs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples of the guide. */
class CoreGuideTest {

    @Test
    void load_defaultsAndRange_apply(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("service.env"), "CACHE_DRIVER=sqlite\nRATE=40\n");
        // region env
        Env env = Env.load(file).withDefault("CACHE_DIR", "/var/cache/npm");
        String folderOfCache = env.require("CACHE_DIR", "to store packuments");
        long rate = env.getLong("RATE", 50, 1, 1_000);
        // endregion
        assertThat(folderOfCache).isEqualTo("/var/cache/npm");
        assertThat(rate).isEqualTo(40);
        assertThat(env).hasToString("Env[CACHE_DIR, CACHE_DRIVER, RATE]");
    }

    // region retry
    static <T> T twice(Supplier<T> call) {
        try {
            return call.get();
        } catch (AllDocsException e) {
            if (!e.retryable()) {
                throw e;
            }
            return call.get();
        }
    }
    // endregion

    @Test
    void twice_repeatsWhatMaySucceedLater() {
        AtomicInteger calls = new AtomicInteger();
        assertThat(twice(() -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new Failure(true);
                    }
                    return "stored";
                }))
                .isEqualTo("stored");
        assertThatThrownBy(() -> twice(() -> {
                    calls.incrementAndGet();
                    throw new Failure(false);
                }))
                .isInstanceOf(Failure.class);
        assertThatThrownBy(() -> twice(() -> {
                    calls.incrementAndGet();
                    throw new OperationInterruptedException("Cannot store k: the thread was interrupted", null);
                }))
                .isInstanceOf(OperationInterruptedException.class);
        assertThat(calls).hasValue(4);
    }

    private static final class Failure extends AllDocsException {
        private static final long serialVersionUID = 1L;
        private final boolean retryable;

        Failure(boolean retryable) {
            super("Cannot store k in the store: HTTP 503");
            this.retryable = retryable;
        }

        @Override
        public boolean retryable() {
            return retryable;
        }
    }
}
