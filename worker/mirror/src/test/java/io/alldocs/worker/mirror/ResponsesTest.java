package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.packument;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.body.Body;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ResponsesTest {
    private static final int BYTES = 1 << 20;

    /** A body whose streams throw when they are closed. */
    private record Stuck(byte[] bytes) implements Body {
        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public InputStream openStream() {
            return new ByteArrayInputStream(bytes) {
                @Override
                public void close() throws IOException {
                    throw new IOException("the disk is gone");
                }
            };
        }
    }

    @Test
    void documentThatCannotBeClosed_isThatError_andLeavesNoMemory() {
        try (Bench bench = new Bench()) {
            TarballAddresses tarballs = new TarballAddresses(URI.create("http://files.example"));
            CacheEntry entry = bench.unstored("pad", new Stuck(Bench.gzip(packument("pad", "1.0.0"))));
            for (Responses replies : new Responses[] {
                new Responses(BYTES, BYTES, Duration.ZERO, tarballs), new Responses(BYTES, BYTES, Duration.ZERO, null)
            }) {
                assertThatThrownBy(() -> replies.document("pad", entry, /* gzip= */ true, null))
                        .isInstanceOf(IOException.class)
                        .hasMessage("the disk is gone");
                assertThat(replies.usedBytes()).isZero();
            }
        }
    }
}
