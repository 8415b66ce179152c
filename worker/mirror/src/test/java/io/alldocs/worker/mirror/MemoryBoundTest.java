package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.BodyReceiver;
import io.alldocs.cache.ByteBudget;
import io.alldocs.cache.Cache;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A packument of forty megabytes, many clients that are slow, and a process with less memory than one copy of it. */
@Timeout(180)
class MemoryBoundTest {
    private static final int READERS = 32;
    private static final int DOCUMENT_BYTES = 40 << 20;
    private static final int BEGINNING_BYTES = 256 * 1024;

    @TempDir
    private Path folder;

    /** Bodies on their way have less heap than one document, too. */
    private static BodyReceiver receiver() {
        return new BodyReceiver(ByteBudget.of(4 << 20), Path.of(System.getProperty("java.io.tmpdir")), 256 << 20);
    }

    /** Serves the folder in its argument until its standard input ends. */
    static final class Child {
        public static void main(String[] args) throws IOException {
            try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(Path.of(args[0]));
                    Cache cache =
                            Cache.builder().driver(driver).receiver(receiver()).build();
                    MirrorServer mirror = MirrorServer.builder()
                            .cache(cache)
                            .writeTimeout(Duration.ofMinutes(10))
                            .start()) {
                System.out.println(mirror.address());
                while (System.in.read() >= 0) {
                    // what is sent means nothing
                }
            }
        }
    }

    @Test
    void largeDocument_goesToManySlowClients_throughLittleMemory() throws Exception {
        String noise = noise();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder);
                Bench bench = new Bench(URI.create("https://registry.npmjs.com"), driver, builder -> builder)) {
            bench.store("giant", document(noise), head -> head.outcome("ok"));
            assertThat(driver.head(io.alldocs.cache.CacheKey.packument(bench.registry, "giant")
                                    .toString())
                            .orElseThrow()
                            .sizeBytes())
                    .as("what is stored is large too")
                    .isGreaterThan(DOCUMENT_BYTES / 2);
        }
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx40m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<RawClient> readers = new ArrayList<>();
        try (BufferedReader out = child.inputReader()) {
            URI address = URI.create(out.readLine());
            for (int i = 0; i < READERS; i++) {
                RawClient reader = new RawClient(address, 16 * 1024);
                readers.add(reader);
                reader.send("GET /giant HTTP/1.1\r\nhost: a\r\n"
                        + (i % 2 == 0 ? "accept-encoding: gzip\r\n" : "")
                        + (i % 4 == 3 ? "accept: " + INSTALLER + "\r\n" : "") + "\r\n");
            }
            for (RawClient reader : readers) {
                assertThat(reader.in().readNBytes(BEGINNING_BYTES))
                        .startsWith("HTTP/1.1 200 OK".getBytes(StandardCharsets.US_ASCII));
            }
            // Now every one of them is in the middle of its answer.
            readOn(readers.get(1).in(), noise.length() - BEGINNING_BYTES);
        } finally {
            readers.forEach(RawClient::close);
            child.outputWriter().close();
        }
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
    }

    /** Reads until as much came as the document surely has. */
    private static void readOn(InputStream in, long wanted) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long count = 0;
        while (count < wanted) {
            int read = in.read(buffer);
            assertThat(read).as("bytes after " + count).isPositive();
            count += read;
        }
    }

    /** Text that hardly compresses. */
    private static String noise() {
        byte[] bytes = new byte[DOCUMENT_BYTES / 4 * 3];
        new Random(1).nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Half of it in versions' dependencies, which stay in the abbreviated form. */
    private static String document(String noise) {
        StringBuilder json =
                new StringBuilder("{\"name\":\"giant\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{");
        int piece = 64 * 1024;
        for (int i = 0; i * piece < noise.length(); i++) {
            String text = noise.substring(i * piece, Math.min(noise.length(), (i + 1) * piece));
            json.append(i == 0 ? "" : ",")
                    .append("\"1.0." + i + "\":{\"version\":\"1.0." + i + "\",\"")
                    .append(i % 2 == 0 ? "deprecated" : "readme")
                    .append("\":\"")
                    .append(text)
                    .append("\"}");
        }
        return json + "}}";
    }
}
