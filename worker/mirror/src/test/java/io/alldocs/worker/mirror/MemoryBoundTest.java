package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.packument.VersionPolicy;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests a packument of forty megabytes, many slow clients, and a process with less memory than one copy of the
 * packument.
 */
@Timeout(180)
class MemoryBoundTest {
    private static final int READERS = 32;
    private static final int DOCUMENT_BYTES = 40 << 20;
    private static final int BEGINNING_BYTES = 256 * 1024;

    /** Under a policy, the body is generated for each client while it reads. */
    private static final int GOVERNED_READERS = 64;

    private static final int GOVERNED_DOCUMENTS = 8;
    private static final int GOVERNED_DOCUMENT_BYTES = 12 << 20;

    @TempDir
    private Path folder;

    /** Returns a receiver with less heap than one document. */
    private static BodyReceiver receiver() {
        return new BodyReceiver(ByteBudget.of(4 << 20), Path.of(System.getProperty("java.io.tmpdir")), 256 << 20);
    }

    /** Serves the folder in its first argument, with a policy if there is a second, until its standard input ends. */
    static final class Child {
        public static void main(String[] args) throws IOException {
            try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(Path.of(args[0]));
                    Cache cache =
                            Cache.builder().driver(driver).receiver(receiver()).build();
                    MirrorServer mirror = mirror(cache, args.length > 1).start()) {
                System.out.println(mirror.address());
                while (System.in.read() >= 0) {
                    // input is ignored
                }
            }
        }

        private static MirrorServerBuilder mirror(Cache cache, boolean governed) {
            MirrorServerBuilder builder = MirrorServer.builder().cache(cache).writeTimeout(Duration.ofMinutes(10));
            return governed
                    ? builder.policy(
                            VersionPolicy.builder().minAge(Duration.ofDays(7)).build())
                    : builder;
        }
    }

    private Process startChild(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx40m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                folder.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    @Tag("chaos")
    void largeDocuments_underAPolicy_goToManySlowClients_throughLittleMemory() throws Exception {
        String noise = noise(GOVERNED_DOCUMENT_BYTES);
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder);
                Bench bench = new Bench(URI.create("https://registry.npmjs.com"), driver, builder -> builder)) {
            for (int i = 0; i < GOVERNED_DOCUMENTS; i++) {
                // Each document begins differently, so that no two are deduplicated.
                String document =
                        "{\"_id\":\"giant" + i + "\"," + document(noise).substring(1);
                bench.store("giant" + i, document, head -> head.outcome("ok"));
            }
        }
        Process child = startChild("policy");
        List<RawClient> readers = new ArrayList<>();
        try (BufferedReader out = child.inputReader()) {
            URI address = URI.create(out.readLine());
            for (int i = 0; i < GOVERNED_READERS; i++) {
                RawClient reader = new RawClient(address, 16 * 1024);
                readers.add(reader);
                reader.send("GET /giant" + i % GOVERNED_DOCUMENTS + " HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
                        + (i % 3 == 0 ? "accept-encoding: gzip\r\n" : "")
                        + (i % 5 == 3 ? "accept: " + INSTALLER + "\r\n" : "") + "\r\n");
            }
            for (RawClient reader : readers) {
                assertThat(reader.in().readNBytes(BEGINNING_BYTES))
                        .startsWith("HTTP/1.1 200 OK".getBytes(StandardCharsets.US_ASCII));
            }
            // All of them are now in the middle of their responses, which end without the version that is too new.
            String rest = new String(readers.get(1).in().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(rest).endsWith("\r\n0\r\n\r\n").contains("\"1.0.1\":\"2020");
            assertThat(rest).doesNotContain("too new");
            assertThat(rest.length()).isGreaterThan(noise.length() - BEGINNING_BYTES);
        } finally {
            readers.forEach(RawClient::close);
            child.outputWriter().close();
        }
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
    }

    @Test
    void largeDocument_goesToManySlowClients_throughLittleMemory() throws Exception {
        String noise = noise(DOCUMENT_BYTES);
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
        Process child = startChild();
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
            // All of them are now in the middle of their responses.
            readOn(readers.get(1).in(), noise.length() - BEGINNING_BYTES);
        } finally {
            readers.forEach(RawClient::close);
            child.outputWriter().close();
        }
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
    }

    /** Reads the minimum number of bytes that the document has. */
    private static void readOn(InputStream in, long wanted) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long count = 0;
        while (count < wanted) {
            int read = in.read(buffer);
            assertThat(read).as("bytes after " + count).isPositive();
            count += read;
        }
    }

    /** Returns a text that can hardly be compressed. */
    private static String noise(int length) {
        byte[] bytes = new byte[length / 4 * 3];
        new Random(1).nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * Returns a document. Half of it is deprecation messages of versions, which the abbreviated form keeps. The last
     * version was published in the far future.
     */
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
        json.append(",\"9.0.0\":{\"version\":\"9.0.0\",\"deprecated\":\"too new\"}},\"time\":{");
        for (int i = 0; i * piece < noise.length(); i++) {
            json.append("\"1.0." + i + "\":\"2020-01-01T00:00:00.000Z\",");
        }
        return json + "\"9.0.0\":\"2999-01-01T00:00:00.000Z\"}}";
    }
}
