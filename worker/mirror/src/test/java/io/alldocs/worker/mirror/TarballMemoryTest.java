package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.http.BaseHttpClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests a tarball that is larger than the heap of the mirror that proxies it, with many slow clients. */
@Timeout(180)
class TarballMemoryTest {
    private static final int READERS = 32;
    private static final int PIECES = 2_000;
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int BEGINNING_BYTES = 8 << 20;

    private final byte[] piece = new byte[PIECE_BYTES];

    /** Proxies the tarballs of the registry in its argument until its standard input ends. */
    static final class Child {
        public static void main(String[] args) throws IOException {
            try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                    BaseHttpClient http = BaseHttpClient.builder().build();
                    MirrorServer mirror = MirrorServer.builder()
                            .cache(cache)
                            .registry(URI.create(args[0]))
                            .pullThrough(http)
                            .proxyTarballs()
                            .writeTimeout(Duration.ofMinutes(10))
                            .start()) {
                System.out.println(mirror.address());
                while (System.in.read() >= 0) {
                    // input is ignored
                }
            }
        }
    }

    @Test
    @Tag("chaos")
    void largeTarball_goesToManySlowClients_throughLittleMemory() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-512");
        for (int i = 0; i < PIECES; i++) {
            digest.update(piece);
        }
        String integrity = "sha512-" + Base64.getEncoder().encodeToString(digest.digest());
        List<RawClient> readers = new ArrayList<>();
        try (Origin registry = new Origin()) {
            registry.json(
                    "/giant",
                    "{\"name\":\"giant\",\"versions\":{\"1.0.0\":{\"dist\":{\"tarball\":\"" + registry.address()
                            + "/giant.tgz\",\"integrity\":\"" + integrity + "\"}}}}");
            registry.on("/giant.tgz", exchange -> {
                exchange.sendResponseHeaders(200, (long) PIECES * PIECE_BYTES);
                for (int i = 0; i < PIECES; i++) {
                    exchange.getResponseBody().write(piece);
                }
            });
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx40m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Child.class.getName(),
                            registry.address().toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader out = child.inputReader()) {
                URI address = URI.create(out.readLine());
                for (int i = 0; i < READERS; i++) {
                    RawClient reader = new RawClient(address, 16 * 1024);
                    readers.add(reader);
                    reader.send("GET /giant/-/giant-1.0.0.tgz HTTP/1.1\r\nhost: a\r\n\r\n");
                }
                // Each client slowly reads a large part of its tarball, and one of them reads all of it, which verifies
                // the digest.
                List<Callable<@Nullable Void>> turns = new ArrayList<>();
                for (RawClient reader : readers) {
                    long bytes = reader == readers.get(0) ? (long) PIECES * PIECE_BYTES : BEGINNING_BYTES;
                    turns.add(() -> {
                        try (reader) {
                            reader.in().skipNBytes(bytes);
                        }
                        return null;
                    });
                }
                ExecutorService clients = Executors.newFixedThreadPool(READERS);
                for (Future<@Nullable Void> turn : clients.invokeAll(turns)) {
                    turn.get();
                }
                clients.shutdown();
            } finally {
                readers.forEach(RawClient::close);
                child.outputWriter().close();
            }
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).isZero();
        }
    }
}
