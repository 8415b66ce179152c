package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.SharedBody;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValueReceiverTest {
    @TempDir
    Path folder;

    private ValueReceiver receiver() {
        return new ValueReceiver(folder);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void receive_upToAMebibyte_isInMemory_andMoreInAFile() throws IOException {
        for (int size : new int[] {0, 1, 1 << 20, (1 << 20) + 1, 3_000_000}) {
            byte[] bytes = random(size);
            for (OptionalLong declared : new OptionalLong[] {OptionalLong.of(size), OptionalLong.empty()}) {
                try (Body body = receiver().receive(new ByteArrayInputStream(bytes), declared)) {
                    assertThat(body.toByteArray()).isEqualTo(bytes);
                    // Without a declared length, one mebibyte may be the beginning of a larger value.
                    int inMemory = declared.isPresent() ? 1 << 20 : (1 << 20) - 1;
                    assertThat(SharedBody.isInMemory(body)).isEqualTo(size <= inMemory);
                }
                assertThat(files()).isZero();
            }
        }
    }

    @Test
    void receive_fewerBytesThanDeclared_isCut() throws IOException {
        for (int size : new int[] {10, 3_000_000}) {
            assertThatThrownBy(
                            () -> receiver().receive(new ByteArrayInputStream(random(size - 1)), OptionalLong.of(size)))
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining(Integer.toString(size - 1));
        }
        assertThat(files()).isZero();
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
