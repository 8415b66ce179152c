package io.alldocs.cache.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class BodyTest {
    /** A body that returns {@code bytes} and may declare another size. */
    private record Saying(long sizeBytes, byte[] bytes) implements Body {

        @Override
        public InputStream openStream() {
            return new ByteArrayInputStream(bytes);
        }
    }

    @Test
    void toByteArray_givesAllThereIs_whateverTheSizeSays() throws IOException {
        byte[] bytes = {1, 2, 3, 4, 5};
        for (long size : new long[] {0, 1, 4, 5, 6, 100}) {
            assertThat(new Saying(size, bytes).toByteArray()).as("%d", size).isEqualTo(bytes);
        }
        assertThat(new Saying(0, new byte[0]).toByteArray()).isEmpty();
    }

    @Test
    void toByteArray_moreThanAnArrayHolds_isAnError() {
        assertThatThrownBy(() -> new Saying(1L << 31, new byte[0]).toByteArray())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("2147483648");
    }
}
